#: Shell: `stale_processes /proc` prints `PID UNIT PROGRAM` for every process that runs from a file that is gone: its program,
#: or a library. An upgrade leaves such ones, and they are the old release until they are restarted. Deleted memory that
#: never was a file of a package (`/memfd:`, `/SYSV`, `/dev`) does not count. The unit of systemd is `-` where there is none,
#: and for what people run: a unit of a person's own manager may bear the name of one of the host's.
stale_processes() {
  for proc in "$1"/[0-9]*; do
    exe=$(readlink "$proc/exe" 2>/dev/null) || continue
    case $exe in
      /memfd:*) continue ;;
      *" (deleted)") ;;
      *) awk "\$2 ~ /x/ && \$6 ~ /^.(usr|lib|lib64|opt)./ && \$NF == \"(deleted)\" { gone = 1; exit } END { exit !gone }" "$proc/maps" 2>/dev/null || continue ;;
    esac
    unit=$(sed -n "/\/user\.slice\//d; s|^[^:]*:[^:]*:.*/\([^/]*\.service\)\(/.*\)*$|\1|p" "$proc/cgroup" 2>/dev/null | head -n 1)
    echo "${proc##*/} ${unit:--} ${exe% (deleted)}"
  done
}
