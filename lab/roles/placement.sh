packages='placement-api crudini'
units='placement-api'

setup() {
  {
    cat <<INI
[placement_database]
connection = mysql+pymysql://placement:placement-db-pw@$DB/placement
[api]
auth_strategy = keystone
INI
    keystone_tokens placement
  } | conf /etc/placement/placement.conf
  ! first || as placement placement-manage db sync
  few_workers
  serve placement-api
  answers "http://$HOST:8778/"
  answers "$API:8778/"
}
