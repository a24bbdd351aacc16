version=$(rabbitmqctl version </dev/null) || exit 1
printf "version\t%s\n" "$version"
rabbitmqctl -q status </dev/null >/dev/null || exit 1
printf "answers\n"
rabbitmqctl -q list_vhosts name --no-table-headers </dev/null | while read -r vhost; do
  rabbitmqctl -q list_queues -p "$vhost" name type durable --no-table-headers </dev/null |
    awk -F "\t" "{ print \"queue\t\" \$1 \"\t\" \$2 \"\t\" \$3 }"
done
rabbitmq-diagnostics -q alarms </dev/null | grep -iE "alarm.*on node|blocked" | sed "s/^/alarm\t/"
exit 0
