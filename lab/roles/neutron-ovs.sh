# Open vSwitch with its datapath in userspace, so that no kernel module is needed, and neutron's agent for it.
packages='neutron-openvswitch-agent openvswitch-switch crudini'
units='neutron-openvswitch-agent'

setup() {
  trust
  # Debian's unit wants the kernel's module first.
  mkdir -p /etc/systemd/system/ovs-vswitchd.service.d
  cat >/etc/systemd/system/ovs-vswitchd.service.d/userspace.conf <<'INI'
[Service]
ExecStart=
ExecStart=/usr/sbin/ovs-vswitchd unix:/run/openvswitch/db.sock --pidfile --detach --log-file
INI
  systemctl daemon-reload
  serve openvswitch-switch
  bridge br-phys
  ovs-vsctl --may-exist add-port br-phys eth1
  local mappings=physnet1:br-phys
  if [[ " ${HOSTS_OF[neutron-network]} " = *" $HOST "* ]]; then
    bridge br-ex
    mappings=$mappings,physnet2:br-ex
  fi
  {
    cat <<INI
[DEFAULT]
core_plugin = ml2
transport_url = $RABBIT
[oslo_concurrency]
lock_path = /var/lib/neutron/tmp
INI
    keystone_tokens neutron
  } | conf /etc/neutron/neutron.conf
  conf /etc/neutron/plugins/ml2/openvswitch_agent.ini <<INI
[ovs]
bridge_mappings = $mappings
datapath_type = netdev
local_ip = $IP
[securitygroup]
firewall_driver = openvswitch
INI
  serve neutron-openvswitch-agent
}

bridge() { ovs-vsctl --may-exist add-br "$1" -- set bridge "$1" datapath_type=netdev; }
