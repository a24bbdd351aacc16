packages=rabbitmq-server

setup() {
  serve rabbitmq-server
  rabbitmqctl await_startup
  rabbitmqctl add_user openstack rabbit-pw || rabbitmqctl change_password openstack rabbit-pw
  rabbitmqctl set_permissions openstack '.*' '.*' '.*'
}
