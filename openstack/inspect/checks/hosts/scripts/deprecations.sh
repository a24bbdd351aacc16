for service in "$@"; do
  for log in /var/log/"$service"/*.log /var/log/"$service"/*.log.1 /var/log/apache2/"$service"*.log; do
    [ -r "$log" ] && tail -c 100000000 "$log" | grep -aF "is deprecated" | tail -n 5000
  done | sed -n \
    -e "s/.*Option \"\([^\"]*\)\" from group \"\([^\"]*\)\" is deprecated\. Use option \"\([^\"]*\)\" from group \"\([^\"]*\)\".*/\1\t\2\t\3\t\4/p" -e t \
    -e "s/.*Option \"\([^\"]*\)\" from group \"\([^\"]*\)\" is deprecated.*/\1\t\2\t\t/p" |
    sort -u | while IFS= read -r row; do printf "deprecated\t%s\t%s\n" "$service" "$row"; done
done