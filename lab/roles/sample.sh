# A little data, so that an upgrade has something to migrate: zones, an image, a flavor, a network, a server, and a volume and
# a stack where the cloud has such services. By the APIs themselves: OpenStack's client takes seconds for each word.
packages=''
units=''

setup() {
  login
  wait_for "$(wc -w <<<"${HOSTS_OF[nova-compute]}")" computes_up
  as nova nova-manage cell_v2 discover_hosts
  zones
  image
  local net zone
  thing m1.tiny flavors 8774/v2.1/flavors '{"flavor": {"name": "m1.tiny", "ram": 64, "disk": 1, "vcpus": 1}}'
  net=$(thing net1 networks 9696/v2.0/networks '{"network": {"name": "net1"}}')
  thing sub1 subnets 9696/v2.0/subnets "{\"subnet\": {\"name\": \"sub1\", \"network_id\": \"$net\", \"ip_version\": 4, \"cidr\": \"10.1.0.0/24\"}}"
  server vm1
  for zone in $(printf '%s\n' "${ZONE_OF[@]}" | sort -u); do server "vm-$zone" "$zone"; done
  ! in_cloud neutron-network || router
  ! in_cloud cinder || volume
  ! in_cloud heat || stack
}

login() {
  curl -fsS -D /run/token.headers -o /run/token.json -H 'Content-Type: application/json' "$API:35357/v3/auth/tokens" -d '
    {"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": "admin", "domain": {"name": "Default"}, "password": "admin-pw"}}},
      "scope": {"project": {"name": "admin", "domain": {"name": "Default"}}}}}'
  TOKEN=$(awk 'tolower($1) == "x-subject-token:" { print $2 }' /run/token.headers | tr -d '\r')
  PROJECT=$(jq -r .token.project.id /run/token.json)
}

api() { # api METHOD PORT/PATH [JSON]
  curl -fsS -X "$1" "$API:$2" -H "X-Auth-Token: $TOKEN" -H 'Content-Type: application/json' -H 'X-OpenStack-Nova-API-Version: 2.37' ${3:+-d "$3"}
}

thing() { # thing NAME PLURAL PORT/PATH JSON: its id; makes it where there is none of that name
  local id
  id=$(api GET "$3" | jq -r --arg name "$1" "[.$2[] | select((.name // .stack_name) == \$name) | .id][0] // empty")
  [ -n "$id" ] || id=$(api POST "$3" "$4" | jq -r '.id // (.[] | .id)')
  echo "$id"
}

wait_for() { # wait_for WORD CMD...: until it prints the word
  local word=$1
  shift
  for _ in $(seq 300); do
    [ "$("$@")" != "$word" ] || return 0
    sleep 2
  done
  "$@"
  return 1
}
computes_up() { api GET '8774/v2.1/os-services?binary=nova-compute' | jq '[.services[] | select(.state == "up")] | length'; }
state_of() { api GET "$1" | jq -r "$2"; } # state_of PORT/PATH FILTER

zones() {
  local host zone id
  for host in "${!ZONE_OF[@]}"; do
    zone=${ZONE_OF[$host]}
    id=$(thing "$zone" aggregates 8774/v2.1/os-aggregates "{\"aggregate\": {\"name\": \"$zone\", \"availability_zone\": \"$zone\"}}")
    api GET "8774/v2.1/os-aggregates/$id" | jq -e --arg host "$host" '.aggregate.hosts | index($host)' ||
      api POST "8774/v2.1/os-aggregates/$id/action" "{\"add_host\": {\"host\": \"$host\"}}"
  done
}

image() {
  local id
  id=$(thing cirros images 9292/v2/images '{"name": "cirros", "disk_format": "raw", "container_format": "bare", "visibility": "public"}')
  [ "$(state_of "9292/v2/images/$id" .status)" = active ] || head -c 1048576 /dev/urandom |
    curl -fsS -T - "$API:9292/v2/images/$id/file" -H "X-Auth-Token: $TOKEN" -H 'Content-Type: application/octet-stream'
}

server() { # server NAME [ZONE]
  local id image flavor
  image=$(thing cirros images 9292/v2/images '')
  flavor=$(thing m1.tiny flavors 8774/v2.1/flavors '')
  id=$(thing "$1" servers 8774/v2.1/servers "{\"server\": {\"name\": \"$1\", ${2:+\"availability_zone\": \"$2\",} \"networks\": \"none\",
    \"imageRef\": \"$image\", \"flavorRef\": \"$flavor\"}}")
  wait_for ACTIVE state_of "8774/v2.1/servers/$id" .server.status
}

router() {
  local net id subnet
  net=$(thing public networks 9696/v2.0/networks '{"network": {"name": "public", "router:external": true,
    "provider:network_type": "flat", "provider:physical_network": "physnet2"}}')
  thing public subnets 9696/v2.0/subnets "{\"subnet\": {\"name\": \"public\", \"network_id\": \"$net\", \"ip_version\": 4, \"cidr\": \"172.24.4.0/24\", \"enable_dhcp\": false}}"
  id=$(thing router1 routers 9696/v2.0/routers "{\"router\": {\"name\": \"router1\", \"external_gateway_info\": {\"network_id\": \"$net\"}}}")
  subnet=$(thing sub1 subnets 9696/v2.0/subnets '')
  [ "$(api GET "9696/v2.0/ports?device_id=$id&device_owner=network:router_interface" | jq '.ports | length')" != 0 ] ||
    api PUT "9696/v2.0/routers/$id/add_router_interface" "{\"subnet_id\": \"$subnet\"}"
}

volume() {
  local id
  id=$(thing vol1 volumes "8776/v3/$PROJECT/volumes" '{"volume": {"name": "vol1", "size": 1}}')
  wait_for available state_of "8776/v3/$PROJECT/volumes/$id" .volume.status
}

stack() {
  thing stack1 stacks "8004/v1/$PROJECT/stacks" '{"stack_name": "stack1", "template": {"heat_template_version": "2018-08-31",
    "resources": {"text": {"type": "OS::Heat::RandomString"}}}}'
  wait_for CREATE_COMPLETE state_of "8004/v1/$PROJECT/stacks" '.stacks[0].stack_status'
}
