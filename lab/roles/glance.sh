packages='glance mariadb-client crudini python3-pymysql python3-memcache'
units='glance-api'

setup() {
  trust
  {
    cat <<INI
[database]
connection = mysql+pymysql://glance:glance-db-pw@$DB/glance
[paste_deploy]
flavor = keystone
[glance_store]
stores = file,http
default_store = file
filesystem_store_datadir = /var/lib/glance/images
[DEFAULT]
workers = 1
INI
    keystone_tokens glance
  } | conf /etc/glance/glance-api.conf
  ! first || as glance glance-manage db_sync
  few_workers
  serve glance-api
  answers "http://$HOST:9292/"
  answers "$API:9292/"
}
