[ -e /etc/apache2/sites-available/default-ssl.conf ] && grep -q . /etc/debian_version && echo "ssl-site	yes"
[ -e /etc/apache2/mods-enabled/ssl.load ] && echo "ssl-module	yes"
grep -Rqs "WSGIScriptAlias" /etc/apache2/sites-enabled /etc/apache2/conf-enabled && grep -q "^ID=debian" /etc/os-release && echo "debian-wsgi	yes"
grep -RqsE "^[^#]*WSGIApplicationGroup[[:space:]]+%\{GLOBAL\}" /etc/apache2/sites-enabled /etc/apache2/conf-enabled && echo "global-group	yes"
for page in http://127.0.0.1/horizon/auth/login/ http://127.0.0.1/auth/login/; do
  html=$(curl -sf -m 10 "$page") || continue
  printf "%s" "$html" | grep -oE "href=\"[^\"]*\.css[^\"]*\"" | sed "s/^href=.//; s/.$//" | while read -r path; do
    printf "sheet\t%s\t%s\n" "$path" "$(curl -s -m 10 -o /dev/null -w "%{http_code}" "http://127.0.0.1$path")"
  done
  break
done
exit 0