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
