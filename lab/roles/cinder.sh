packages='cinder-api cinder-scheduler cinder-volume python3-cinderclient crudini'
units='cinder-api cinder-scheduler cinder-volume'

setup() {
  {
    cat <<INI
[DEFAULT]
transport_url = $RABBIT
my_ip = $IP
auth_strategy = keystone
osapi_volume_workers = 1
enabled_backends = fake
[fake]
volume_backend_name = fake
volume_driver = cinder.tests.fake_driver.FakeLoggingVolumeDriver
[database]
connection = mysql+pymysql://cinder:cinder-db-pw@$DB/cinder
[oslo_concurrency]
lock_path = /var/lib/cinder/tmp
INI
    keystone_tokens cinder
    keystone_login nova nova
    keystone_login service_user cinder
    echo 'send_service_user_token = true'
  } | conf /etc/cinder/cinder.conf
  ! first || as cinder cinder-manage db sync
  few_workers
  serve cinder-api
  answers "http://$HOST:8776/"
  answers "$API:8776/"
  serve cinder-scheduler cinder-volume
}
