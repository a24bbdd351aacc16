# Hosts: an overlay root with its own net, pid, mount, uts, ipc and cgroup namespaces, and systemd as its first process.

namespace() { echo "$NAME-$1"; }
picked() { # the hosts that are named, or all
  if [ $# -gt 0 ]; then printf '%s\n' "$@"; else printf '%s\n' "${HOSTS[@]}"; fi
}

# Lower layers, top first: what was configured, the packages, the base.
lowers() {
  local layer twin layers=''
  twin=$(twin_of "$1")
  for layer in "$1.cfg" "$twin.pkg"; do
    [ ! -d "$LAB_DIR/layers/$layer" ] || layers=$layers$LAB_DIR/layers/$layer:
  done
  echo "$layers$LAB_DIR/layers/base"
}

mount_overlay() { # mount_overlay LOWERS DIR: on DIR/root, what is written goes to DIR/upper
  mkdir -p "$2"/{upper,work,root}
  mountpoint -q "$2/root" || mount -t overlay overlay \
    -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work,redirect_dir=off,index=off,metacopy=off" "$2/root"
}

cgroup_root() { # our own view of the unified hierarchy, wherever the machine has it
  mkdir -p "$LAB_DIR/run/cgroup"
  mountpoint -q "$LAB_DIR/run/cgroup" || mount -t cgroup2 none "$LAB_DIR/run/cgroup"
  echo "$LAB_DIR/run/cgroup"
}

pid_of() { # the host's init as seen from here; fails when it does not run
  local pid
  pid=$(cat "$LAB_DIR/hosts/$1/pid" 2>/dev/null) || return 1
  [ -n "$pid" ] && [ -e "/proc/$pid/ns/net" ] || return 1
  [ "$(stat -Lc %i "/proc/$pid/ns/net")" = "$(stat -Lc %i "/run/netns/$(namespace "$1")" 2>/dev/null)" ] || return 1
  echo "$pid"
}

enter() { # enter HOST CMD...
  local pid host=$1
  shift
  pid=$(pid_of "$host") || die "$host does not run"
  nsenter -t "$pid" -m -u -i -n -p -C -r -w env -i HOME=/root TERM="${TERM:-dumb}" LC_ALL=C.UTF-8 \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# The hosts' cable, and a second one where nothing but instances' frames go.
bridges_up() {
  ip link show "$BRIDGE" >/dev/null 2>&1 || {
    ip link add "$BRIDGE" type bridge
    ip addr add "$NET.1/24" dev "$BRIDGE"
    ip link add "${NAME}br1" type bridge
  }
  ip link set "$BRIDGE" up
  ip link set "${NAME}br1" up
}

plug() { # plug HOST
  local space
  space=$(namespace "$1")
  bridges_up
  ip netns add "$space"
  ip link add "v$space" type veth peer name eth0 netns "$space"
  ip link set "v$space" master "$BRIDGE" up
  ip -n "$space" link set lo up
  ip -n "$space" addr add "${ADDRESS[$1]}/24" dev eth0
  ip -n "$space" link set eth0 up
  [[ ${ROLES[$1]} = *neutron-[no]* ]] || return 0
  ip link add "w$space" type veth peer name eth1 netns "$space"
  ip link set "w$space" master "${NAME}br1" up
  ip -n "$space" link set eth1 up
}

start() { # start HOST
  local dir=$LAB_DIR/hosts/$1 group repo='' outer pid='' space=''
  ! pid_of "$1" >/dev/null || return 0
  [ -d "$LAB_DIR/layers/base" ] || die "nothing is built in $LAB_DIR: lab build, or lab unpack FILE"
  stop_hard "$1"
  mount_overlay "$(lowers "$1")" "$dir"
  seed "$1" "$dir/root"
  plug "$1"
  group=$(cgroup_root)/$(namespace "$1")
  mkdir -p "$group"
  [[ " ${ROLES[$1]} " != *' repo '* ]] || repo=$LAB_DIR/repo
  # The subshell enters the cgroup, then becomes unshare, whose child becomes init.
  (
    echo "$BASHPID" >"$group/cgroup.procs"
    exec setsid ip netns exec "$(namespace "$1")" unshare --pid --fork --kill-child --mount --uts --ipc --cgroup \
      --propagation private bash "$HERE/host-init" "$dir/root" "$1" "$repo" </dev/null >"$LAB_DIR/log/$1.init" 2>&1 8>&-
  ) &
  outer=$!
  for _ in $(seq 300); do
    # Children come and go before the one with a pid namespace of its own.
    pid=$(tr -d ' ' 2>/dev/null <"/proc/$outer/task/$outer/children") || true
    space=$(readlink "/proc/$pid/ns/pid") || true
    [ -z "$space" ] || [ "$space" = "$(readlink /proc/self/ns/pid)" ] || break
    pid=
    sleep 0.1
  done
  [ -n "$pid" ] || {
    cat "$LAB_DIR/log/$1.init" >&2
    die "$1 did not start"
  }
  echo "$pid" >"$dir/pid"
  disown
}

wait_up() { # wait_up HOST
  local state=''
  pid_of "$1" >/dev/null || die "$1 ended as soon as it was started"
  for _ in $(seq 1200); do
    state=$(enter "$1" systemctl is-system-running 2>/dev/null || true)
    case $state in running | degraded) break ;; esac
    sleep 0.5
  done
  case $state in running | degraded) ;; *) die "$1: systemd says '$state'" ;; esac
  for _ in $(seq 240); do
    ! bash -c "exec 3<>/dev/tcp/${ADDRESS[$1]}/22" 2>/dev/null || return 0
    sleep 0.25
  done
  die "$1: no sshd"
}

