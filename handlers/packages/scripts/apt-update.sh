#: Old lists stay: they are what a rollback lives on when their archive is gone.
update() { LC_ALL=C DEBIAN_FRONTEND=noninteractive apt-get -q -o APT::Get::List-Cleanup=0 "$@" update 2>&1; }
