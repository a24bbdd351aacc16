# The whole service with nova's own fake driver: no hypervisor.
packages='nova-compute crudini'
units=nova-compute

setup() {
  trust
  {
    cat <<INI
[DEFAULT]
transport_url = $RABBIT
compute_driver = $COMPUTE_DRIVER
my_ip = $IP
vif_plugging_is_fatal = false
vif_plugging_timeout = 0
[api]
auth_strategy = keystone
[glance]
api_servers = $API:9292
[vnc]
enabled = false
INI
    keystone_tokens nova
    keystone_login placement placement
    keystone_login neutron neutron
    keystone_login service_user nova
    echo 'send_service_user_token = true'
  } | conf /etc/nova/nova.conf
  [ ! -f /etc/nova/nova-compute.conf ] || printf '[DEFAULT]\ncompute_driver = %s\n' "$COMPUTE_DRIVER" | conf /etc/nova/nova-compute.conf
  serve nova-compute
  sleep 5
  systemctl is-active nova-compute
}
