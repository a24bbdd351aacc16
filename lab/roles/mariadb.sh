packages=mariadb-server

setup() {
  cat >/etc/mysql/mariadb.conf.d/99-openstack.cnf <<'INI'
[mysqld]
bind-address = 0.0.0.0
max_connections = 1000
innodb_file_per_table = on
innodb_flush_log_at_trx_commit = 2
character-set-server = utf8
collation-server = utf8_general_ci
# A dump that names its place in the log wants a log.
log_bin = mysql-bin
server_id = 11
expire_logs_days = 1
skip-name-resolve
INI
  serve mariadb
  local service names name
  for service in keystone glance placement neutron cinder nova heat; do
    in_cloud $service || continue
    names=$service
    [ $service != nova ] || names='nova nova_api nova_cell0'
    for name in $names; do
      mariadb -e "CREATE DATABASE IF NOT EXISTS $name CHARACTER SET utf8; GRANT ALL ON $name.* TO '$service'@'%' IDENTIFIED BY '$service-db-pw'"
    done
  done
}
