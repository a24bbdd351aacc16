# A little data, so that an upgrade has something to migrate: zones, an image, a flavor, a network, a server, and a volume and
# a stack where the cloud has such services.
packages=''
units=''

setup() {
  . /root/openrc
  computes_up
  as nova nova-manage cell_v2 discover_hosts
  zones
  head -c 1048576 /dev/urandom >/tmp/image
  has image cirros || openstack image create --disk-format raw --container-format bare --public --file /tmp/image cirros
  has flavor m1.tiny || openstack flavor create --ram 64 --disk 1 --vcpus 1 m1.tiny
  has network net1 || openstack network create net1
  has subnet sub1 || openstack subnet create --network net1 --subnet-range 10.1.0.0/24 sub1
  server vm1
  ! in_cloud neutron-network || network
  if in_cloud cinder; then
    has volume vol1 || openstack volume create --size 1 vol1
    becomes available openstack volume show -f value -c status vol1
  fi
  if in_cloud heat; then
    printf 'heat_template_version: 2018-08-31\nresources:\n  text:\n    type: OS::Heat::RandomString\n' >/root/stack.yaml
    has stack stack1 || openstack stack create -t /root/stack.yaml stack1
    becomes CREATE_COMPLETE openstack stack show -f value -c stack_status stack1
  fi
}

has() { openstack "$1" show "$2" >/dev/null 2>&1; }
becomes() { # becomes WORD CMD...
  local word=$1
  shift
  for _ in $(seq 60); do
    [ "$("$@")" != "$word" ] || return 0
    sleep 2
  done
  "$@"
  return 1
}

computes_up() {
  local all
  all=$(wc -w <<<"${HOSTS_OF[nova-compute]}")
  for _ in $(seq 60); do
    [ "$(openstack compute service list --service nova-compute -f value -c State | grep -c up)" != "$all" ] || break
    sleep 2
  done
  openstack compute service list
}

zones() {
  local host zone
  for host in "${!ZONE_OF[@]}"; do
    zone=${ZONE_OF[$host]}
    has aggregate "$zone" || openstack aggregate create --zone "$zone" "$zone"
    openstack aggregate show -f value -c hosts "$zone" | grep -q "$host" || openstack aggregate add host "$zone" "$host"
  done
}

# By the API itself: some clients' --nic none is broken.
server() { # server NAME [ZONE]
  has server "$1" || curl -fsS -X POST "$API:8774/v2.1/servers" -H "X-Auth-Token: $(openstack token issue -f value -c id)" \
    -H 'Content-Type: application/json' -H 'X-OpenStack-Nova-API-Version: 2.37' \
    -d "{\"server\":{\"name\":\"$1\",${2:+\"availability_zone\":\"$2\",}\"networks\":\"none\",\"imageRef\":\"$(openstack image show -f value -c id cirros)\",\"flavorRef\":\"$(openstack flavor show -f value -c id m1.tiny)\"}}"
  becomes ACTIVE openstack server show -f value -c status "$1"
}

# A router to the outside, and a server in each zone.
network() {
  local zone
  has network public || openstack network create --external --provider-network-type flat --provider-physical-network physnet2 public
  has subnet public || openstack subnet create --network public --subnet-range "172.24.4.0/24" --no-dhcp public
  has router router1 || openstack router create router1
  openstack router set --external-gateway public router1
  openstack router add subnet router1 sub1 || true
  for zone in $(printf '%s\n' "${ZONE_OF[@]}" | sort -u); do server "vm-$zone" "$zone"; done
}
