import type { PlacedHost } from '../hosts/host.ts';

/** What is there, such as `ctl1 package nova-api` → its version and state. */
export type JunoSnapshot = Readonly<Record<string, string>>;

type Run = (host: string, script: string) => Promise<string>;

// Of each: a line with a key, a tab and the value. The diaries of steps and the dumps stay after a rollback, by design. Above
// the lines of a crontab its file says when it was installed.
const perHost = `
{ find /etc /opt /srv /var/spool/cron /var/lib/openstack-dashboard /usr/share/openstack-dashboard /usr/sbin/policy-rc.d /root \\
  \\( -path /etc/alternatives -o -path /srv/mirror -o -path /root/.hopscotch -o -name .hopscotch.?????? \\) -prune -o -printf 'file %p\\t%y %m %U:%G %l\\n'
find /etc /opt /srv /var/spool/cron /var/lib/openstack-dashboard /usr/share/openstack-dashboard /usr/sbin/policy-rc.d /root \\
  \\( -path /etc/alternatives -o -path /srv/mirror -o -path /root/.hopscotch -o -name .hopscotch.?????? -o -path /var/spool/cron/crontabs \\) -prune -o -type f -exec sha256sum {} + |
  sed 's/^\\([^ ]*\\)  \\(.*\\)/content \\2\\t\\1/'
} 2>/dev/null
for crontab in /var/spool/cron/crontabs/*; do
  [ ! -e "$crontab" ] || echo "crontab \${crontab##*/}	$(crontab -u "\${crontab##*/}" -l | sha256sum)"
done
dpkg-query --show --showformat 'package \${Package}\\t\${Version} \${db:Status-Abbrev}\\n'
apt-mark showhold | sed 's/.*/hold &\\t/'
apt-mark showmanual | sed 's/.*/manual &\\t/'
for script in /etc/init.d/*; do
  "$script" status >/dev/null 2>&1; echo "service \${script##*/}	exit $?"
done`;

// Columns: http://docs.haproxy.org/2.6/management.html#9.3-show%20servers%20state
const loadBalancer = `perl -MIO::Socket::UNIX -e '
my $admin = IO::Socket::UNIX->new(Peer => "/run/haproxy/admin.sock") or exit 0;
print $admin "show servers state\\n";
for (<$admin>) { my @at = split; print "haproxy $at[1]/$at[3]\\tadmin state $at[6], weight $at[7]\\n" if /^\\d+ \\w/ }'`;

const mysql = 'mysql --defaults-file=/etc/mysql/debian.cnf -N -B --default-character-set=utf8';
const dump =
  'mysqldump --defaults-file=/etc/mysql/debian.cnf --default-character-set=utf8 --skip-comments --skip-dump-date --skip-extended-insert --order-by-primary';

// Left out: counters of tables, which a restart of the server moves too, and tokens that have expired, which nobody wants back.
const databases = `${mysql} -e "SELECT schema_name FROM information_schema.schemata WHERE schema_name NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema') ORDER BY 1" | while read -r name; do
  echo "== database $name"
  { ${dump} --routines --triggers --events --ignore-table=keystone.token --databases "$name"
    [ "$name" != keystone ] || ${dump} --where='expires >= UTC_TIMESTAMP()' keystone token
  } | sed -e '/sandbox mode/d' -e 's/ AUTO_INCREMENT=[0-9]*//'
done
${mysql} -e "SELECT CONCAT(QUOTE(user), '@', QUOTE(host)) FROM mysql.user WHERE user <> 'mariadb.sys' ORDER BY 1" | while read -r user; do
  echo "== grants $user"
  ${mysql} -e "SHOW GRANTS FOR $user" | sort
done`;

/** Reads what Roll back must put back: files, packages and holds, sources, cron, databases, services, HAProxy's states. */
export async function takeJunoSnapshot(
  hosts: readonly PlacedHost[],
  run: Run,
): Promise<JunoSnapshot> {
  const found = await Promise.all(
    hosts.map(async ({ name, roles }) => [
      ...linesOf(name, await run(name, `${perHost}; :`)),
      ...(roles.includes('lb') ? linesOf(name, await run(name, loadBalancer)) : []),
      ...(roles.includes('database') ? sectionsOf(name, await run(name, databases)) : []),
    ]),
  );
  return Object.fromEntries(found.flat());
}

const linesOf = (host: string, text: string): [string, string][] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [key = '', value = ''] = line.split('\t');
      return [`${host} ${key}`, value];
    });

const sectionsOf = (host: string, text: string): [string, string][] =>
  text
    .split(/^== /m)
    .slice(1)
    .map((section) => {
      const end = section.indexOf('\n');
      return [`${host} ${section.slice(0, end)}`, section.slice(end + 1)];
    });

/** A line for every difference, such as `ctl1 package nova-api: 1:2014.2.4 ii -> 1:2015.1.4 ii`; of a dump, those of its lines. */
export function junoDifferences(before: JunoSnapshot, after: JunoSnapshot): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  return keys.flatMap((key) => {
    const [was, is] = [before[key], after[key]];
    if (was === is) return [];
    if (was === undefined) return [`${key}: was not there`];
    if (is === undefined) return [`${key}: is gone`];
    if (!was.includes('\n')) return [`${key}: ${was.trim()} -> ${is.trim()}`];
    return changedLines(was, is).map((line) => `${key}: ${line}`);
  });
}

function changedLines(was: string, is: string): string[] {
  const [old, now] = [was.split('\n'), is.split('\n')];
  const lines = [
    ...without(old, now).map((line) => `- ${line}`),
    ...without(now, old).map((line) => `+ ${line}`),
  ];
  return lines.length === 0 ? ['the same lines in another order or number'] : lines;
}

function without(some: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return some.filter((line) => !known.has(line));
}
