# include: stale-processes.sh
of_units() {
  stale_processes /proc | while read -r pid unit program; do
    for name in "$@"; do
      case $unit in "$name"|"$name.service") echo "$pid $unit $program" ;; esac
    done
  done
}
