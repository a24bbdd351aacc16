# From nothing to configured hosts. Each piece leaves a mark, so a build that was stopped goes on where it was.

done_already() { [ -f "$LAB_DIR/layers/$1.done" ]; }
mark() { touch "$LAB_DIR/layers/$1.done"; }

install_needs() { # programs of this machine that a bare Debian does not have
  local need missing=''
  for need in debootstrap:debootstrap ip:iproute2 ssh-keygen:openssh-client zstd:zstd openssl:openssl nsenter:util-linux curl:curl rsync:rsync; do
    command -v "${need%%:*}" >/dev/null || missing="$missing ${need#*:}"
  done
  [ -n "$missing" ] || return 0
  say "installing$missing"
  apt-get -qq update
  # shellcheck disable=SC2086 # one word a package
  DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends $missing >/dev/null
}

# The archive is whatever this machine's own apt uses. It is asked once: for a moment that costs a processor.
archive() { # archive main|security
  local all known=$LAB_DIR/run/archives
  [ -s "$known" ] || {
    all=$(apt-get indextargets --format "\$(REPO_URI)" 'Created-By: Packages' | sort -u)
    [ -n "$all" ] || {
      apt-get -qq update >&2
      all=$(apt-get indextargets --format "\$(REPO_URI)" 'Created-By: Packages' | sort -u)
    }
    echo "$all" >"$known"
  }
  if [ "$1" = security ]; then grep -m1 security "$known" || true; else grep -v security "$known" | grep -m1 debian; fi
}

