# keystone has two ways in: 5000 for people, which is drained, and 35357 for services and the operator, which stays open.
packages='haproxy socat'

setup() {
  local tls=''
  if [ "$TLS" = yes ]; then
    install -m 600 /etc/lab/api.pem /etc/haproxy/api.pem
    tls=' ssl crt /etc/haproxy/api.pem'
  fi
  cat >/etc/haproxy/haproxy.cfg <<'CFG'
global
    log /dev/log local0
    stats socket /run/haproxy/admin.sock mode 660 level admin expose-fd listeners
    stats timeout 30s
    user haproxy
    group haproxy
    daemon
    maxconn 1000
defaults
    log global
    mode http
    option httplog
    option forwardfor
    timeout connect 5s
    timeout client 120s
    timeout server 120s
    # An OpenStack API answers 200 or 300 at /
    option httpchk GET /
    http-check expect status 200,300
    default-server check inter 2s fall 3 rise 2
CFG
  listen keystone_public 5000 5000 keystone
  listen keystone_admin 35357 5000 keystone
  listen glance 9292 9292 glance
  listen nova 8774 8774 nova
  listen placement 8778 8778 placement
  listen neutron 9696 9696 neutron
  listen cinder 8776 8776 cinder
  listen heat 8004 8004 heat
  tls='' listen horizon 80 80 horizon
  haproxy -c -f /etc/haproxy/haproxy.cfg
  serve haproxy
}

listen() { # listen NAME PORT SERVER_PORT ROLE
  local host
  in_cloud "$4" || return 0
  {
    printf 'listen %s\n    bind *:%s%s\n' "$1" "$2" "$tls"
    [ -z "$tls" ] || echo '    http-request set-header X-Forwarded-Proto https'
    [ "$1" != horizon ] || printf '    option httpchk HEAD /\n    http-check expect rstatus (2|3)[0-9][0-9]\n'
    for host in ${HOSTS_OF[$4]}; do echo "    server $host $host:$3"; done
  } >>/etc/haproxy/haproxy.cfg
}
