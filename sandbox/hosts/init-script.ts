/** An init script as LSB wants it: https://refspecs.linuxbase.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/iniscrptact.html */
export const initScript = (name: string, start: string, pidFile = `/run/${name}.pid`): string =>
  `#!/bin/sh
### BEGIN INIT INFO
# Provides:          ${name}
# Required-Start:    $remote_fs
# Required-Stop:     $remote_fs
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: ${name}
### END INIT INFO
pidfile=${pidFile}

# A process that has ended and waits for its parent has no command line.
running() {
  [ -s "$pidfile" ] && pid=$(cat "$pidfile") && [ -n "$(tr -d '\\0' 2>/dev/null <"/proc/$pid/cmdline")" ]
} 2>/dev/null

case "$1" in
  start)
    running && exit 0
    ${start}
    ;;
  stop)
    running || exit 0
    kill "$pid"
    while running; do sleep 0.02; done
    rm -f "$pidfile"
    ;;
  restart|force-reload|reload)
    "$0" stop && "$0" start
    ;;
  status)
    if running; then echo " * ${name} is running"; exit 0; fi
    if [ -e "$pidfile" ]; then echo " * ${name} is not running, but $pidfile exists"; exit 1; fi
    echo " * ${name} is not running"
    exit 3
    ;;
  *)
    echo "Usage: $0 {start|stop|restart|force-reload|reload|status}" >&2
    exit 2
    ;;
esac
`;