archive_sources() { # archive_sources SUITE ROOT: Debian's archive, while building
  local main security
  main=$(archive main) || die "this machine's apt knows no Debian archive"
  security=$(archive security)
  rm -rf "$2"/etc/apt/sources.list.d/*
  {
    echo "deb $main $1 main"
    case $1 in
      sid) ;;
      *)
        echo "deb $main $1-updates main"
        [ -z "$security" ] || echo "deb $security $1-security main"
        ;;
    esac
  } >"$2/etc/apt/sources.list"
  apt-config dump Acquire | grep -E '::(Proxy|Check-)' >"$2/etc/apt/apt.conf.d/98build" || true
  cp /etc/resolv.conf /etc/hosts "$2/etc/"
}

host_sources() { # host_sources SUITE ROOT: what hosts see
  rm -rf "$2"/etc/apt/sources.list.d/* "$2/etc/apt/apt.conf.d/98build" "$2"/var/lib/apt/lists/*
  echo "deb [trusted=yes] http://repo.lab/debian $1 main" >"$2/etc/apt/sources.list"
  : >"$2/etc/resolv.conf"
}

inside() { # inside ROOT SUITE SCRIPT: in a chroot that shares the packages fetched of SUITE
  # shellcheck disable=SC2016 # expands inside
  unshare --mount --pid --fork --kill-child bash -c '
    mount -t proc proc "$1/proc"; mount --bind /dev "$1/dev"
    mkdir -p "$1/var/cache/apt/archives"; mount --bind "$2" "$1/var/cache/apt/archives"
    exec chroot "$1" env -i HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin sh -ec "$3"' \
    _ "$1" "$LAB_DIR/debs/$2" "$3"
}

logged() { # logged LOG CMD...: its output goes to a log, whose end is shown when it fails
  local log=$LAB_DIR/log/$1
  shift
  "$@" >>"$log" 2>&1 </dev/null && return 0
  tail -25 "$log" >&2
  die "that failed ($log); build again to go on from here"
}

APT='apt-get -q -y --no-install-recommends -o APT::Keep-Downloaded-Packages=true -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold'
BASE=ca-certificates,openssh-server,sudo,python3-minimal,iproute2,iputils-ping,procps,less,curl,systemd,systemd-sysv,libpam-systemd,dbus,init,cron,logrotate,rsyslog,netbase,jq,vim-tiny,psmisc,apt-utils,lsof,zstd

# taking WORDS: what apt is told, its fetching one host at a time, as hosts of a suite share what is fetched
taking() { echo "exec 9>/var/cache/apt/archives/turn; flock 9; $APT -d $*; exec 9>&-; $APT -o Debug::NoLocking=true $*"; }

# Python's modules are compiled when apt is done, all at once: package by package that is most of the time which packages take.
# Nor does dpkg wait for the disk at each file, which on a busy machine takes minutes: a lab is made anew.
quick_packages() { # quick_packages ROOT
  echo force-unsafe-io >"$1/etc/dpkg/dpkg.cfg.d/quick"
  printf '#!/bin/sh\nexit 0\n' >"$1/usr/local/bin/py3compile"
  chmod +x "$1/usr/local/bin/py3compile"
  # apt gives dpkg a PATH of its own.
  cat >"$1/etc/apt/apt.conf.d/99python" <<'CONF'
DPkg::Path "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
DPkg::Post-Invoke { "python3 -m compileall -q -j 8 /usr/lib/python3/dist-packages >/dev/null 2>&1 || true"; };
CONF
}

build_base() {
  local base=$LAB_DIR/layers/base script=''
  ! done_already base || return 0
  say "base: debootstrap $OLD"
  rm -rf "$base"
  # An older debootstrap does not know newer suites, which are all made alike.
  [ -e "/usr/share/debootstrap/scripts/$OLD" ] || script=/usr/share/debootstrap/scripts/sid
  logged base debootstrap --variant=minbase "--include=$BASE" "$OLD" "$base" "$(archive main)" ${script:+"$script"}
  mv "$base"/var/cache/apt/archives/*.deb "$LAB_DIR/debs/$OLD/"
  archive_sources "$OLD" "$base"
  # ops becomes root without a password, root logs in by key, sshd asks no DNS, nothing waits at a console.
  logged base inside "$base" "$OLD" "apt-get -q update; $APT full-upgrade
    useradd -m -u 1000 -s /bin/bash ops; echo 'ops ALL=(ALL) NOPASSWD:ALL' >/etc/sudoers.d/ops; chmod 440 /etc/sudoers.d/ops
    printf 'UseDNS no\nPermitRootLogin prohibit-password\nHostKey /etc/ssh/ssh_host_ed25519_key\nMaxStartups 100\n' >/etc/ssh/sshd_config.d/lab.conf
    rm -f /etc/ssh/ssh_host_*
    systemctl mask -q console-getty.service getty@.service systemd-networkd.service systemd-resolved.service e2scrub_reap.service \
      systemd-firstboot.service apt-daily.timer apt-daily-upgrade.timer
    tr -d - </proc/sys/kernel/random/uuid >/etc/machine-id; mkdir -p /var/log/journal"
  host_sources "$OLD" "$base"
  quick_packages "$base"
  mark base
}

in_overlay() { # in_overlay HOST SUITE LOG SCRIPT: on a fresh overlay over the host, with Debian's archive; leaves what it wrote in run/HOST/upper
  local dir=$LAB_DIR/run/$1
  umount "$dir/root" 2>/dev/null || true
  rm -rf "$dir"
  mount_overlay "$(lowers "$1")" "$dir"
  archive_sources "$2" "$dir/root"
  echo "$1" >"$dir/root/etc/hostname"
  echo "127.0.0.1 localhost $1" >"$dir/root/etc/hosts"
  printf '#!/bin/sh\nexit 101\n' >"$dir/root/usr/sbin/policy-rc.d"
  chmod +x "$dir/root/usr/sbin/policy-rc.d"
  logged "$3" inside "$dir/root" "$2" "apt-get -q update; $4"
  rm "$dir/root/usr/sbin/policy-rc.d"
  host_sources "$2" "$dir/root"
  umount "$dir/root"
}

# Nothing starts before it is configured; what wants hardware or a kernel of its own never does.
build_packages() { # build_packages HOST
  local packages units suite
  ! done_already "$1.pkg" || return 0
  packages=$(of_host "$1" packages)
  units=$(of_host "$1" units)
  suite=$(suite_of "$1")
  say "$1: packages of $suite"
  rm -rf "$LAB_DIR/layers/$1.pkg"
  in_overlay "$1" "$suite" "$1.pkg" "$(taking full-upgrade); $(taking install "$packages")
    for unit in $units; do systemctl disable -q \$unit.service || true; done
    systemctl mask -q libvirtd.service libvirtd.socket libvirtd-ro.socket libvirtd-admin.socket libvirtd-tcp.socket libvirtd-tls.socket \
      libvirt-guests.service virtlogd.service virtlogd.socket virtlockd.service virtlockd.socket iscsid.service iscsid.socket open-iscsi.service \
      lvm2-monitor.service lvm2-lvmpolld.socket multipathd.service || true"
  mv "$LAB_DIR/run/$1/upper" "$LAB_DIR/layers/$1.pkg"
  rm -rf "$LAB_DIR/run/$1"
  mark "$1.pkg"
}

# Every package that the host's upgrade may want, without installing it.
fetch_new() { # fetch_new HOST
  ! done_already "$1.new" || return 0
  say "$1: fetching packages of $NEW"
  in_overlay "$1" "$NEW" "$1.new" "exec 9>/var/cache/apt/archives/turn; flock 9; $APT -d full-upgrade; $APT -d install $(of_host "$1" packages)"
  rm -rf "$LAB_DIR/run/$1"
  mark "$1.new"
}

# Refuses to begin when the suites have moved on from what the cloud is about.
check_versions() {
  local name old new suite found wanted one apt root=$LAB_DIR/run/versions
  ! done_already versions || return 0
  for suite in "$OLD" "$NEW"; do
    [ ${#EXPECTED[@]} -gt 0 ] || break
    mkdir -p "$root/$suite"/{lists,cache/archives}/partial
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(archive main) $suite main" >"$root/$suite/sources"
    apt=(-o "Dir::Etc::SourceList=$root/$suite/sources" -o Dir::Etc::SourceParts=/dev/null -o "Dir::State::Lists=$root/$suite/lists"
      -o "Dir::Cache=$root/$suite/cache" -o Dir::State::status=/dev/null -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null)
    logged versions apt-get "${apt[@]}" -qq update
    for one in "${EXPECTED[@]}"; do
      read -r name old new <<<"$one"
      wanted=$([ "$suite" = "$OLD" ] && echo "$old" || echo "$new")
      found=$(apt-cache "${apt[@]}" policy "$name" | awk '/Candidate:/ { print $2 }')
      say "$suite has $name $found"
      [[ $found = "$wanted"* ]] || die "$suite has $name ${found:-not}, and this cloud is about $wanted: it is not the hop any more"
    done
  done
  rm -rf "$root"
  mark versions
}

# One small unsigned repository of all that was fetched, for both suites: hosts need no other, and can go back.
build_repository() {
  local suite repo=$LAB_DIR/repo/debian
  ! done_already repo || return 0
  say 'repository: indexes'
  for suite in "$OLD" "$NEW"; do
    mkdir -p "$repo/pool/$suite" "$repo/dists/$suite/main/binary-amd64"
    ln -f "$LAB_DIR/debs/$suite"/*.deb "$repo/pool/$suite/"
    # shellcheck disable=SC2016 # expands inside
    logged repo unshare --mount bash -c 'mkdir -p "$1/mnt"; mount --bind "$2" "$1/mnt"; exec chroot "$1" sh -ec "
      cd /mnt; apt-ftparchive packages pool/$3 >dists/$3/main/binary-amd64/Packages; gzip -9kf dists/$3/main/binary-amd64/Packages
      cd dists/$3; o=APT::FTPArchive::Release
      apt-ftparchive -o \$o::Origin=Debian -o \$o::Suite=$3 -o \$o::Codename=$3 -o \$o::Components=main -o \$o::Architectures=amd64 release . >/tmp/Release
      mv /tmp/Release Release"' _ "$LAB_DIR/layers/base" "$repo" "$suite"
  done
  mark repo
}

# Boots the hosts, sets up role after role, and keeps what that wrote as a layer.
configure() {
  local host role works work
  ! [ -f "$LAB_DIR/layers/done" ] || return 0
  cmd_up
  for role in "${ROLE_ORDER[@]}"; do
    works=()
    for host in $(hosts_of "$role"); do
      if [ "$host" = "$(hosts_of "$role" | head -1)" ]; then
        set_up_once "$host" "$role"
      else
        set_up_once "$host" "$role" &
        works+=($!)
      fi
    done
    for work in "${works[@]}"; do wait "$work" || die "$role has failed on a host, as said above"; done
  done
  cmd_down
  for host in "${HOSTS[@]}"; do
    rm -rf "$LAB_DIR/layers/$host.cfg"
    mv "$LAB_DIR/hosts/$host/upper" "$LAB_DIR/layers/$host.cfg"
    rm -rf "$LAB_DIR/hosts/$host"
  done
  touch "$LAB_DIR/layers/done"
}

set_up_once() { # set_up_once HOST ROLE
  ! done_already "$1.$2" || return 0
  say "$1: $2"
  logged "$1.setup" set_up "$1" "$2"
  mark "$1.$2"
}

set_up() { # set_up HOST ROLE
  echo "--- $2"
  enter "$1" bash -ec "$(settings_of "$1" "$2"; cat "$HERE/roles/common" "$HERE/roles/$2.sh"); set -x; setup"
}

# Hosts beside each other: what one of them fetches, others find, and where one waits another works.
cmd_fetch() {
  local host works=() work
  check_versions
  write_inventory
  build_base
  for host in "${HOSTS[@]}"; do
    [ "$(twin_of "$host")" = "$host" ] || continue
    (
      build_packages "$host"
      fetch_new "$host"
    ) &
    works+=($!)
  done
  for work in "${works[@]}"; do wait "$work" || die 'one of the hosts has failed, as said above'; done
  build_repository
}

cmd_build() {
  local begun=$SECONDS
  cmd_fetch
  configure
  say "built in $((SECONDS - begun)) s: $(du -xsh "$LAB_DIR" | cut -f1) in $LAB_DIR"
}
