for service in "$@"; do
  for log in /var/log/"$service"/*.log /var/log/apache2/"$service"*.log; do
    [ -r "$log" ] && tail -n 5000 "$log"
  done | grep -a "is deprecated" | sed -n \
    -e "s/.*Option \"\([^\"]*\)\" from group \"\([^\"]*\)\" is deprecated\. Use option \"\([^\"]*\)\" from group \"\([^\"]*\)\".*/\1\t\2\t\3\t\4/p" -e t \
    -e "s/.*Option \"\([^\"]*\)\" from group \"\([^\"]*\)\" is deprecated.*/\1\t\2\t\t/p" |
    sort -u | while IFS= read -r row; do printf "deprecated\t%s\t%s\n" "$service" "$row"; done
done