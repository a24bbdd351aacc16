# Routers, DHCP and metadata, on the Open vSwitch of the same host.
packages='neutron-l3-agent neutron-dhcp-agent neutron-metadata-agent crudini'
units='neutron-l3-agent neutron-dhcp-agent neutron-metadata-agent'

setup() {
  printf '[DEFAULT]\ninterface_driver = openvswitch\n' | conf /etc/neutron/l3_agent.ini
  printf '[DEFAULT]\ninterface_driver = openvswitch\nenable_isolated_metadata = true\n' | conf /etc/neutron/dhcp_agent.ini
  printf '[DEFAULT]\nnova_metadata_host = %s\nmetadata_proxy_shared_secret = metadata-pw\nmetadata_workers = 1\n' "${HOSTS_OF[nova]%% *}" |
    conf /etc/neutron/metadata_agent.ini
  serve neutron-l3-agent neutron-dhcp-agent neutron-metadata-agent
}
