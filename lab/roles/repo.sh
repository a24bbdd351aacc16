packages=nginx-light

setup() {
  echo 'server { listen 80 default_server; root /srv/repo; autoindex on; access_log /var/log/nginx/access.log; }' >/etc/nginx/sites-available/default
  serve nginx
  answers http://repo.lab/debian/dists/
}
