packages='neutron-server crudini'
units='neutron-api neutron-rpc-server'

setup() {
  {
    cat <<INI
[DEFAULT]
core_plugin = ml2
service_plugins = router
transport_url = $RABBIT
auth_strategy = keystone
api_workers = 1
rpc_workers = 1
rpc_state_report_workers = 0
notify_nova_on_port_status_changes = true
notify_nova_on_port_data_changes = true
[database]
connection = mysql+pymysql://neutron:neutron-db-pw@$DB/neutron
[oslo_concurrency]
lock_path = /var/lib/neutron/tmp
INI
    keystone_tokens neutron
    keystone_login nova nova
  } | conf /etc/neutron/neutron.conf
  conf /etc/neutron/plugins/ml2/ml2_conf.ini <<'INI'
[ml2]
type_drivers = flat,vlan,vxlan
tenant_network_types = vlan
mechanism_drivers = openvswitch
extension_drivers = port_security
[ml2_type_vlan]
network_vlan_ranges = physnet1:100:199
[ml2_type_flat]
flat_networks = *
INI
  ! first || as neutron neutron-db-manage --config-file /etc/neutron/neutron.conf --config-file /etc/neutron/plugins/ml2/ml2_conf.ini upgrade head
  few_workers
  serve neutron-api
  answers "http://$HOST:9696/"
  answers "$API:9696/"
  serve neutron-rpc-server
}
