# And what every service needs there: its user, its service and endpoints. regionOne is what Debian's packages expect.
packages='keystone python3-openstackclient crudini mariadb-client python3-pymysql python3-memcache'
units=keystone

setup() {
  trust
  conf /etc/keystone/keystone.conf <<INI
[database]
connection = mysql+pymysql://keystone:keystone-db-pw@$DB/keystone
[token]
provider = fernet
[cache]
enabled = true
backend = dogpile.cache.memcached
memcache_servers = $CACHE
[oslo_middleware]
enable_proxy_headers_parsing = true
INI
  local kind number
  for kind in fernet credential; do
    install -d -o keystone -g keystone -m 700 /etc/keystone/$kind-keys
    for number in 0 1; do install -o keystone -g keystone -m 600 /etc/lab/$kind-$number /etc/keystone/$kind-keys/$number; done
  done
  if first; then
    as keystone keystone-manage db_sync
    keystone-manage bootstrap --bootstrap-password admin-pw --bootstrap-admin-url "$API:35357/v3" \
      --bootstrap-internal-url "$API:35357/v3" --bootstrap-public-url "$API:5000/v3" --bootstrap-region-id regionOne
  fi
  few_workers
  serve keystone
  cat >/root/openrc <<RC
export OS_USERNAME=admin OS_PASSWORD=admin-pw OS_PROJECT_NAME=admin OS_USER_DOMAIN_NAME=Default OS_PROJECT_DOMAIN_NAME=Default
export OS_AUTH_URL=$API:35357/v3 OS_IDENTITY_API_VERSION=3 OS_IMAGE_API_VERSION=2 OS_INTERFACE=internal
RC
  install -o ops -m 600 /root/openrc /home/ops/openrc
  answers "http://$HOST:5000/v3"
  answers "$API:35357/v3"
  ! first || catalog
}

# One process of the client with commands on its stdin. Some releases of it exit 1 at their end: the count decides.
catalog() {
  local name type path
  . /root/openrc
  {
    echo 'project create --or-show service'
    while read -r name type path; do
      in_cloud "$name" || continue
      echo "user create --or-show --domain default --password $name-pw $name"
      echo "role add --project service --user $name admin"
      echo "role add --project service --user $name service"
      echo "service create --name $name $type"
      for kind in public internal admin; do echo "endpoint create --region regionOne $type $kind $API:$path"; done
    done <<'T'
glance image 9292
placement placement 8778
nova compute 8774/v2.1
neutron network 9696
cinder volumev3 8776/v3
heat orchestration 8004/v1/%(project_id)s
T
  } >/run/catalog
  openstack endpoint list -f value -c ID | wc -l | grep -qx "$(endpoints)" || openstack </run/catalog || true
  openstack endpoint list -f value -c ID | wc -l | grep -qx "$(endpoints)"
}

endpoints() { echo $(($(grep -c '^endpoint' /run/catalog) + 3)); }
