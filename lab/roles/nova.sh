# Placement serves already: conductor and scheduler give up when it does not.
packages='nova-api nova-conductor nova-scheduler crudini'
units='nova-api nova-api-metadata nova-conductor nova-scheduler'

setup() {
  {
    cat <<INI
[DEFAULT]
transport_url = $RABBIT
my_ip = $IP
osapi_compute_workers = 1
metadata_workers = 1
[api_database]
connection = mysql+pymysql://nova:nova-db-pw@$DB/nova_api
[database]
connection = mysql+pymysql://nova:nova-db-pw@$DB/nova
[api]
auth_strategy = keystone
[scheduler]
discover_hosts_in_cells_interval = 30
workers = 1
[conductor]
workers = 1
[glance]
api_servers = $API:9292
[oslo_concurrency]
lock_path = /var/lib/nova/tmp
INI
    keystone_tokens nova
    keystone_login placement placement
    keystone_login neutron neutron
    if in_cloud neutron-network; then
      printf 'service_metadata_proxy = true\nmetadata_proxy_shared_secret = metadata-pw\n'
    fi
    keystone_login service_user nova
    echo 'send_service_user_token = true'
    ! in_cloud cinder || keystone_login cinder cinder | grep -v region_name
  } | conf /etc/nova/nova.conf
  ! first || schema
  few_workers
  serve nova-api
  answers "http://$HOST:8774/"
  answers "$API:8774/"
  serve nova-conductor nova-scheduler
  ! in_cloud neutron-network || serve nova-api-metadata
}

schema() {
  as nova nova-manage api_db sync
  as nova nova-manage cell_v2 map_cell0 --database_connection "mysql+pymysql://nova:nova-db-pw@$DB/nova_cell0"
  as nova nova-manage cell_v2 list_cells | grep -q ' cell1 ' || as nova nova-manage cell_v2 create_cell --name=cell1 --verbose
  as nova nova-manage db sync
}
