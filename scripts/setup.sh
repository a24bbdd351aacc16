#!/bin/sh
# Sees that the programs are there which the sandbox, the tests and the embedded Redis run; installs them where it may, else
# names the one command to run. Silent and fast when nothing is missing.
set -eu
PATH=$PATH:/usr/sbin:/sbin

missing=
need() { # PACKAGE PROGRAM...: one of the programs is enough
  package=$1
  shift
  for program; do
    if command -v "$program" >/dev/null; then return; fi
  done
  missing="$missing $package"
}
need redis-server redis-server valkey-server
need openssh-server sshd
need openssh-client ssh-keygen
need bubblewrap bwrap
need curl curl
need util-linux nsenter
need uidmap newuidmap
need mariadb-server mariadbd mysqld
need python3-oslo.config oslo-config-validator
need haproxy haproxy
need memcached memcached
need socat socat
need cron crontab
need python3 python3
need shellcheck shellcheck
need lua5.1 luac5.1

[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
  echo "Missing here:$missing (Debian's names). The sandbox needs Debian or Ubuntu; elsewhere run it in a container." >&2
  exit 1
fi

if [ "$(id -u)" != 0 ]; then
  if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then exec sudo -n sh "$0"; fi
  echo "Missing here:$missing. Run this once, then try again:" >&2
  echo "  sudo sh -c 'apt-get update && apt-get install --yes --no-install-recommends$missing'" >&2
  exit 1
fi

echo "Installing$missing" >&2
# A bare system has no package lists. Nothing that is installed is started: not by an init script, for which run level 1 is
# enough, nor by systemd.
policy=${POLICY_RC_D:-/usr/sbin/policy-rc.d}
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 1' HUP INT TERM
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
apt-get -qq update
# shellcheck disable=SC2086 # one word a package
apt-get -qq install --yes --no-install-recommends $missing >/dev/null