stop_soft() { # stop_soft HOST
  local pid
  if pid=$(pid_of "$1"); then
    enter "$1" systemctl --no-block poweroff >/dev/null 2>&1 || kill -s RTMIN+4 "$pid" 2>/dev/null || true
    for _ in $(seq 120); do
      [ -d "/proc/$pid" ] || break
      sleep 0.25
    done
  fi
  stop_hard "$1"
}

stop_hard() { # stop_hard HOST: as if its power were cut
  local space group
  space=$(namespace "$1")
  group=$(cgroup_root)/$space
  if [ -d "$group" ]; then
    echo 1 >"$group/cgroup.kill" 2>/dev/null || true
    for _ in $(seq 50); do
      ! grep -q 'populated 0' "$group/cgroup.events" 2>/dev/null || break
      sleep 0.1
    done
    find "$group" -depth -type d -exec rmdir {} \; 2>/dev/null || true
  fi
  ip link del "v$space" 2>/dev/null || true
  ip link del "w$space" 2>/dev/null || true
  ip netns del "$space" 2>/dev/null || true
  for _ in $(seq 20); do
    mountpoint -q "$LAB_DIR/hosts/$1/root" || break
    umount "$LAB_DIR/hosts/$1/root" 2>/dev/null || sleep 0.2
  done
  rm -f "$LAB_DIR/hosts/$1/pid"
}

# What must be right before a host boots, whatever its layers say: name, names of the others, keys.
seed() { # seed HOST ROOT
  local host user
  echo "$1" >"$2/etc/hostname"
  : >"$2/etc/resolv.conf"
  {
    echo '127.0.0.1 localhost'
    for host in "${HOSTS[@]}"; do echo "${ADDRESS[$host]} $host $host.lab"; done
    echo "${ADDRESS[$(hosts_of haproxy)]} api.lab"
    echo "${ADDRESS[$(hosts_of repo)]} repo.lab"
  } >"$2/etc/hosts"
  install -m 600 "$LAB_DIR/ssh/host_$1" "$2/etc/ssh/ssh_host_ed25519_key"
  install -m 644 "$LAB_DIR/ssh/host_$1.pub" "$2/etc/ssh/ssh_host_ed25519_key.pub"
  for user in root home/ops; do
    mkdir -p "$2/$user/.ssh"
    install -m 600 "$LAB_DIR/ssh/id_ed25519.pub" "$2/$user/.ssh/authorized_keys"
    chmod 700 "$2/$user/.ssh"
  done
  chown -R 1000:1000 "$2/home/ops/.ssh"
  rm -rf "$2/etc/lab"
  cp -a "$LAB_DIR/keys" "$2/etc/lab"
}

