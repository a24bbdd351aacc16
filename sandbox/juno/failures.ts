interface Action {
  readonly host: string;
  readonly script: string;
}

interface Scripts {
  readonly on?: readonly Action[];
  readonly off?: readonly Action[];
}

const on =
  (host: string) =>
  (script: string): readonly Action[] => [{ host, script }];
const ctl1 = on('ctl1');
const db1 = on('db1');

const sql = (...statements: readonly string[]): readonly Action[] =>
  db1(`mysql --defaults-file=/etc/mysql/debian.cnf <<'END'\n${statements.join(';\n')};\nEND`);

/** Nothing is started by what dpkg does meanwhile. */
const withoutStarts = (
  line: string,
): string => `printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d
${line} >/dev/null 2>&1
rm /usr/sbin/policy-rc.d`;

const onNova = (script: string): readonly Action[] =>
  ['ctl1', 'cmp1', 'cmp2'].map((host) => ({ host, script }));

export const failureNames = [
  'resizedInstances',
  'nullUuids',
  'wrongSubnet',
  'tokenCron',
  'noBinaryLog',
  'fullDisk',
  'horizonWithoutStyles',
  'mixedPackages',
  'keystoneRespawn',
  'deprecatedOptions',
  'firstKilo',
] as const;

export type JunoFailure = (typeof failureNames)[number];

/** Every failure of the story, as scripts for hosts that bring its cause about and take it away. */
export const junoFailures: Readonly<Record<JunoFailure, Scripts>> = {
  /** Two instances wait for the confirmation of a resize and one is busy: migrate_flavor_data leaves them out. */
  resizedInstances: {
    on: sql(
      "UPDATE nova.instances SET vm_state = 'resized' WHERE id IN (2, 3)",
      "UPDATE nova.instances SET task_state = 'rebuilding' WHERE id = 4",
    ),
    off: sql(
      "UPDATE nova.instances SET vm_state = 'active' WHERE id IN (2, 3)",
      'UPDATE nova.instances SET task_state = NULL WHERE id = 4',
    ),
  },
  /** Rows that Kilo's migration 267 refuses. */
  nullUuids: {
    on: sql(
      "INSERT INTO nova.instances (deleted, id, display_name, vm_state) VALUES (0, 901, 'lost', 'error'), (0, 902, 'lost', 'error')",
    ),
    off: sql('DELETE FROM nova.instances WHERE id IN (901, 902)'),
  },
  /** An external subnet that covers the other one of its network. */
  wrongSubnet: {
    on: sql("UPDATE neutron.subnets SET cidr = '203.0.113.0/24' WHERE name = 'ext-a'"),
    off: sql("UPDATE neutron.subnets SET cidr = '203.0.113.0/25' WHERE name = 'ext-a'"),
  },
  /** The hourly flush of tokens, which upgrades must take out. */
  tokenCron: {
    on: ctl1(
      `echo '0 * * * * /usr/bin/keystone-manage token_flush >>/var/log/keystone/keystone-tokenflush.log 2>&1' | crontab -u keystone -`,
    ),
    off: ctl1('crontab -u keystone -r'),
  },
  /** mysqldump --master-data ends with 1381. */
  noBinaryLog: {
    on: db1(
      `printf '[mysqld]\\nskip-log-bin\\n' >/etc/mysql/conf.d/log.cnf; /etc/init.d/mysql restart`,
    ),
    off: db1('rm -f /etc/mysql/conf.d/log.cnf; /etc/init.d/mysql restart'),
  },
  /** Where dumps go there are 64 KiB. */
  fullDisk: {
    on: db1(
      'mkdir -p -m 700 /var/backups/hopscotch; mount -t tmpfs -o size=64k,mode=700 tmpfs /var/backups/hopscotch',
    ),
    off: db1('umount /var/backups/hopscotch'),
  },
  /** Whatever is installed collects no style sheets, until the dashboard is purged. */
  horizonWithoutStyles: {
    on: ctl1('mkdir -p /var/lib/openstack-dashboard; : >/var/lib/openstack-dashboard/stuck-assets'),
    off: ctl1('rm -rf /var/lib/openstack-dashboard'),
  },
  /** Packages of three releases on one host, which apt cannot put right by itself. */
  mixedPackages: {
    on: ctl1(`cd /srv/mirror/ubuntu/pool
for one in kilo liberty; do
  echo "deb [trusted=yes] file:/srv/mirror/ubuntu trusty-updates/$one main" >/etc/apt/sources.list.d/cloudarchive-$one.list
done
${withoutStarts(`dpkg --force-depends --force-confold -i nova-common_2015.1.4-*.deb python-nova_12.*.deb`)}
apt-get -q update >/dev/null`),
    off: ctl1(`cd /srv/mirror/ubuntu/pool
rm -f /etc/apt/sources.list.d/cloudarchive-kilo.list /etc/apt/sources.list.d/cloudarchive-liberty.list
${withoutStarts(`dpkg --force-confold -i nova-common_2014.*.deb python-nova_2014.*.deb`)}
apt-get -q update >/dev/null`),
  },
  /** Upstart's respawn: keystone's own daemon comes back as soon as Apache has a site for its ports. */
  keystoneRespawn: {
    on: ctl1(`setsid sh -c 'echo $$ >/run/keystone-respawn.pid
while sleep 0.05; do
  if [ -e /etc/apache2/sites-enabled/wsgi-keystone.conf ]; then /etc/init.d/keystone start; fi
done' </dev/null >/dev/null 2>&1 &`),
    off: ctl1('kill "$(cat /run/keystone-respawn.pid)"; rm /run/keystone-respawn.pid'),
  },
  /** Options under old names in the configuration of every release; only where a cloud is started with it. */
  deprecatedOptions: {},
  /** apt takes nova's first Kilo release, whose migrate_flavor_data is broken. */
  firstKilo: {
    on: onNova(
      `printf 'Package: nova-* python-nova\\nPin: version 1:2015.1.0-*\\nPin-Priority: 900\\n' >/etc/apt/preferences.d/nova`,
    ),
    off: onNova('rm -f /etc/apt/preferences.d/nova'),
  },
};
