packages='heat-api heat-api-cfn heat-engine python3-heatclient crudini'
units='heat-api heat-api-cfn heat-engine'

setup() {
  {
    cat <<INI
[DEFAULT]
transport_url = $RABBIT
num_engine_workers = 1
stack_domain_admin = heat_domain_admin
stack_domain_admin_password = heat_domain_admin-pw
stack_user_domain_name = heat
heat_metadata_server_url = $API:8000
heat_waitcondition_server_url = $API:8000/v1/waitcondition
[database]
connection = mysql+pymysql://heat:heat-db-pw@$DB/heat
[heat_api]
workers = 1
INI
    keystone_tokens heat
    keystone_login trustee heat
    printf '[clients_keystone]\nauth_uri = %s:35357\n' "$API"
  } | conf /etc/heat/heat.conf
  if first; then
    as heat heat-manage db_sync
    people
  fi
  few_workers
  serve heat-api
  answers "http://$HOST:8004/"
  answers "$API:8004/"
  serve heat-api-cfn heat-engine
}

people() {
  . /root/openrc
  openstack <<'WORDS' || true # some releases of the client exit 1 at the end of its input
domain create --or-show heat
user create --or-show --domain heat --password heat_domain_admin-pw heat_domain_admin
role add --domain heat --user-domain heat --user heat_domain_admin admin
role create --or-show heat_stack_user
WORDS
}
