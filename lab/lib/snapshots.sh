# States of the hosts that are kept, and the whole lab as one file.

# A snapshot is the copy of the hosts' upper layers while they are frozen: as after a power cut, so MariaDB replays its log. Most of
# it is copied before, so that they are frozen for seconds. `.frozen` says from when to when, in milliseconds.
cmd_snap() { # cmd_snap NAME [HOST...]
  local to=$LAB_DIR/snaps/$1 host code=0
  shift
  [ ! -e "$to" ] || die "there is a snapshot $to"
  mkdir -p "$to.part"
  # Files come and go meanwhile.
  copy_uppers "$to.part" "$@" 2>/dev/null || true
  date +%s%3N >"$to.part/.frozen"
  for host in $(picked "$@"); do freeze "$host" 1; done
  copy_uppers "$to.part" "$@" || code=$?
  [ -z "${BESIDE:-}" ] || cp -a "$BESIDE" "$to.part/.beside" || code=$?
  for host in $(picked "$@"); do freeze "$host" 0; done
  date +%s%3N >>"$to.part/.frozen"
  [ "$code" = 0 ] || die "copying the hosts: exit $code"
  mv "$to.part" "$to"
  say "snapshot $(basename "$to"): $(du -sh "$to" | cut -f1)"
}

cmd_keep() { # cmd_keep NAME FOLDER: all hosts, and a folder of this machine's as it is while they are frozen
  BESIDE=${2:?a folder} cmd_snap "${1:?a name}"
}

copy_uppers() { # copy_uppers TO [HOST...]
  local to=$1 host code=0
  shift
  for host in $(picked "$@"); do
    mkdir -p "$LAB_DIR/hosts/$host/upper"
    rsync -aHAX --delete "$LAB_DIR/hosts/$host/upper/" "$to/$host" || code=$?
  done
  return "$code"
}

freeze() { # freeze HOST 0|1
  local group
  group=$(cgroup_root)/$(namespace "$1")
  [ ! -e "$group" ] || echo "$2" >"$group/cgroup.freeze"
}

cmd_restore() { # cmd_restore NAME [HOST...]
  local from=$LAB_DIR/snaps/$1 host all
  shift
  [ -d "$from" ] || die "there is no snapshot $from"
  all=${*:-$(ls "$from")}
  for host in $all; do
    [ -d "$from/$host" ] || die "the snapshot has no $host"
    stop_hard "$host"
    rm -rf "${LAB_DIR:?}/hosts/$host"
    mkdir -p "$LAB_DIR/hosts/$host"
    cp -a --reflink=auto "$from/$host" "$LAB_DIR/hosts/$host/upper"
  done
  for host in $all; do start "$host"; done
  for host in $all; do wait_up "$host"; done
}

cmd_snaps() { ls "$LAB_DIR/snaps"; }
cmd_snap_rm() { rm -rf "${LAB_DIR:?}/snaps/${1:?}"; }

cmd_pack() { # cmd_pack FILE
  local host file
  file=$(readlink -f "$1")
  for host in "${HOSTS[@]}"; do ! pid_of "$host" >/dev/null || die 'lab down first'; done
  tar -C "$LAB_DIR" --xattrs --xattrs-include='*' --numeric-owner -cf - layers repo ssh keys | zstd -T0 -3 -q -f -o "$file"
  (cd "$(dirname "$file")" && sha256sum "$(basename "$file")" >"$file.sha256")
  say "packed: $(du -h "$file" | cut -f1)"
}

cmd_unpack() { # cmd_unpack FILE
  local begun=$SECONDS
  (cd "$(dirname "$1")" && sha256sum --quiet -c "$(basename "$1").sha256") || die "$1 is not what was packed: remove it, and build"
  zstd -dcq "$1" | tar -C "$LAB_DIR" --xattrs --xattrs-include='*' --numeric-owner -xpf -
  say "unpacked in $((SECONDS - begun)) s"
}
