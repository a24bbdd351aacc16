# shellcheck disable=SC2016 # what is quoted expands on the host
# Things that go wrong, on purpose. Each can be undone.

cmd_fault() { # cmd_fault NAME [HOST] [WORD...]
  local name=${1:-help} host=${2:-} cable database
  shift $(($# < 2 ? $# : 2))
  cable=v$(namespace "$host")
  database=$(hosts_of mariadb)
  case $name in
    net-down) ip link set "$cable" down ;; # the cable is pulled: ssh hangs, nothing says no
    net-up) ip link set "$cable" up ;;
    slow) tc qdisc replace dev "$cable" root tbf rate "${1:-64kbit}" burst 4kb latency 2s ;; # slow HOST RATE
    no-slow) tc qdisc del dev "$cable" root ;;
    unroute) nsenter -t "$(pid_of "$host")" -n ip route add blackhole "${1:?address}" ;; # HOST cannot reach ADDRESS
    reroute) nsenter -t "$(pid_of "$host")" -n ip route del blackhole "${1:?address}" ;;
    ssh-cut) enter "$host" sh -c 'systemctl stop ssh.service ssh.socket 2>/dev/null; pkill -9 -x "sshd|sshd-session"; true' ;; # sessions die too
    ssh-back) enter "$host" systemctl start ssh ;;
    hang) freeze "$host" 1 ;; # it stops answering and keeps its connections
    unhang) freeze "$host" 0 ;;
    power-cut) stop_hard "$host" ;; # back with: lab up HOST
    disk-full) enter "$host" mount -t tmpfs -o "size=${2:-4m}" tmpfs "${1:?path}" ;; # disk-full HOST PATH SIZE: PATH is empty and has SIZE left
    disk-ok) enter "$host" umount "${1:?path}" ;;
    path-ro) enter "$host" sh -c 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1"' _ "${1:?path}" ;;
    path-rw) enter "$host" umount "${1:?path}" ;;
    db-ro) enter "$database" mariadb -e 'SET GLOBAL read_only=1' ;; # error 1290 for the services, not for root
    db-rw) enter "$database" mariadb -e 'SET GLOBAL read_only=0' ;;
    db-stop) enter "$database" systemctl stop mariadb ;;
    db-start) enter "$database" systemctl start mariadb ;;
    repo-down) enter "$(hosts_of repo)" systemctl stop nginx ;;
    repo-up) enter "$(hosts_of repo)" systemctl start nginx ;;
    backend) echo "set server ${host:?BACKEND/SERVER} state ${1:?ready, drain or maint}" | enter "$(hosts_of haproxy)" socat stdio /run/haproxy/admin.sock ;;
    *) sed -n 's/^    \([a-z-]*\)) \(.*\)/  \1/p' "$HERE/lib/faults.sh" ;;
  esac
}