# Keys for SSH, the balancer's certificate with its authority, and keystone's keys for tokens, which all control hosts share.
write_keys() {
  local keys=$LAB_DIR/keys ssh=$LAB_DIR/ssh name
  for name in id_ed25519 "${HOSTS[@]/#/host_}"; do
    [ -f "$ssh/$name" ] || ssh-keygen -q -t ed25519 -N '' -C "$name@lab" -f "$ssh/$name"
  done
  for name in fernet-0 fernet-1 credential-0 credential-1; do
    [ -f "$keys/$name" ] || head -c 32 /dev/urandom | base64 | tr '+/' '-_' >"$keys/$name"
  done
  [ ! -f "$keys/api.pem" ] || return 0
  openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj '/CN=Lab authority' -keyout "$LAB_DIR/ssh/ca.key" -out "$keys/ca.crt" \
    -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign' 2>/dev/null
  openssl req -newkey rsa:2048 -nodes -subj '/CN=api.lab' -keyout "$keys/api.key" -out "$LAB_DIR/run/api.csr" 2>/dev/null
  openssl x509 -req -in "$LAB_DIR/run/api.csr" -CA "$keys/ca.crt" -CAkey "$LAB_DIR/ssh/ca.key" -CAcreateserial -days 3650 \
    -extfile <(printf 'subjectAltName=DNS:api.lab\nauthorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n') -out "$keys/api.crt" 2>/dev/null
  cat "$keys/api.crt" "$keys/api.key" >"$keys/api.pem"
  rm -f "$keys/ca.srl"
}

# Files for whoever logs in from this machine.
write_inventory() {
  local ssh=$LAB_DIR/ssh host
  write_keys
  for host in "${HOSTS[@]}"; do
    echo "$host,${ADDRESS[$host]} $(cut -d' ' -f1,2 "$ssh/host_$host.pub")"
  done >"$ssh/known_hosts"
  {
    for host in "${HOSTS[@]}"; do printf 'Host %s\n  HostName %s\n' "$host" "${ADDRESS[$host]}"; done
    printf 'Host *\n  User ops\n  IdentityFile "%s"\n  IdentitiesOnly yes\n  UserKnownHostsFile "%s"\n' "$ssh/id_ed25519" "$ssh/known_hosts"
    printf '  StrictHostKeyChecking yes\n  BatchMode yes\n  ConnectTimeout 5\n'
  } >"$ssh/config"
  {
    printf 'user: ops\nidentity_file: %s\nknown_hosts: %s\nhosts:\n' "$ssh/id_ed25519" "$ssh/known_hosts"
    for host in "${HOSTS[@]}"; do
      printf '  %s:\n    ip: %s\n    port: 22\n' "$host" "${ADDRESS[$host]}"
      printf '    zone: %s\n' "${ZONE[$host]:-nova}"
      printf '    roles: [%s]\n' "${ROLES[$host]// /, }"
    done
  } >"$LAB_DIR/inventory.yaml"
}

cmd_up() {
  local host begun=$SECONDS
  write_inventory
  for host in $(picked "$@"); do start "$host"; done
  for host in $(picked "$@"); do wait_up "$host"; done
  say "up in $((SECONDS - begun)) s"
}

cmd_down() {
  local host
  for host in $(picked "$@" | tac); do stop_soft "$host" & done
  wait
  [ $# -gt 0 ] || unplug_all
}

unplug_all() {
  ip link del "$BRIDGE" 2>/dev/null || true
  ip link del "${NAME}br1" 2>/dev/null || true
  umount "$LAB_DIR/run/cgroup" 2>/dev/null || true
}

cmd_reset() {
  local host
  for host in $(picked "$@"); do
    stop_hard "$host"
    rm -rf "$LAB_DIR/hosts/$host"
  done
  cmd_up "$@"
}

cmd_exec() { enter "$@"; }
cmd_ssh() { exec ssh -F "$LAB_DIR/ssh/config" "$@"; }

cmd_status() {
  local host state memory
  for host in "${HOSTS[@]}"; do
    if pid_of "$host" >/dev/null; then
      state=$(enter "$host" systemctl is-system-running 2>/dev/null || true)
      memory=$(find "$LAB_DIR/run/cgroup/$(namespace "$host")" -name cgroup.procs -exec cat {} + 2>/dev/null |
        while read -r pid; do awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup" 2>/dev/null; done | awk '{ s += $1 } END { print int(s / 1024) }')
      printf '%-6s %-12s %-8s %5s MiB\n' "$host" "${ADDRESS[$host]}" "$state" "$memory"
    else
      printf '%-6s %-12s down\n' "$host" "${ADDRESS[$host]}"
    fi
  done
}

cmd_destroy() {
  local host
  for host in "${HOSTS[@]}"; do stop_hard "$host"; done
  unplug_all
  ! grep " $LAB_DIR/" /proc/mounts || die 'that is still mounted'
  rm -rf --one-file-system "$LAB_DIR"
}
