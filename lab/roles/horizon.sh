packages='openstack-dashboard openstack-dashboard-apache'
units=apache2

setup() {
  # The package enables default-ssl without mod_ssl, and apache then refuses to start.
  a2dissite -q default-ssl || true
  sed -i "s#^OPENSTACK_HOST *=.*#OPENSTACK_HOST = \"api.lab\"#; s#^ALLOWED_HOSTS *=.*#ALLOWED_HOSTS = [\"*\"]#
    s#^OPENSTACK_KEYSTONE_URL *=.*#OPENSTACK_KEYSTONE_URL = \"$API:35357/v3\"#" /etc/openstack-dashboard/local_settings.py
  serve apache2
}
