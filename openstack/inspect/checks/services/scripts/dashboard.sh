[ -e /etc/apache2/sites-available/default-ssl.conf ] && grep -q . /etc/debian_version && echo "ssl-site	yes"
[ -e /etc/apache2/mods-enabled/ssl.load ] && echo "ssl-module	yes"
grep -Rqs "WSGIScriptAlias" /etc/apache2/sites-enabled /etc/apache2/conf-enabled && grep -q "^ID=debian" /etc/os-release && echo "debian-wsgi	yes"
grep -RqsE "^[^#]*WSGIApplicationGroup[[:space:]]+%\{GLOBAL\}" /etc/apache2/sites-enabled /etc/apache2/conf-enabled && echo "global-group	yes"
alias=$(grep -RhiE "^[[:space:]]*WSGIScriptAlias[[:space:]].*(openstack-dashboard|openstack_dashboard|horizon)" /etc/apache2/sites-enabled /etc/apache2/conf-enabled 2>/dev/null | awk "NR == 1 { sub(/\/+\$/, \"\", \$2); print \"=\" \$2 }")
[ -z "$alias" ] || printf "folder\t%s\n" "${alias#=}"
alias=${alias#=}
for base in "${1%/}" "http://127.0.0.1$alias" http://127.0.0.1/horizon http://127.0.0.1; do
  [ -n "$base" ] || continue
  site=$(printf "%s" "$base" | sed "s,^\(https*://[^/]*\).*,\1,")
  html=$(curl -sfk -m 10 "$base/auth/login/") || continue
  printf "%s" "$html" | grep -oE "href=\"[^\"]*\.css[^\"]*\"" | sed "s/^href=.//; s/.$//" | while read -r path; do
    printf "sheet\t%s\t%s\n" "$path" "$(case $path in http*) ;; *) path=$site$path ;; esac; curl -sk -m 10 -o /dev/null -w "%{http_code}" "$path")"
  done
  break
done
exit 0