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

/** postinst and the others of a package with a daemon, as dh_installinit writes them. */
export const daemonScripts = (name: string, { boot = 'defaults', before = '' } = {}) => ({
  postinst: `[ "$1" = configure ] || exit 0
${before}
update-rc.d ${name} ${boot} >/dev/null
if [ -n "$2" ]; then invoke-rc.d ${name} restart || exit $?
else invoke-rc.d ${name} start || exit $?
fi`,
  prerm: `[ "$1" != remove ] || invoke-rc.d ${name} stop || exit $?`,
  postrm: `[ "$1" != purge ] || update-rc.d ${name} remove >/dev/null`,
});

/** Logs that each user of the service may write, in a directory that stays root's. */
export const logDirectory = (name: string): string =>
  `mkdir -p /var/log/${name}; chmod 1777 /var/log/${name}`;
