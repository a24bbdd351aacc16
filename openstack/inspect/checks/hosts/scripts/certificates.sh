#: shellcheck disable=SC2010 asks whether one of them is there
haproxy=$(cat <<"END"
# include: ../../../../../handlers/balancer/scripts/haproxy-certificates.awk
END
)
{
  LC_ALL=C awk "$haproxy" "${1:-/etc/haproxy/haproxy.cfg}" | while IFS="	" read -r kind path base; do
    if [ "$kind" = crt ]; then printf "%s\n" "$path"; continue; fi
    sed "s/^[[:space:]]*//; /^#/d; /^$/d; s/[[:space:]].*//" "$path" | while read -r one; do
      case $one in /*) printf "%s\n" "$one" ;; *) printf "%s\n" "${base:+$base/}$one" ;; esac
    done
  done
  grep -Rhi "^[[:space:]]*SSLCertificateFile" /etc/apache2/sites-enabled /etc/apache2/conf-enabled |
    sed "s/^[[:space:]]*[^[:space:]]*[[:space:]]*//; s/[[:space:]]*$//; s/^\"\(.*\)\"$/\1/; s,^[^/],/etc/apache2/&,"
} 2>/dev/null | sort -u | while read -r path; do
  if [ -d "$path" ]; then
    find -L "$path" -maxdepth 1 -type f ! -name ".*" ! -name "*.issuer" ! -name "*.ocsp" ! -name "*.sctl" ! -name "*.key"
  elif [ ! -e "$path" ] && ls -- "$path".rsa "$path".ecdsa "$path".dsa 2>/dev/null | grep -q .; then
    ls -- "$path".rsa "$path".ecdsa "$path".dsa 2>/dev/null
  else echo "$path"; fi
done | sort -u | while read -r path; do
  printf "certificate\t%s\t%s\n" "$path" "$(openssl x509 -noout -enddate -in "$path" 2>/dev/null | sed "s/^notAfter=//")"
done