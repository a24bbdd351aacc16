packages=memcached

setup() {
  sed -i 's/^-l .*/-l 0.0.0.0/; s/^-m .*/-m 64/' /etc/memcached.conf
  serve memcached
}
