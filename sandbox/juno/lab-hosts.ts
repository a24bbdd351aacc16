import { readFileSync } from 'node:fs';
import type { HostSpec } from '../hosts/host.ts';
import type { JunoPackage } from './archive.ts';
import { basePackages } from './base-packages.ts';
import {
  controlFiles,
  neutronFiles,
  novaFiles,
  type JunoConfigOptions,
  type ConfigFiles,
} from './configs.ts';

import { openstackPackages } from './openstack-packages.ts';
import { configurePackages, unpackedPackages, withDependencies } from './preinstalled.ts';

/** Who owns files and runs programs, as Ubuntu's packages make them. */
const users: Readonly<Record<string, number>> = {
  'www-data': 33,
  keystone: 110,
  glance: 111,
  nova: 112,
  neutron: 113,
  horizon: 114,
  memcache: 115,
  haproxy: 116,
  mysql: 117,
};

const lines = (of: (name: string, id: number) => string): string =>
  Object.entries(users)
    .map(([name, id]) => `${of(name, id)}\n`)
    .join('');

const common: ConfigFiles = {
  'etc/passwd': `root:x:0:0:root:/root:/bin/sh\n${lines((name, id) => `${name}:x:${id}:${id}::/var/lib/${name}:/bin/false`)}nobody:x:65534:65534::/nonexistent:/bin/false\n`,
  'etc/group': `root:x:0:\nadm:x:4:\n${lines((name, id) => `${name}:x:${id}:`)}nogroup:x:65534:\n`,
  'etc/os-release':
    'NAME="Ubuntu"\nVERSION="14.04.6 LTS, Trusty Tahr"\nID=ubuntu\nID_LIKE=debian\nPRETTY_NAME="Ubuntu 14.04.6 LTS"\nVERSION_ID="14.04"\nVERSION_CODENAME=trusty\n',
  'etc/apt/sources.list': 'deb [trusted=yes] file:/srv/mirror/ubuntu trusty main\n',
  'etc/apt/sources.list.d/cloudarchive-juno.list':
    'deb [trusted=yes] file:/srv/mirror/ubuntu trusty-updates/juno main\n',
  'etc/pam.d/runuser':
    'auth sufficient pam_rootok.so\naccount sufficient pam_permit.so\nsession required pam_permit.so\n',
};

const login = '[client]\nuser = hopscotch\npassword = hopscotch-secret\nhost = db1\n';

const haproxy = (): string => {
  const backends = [
    ['keystone_public', 5000],
    ['keystone_admin', 35357],
    ['glance_api', 9292],
    ['nova_api', 8774],
    ['neutron_api', 9696],
    ['horizon', 80],
  ] as const;
  return `global
  stats socket /run/haproxy/admin.sock mode 600 level admin
  maxconn 200
defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
${backends
  .map(
    ([name, port]) => `
frontend ${name}_in
  bind lb1:${port}
  default_backend ${name}
backend ${name}
  server ctl1 ctl1:${port} check inter 500ms rise 1 fall 2
`,
  )
  .join('')}`;
};

// Small and quick; what is committed survives a killed host, not a machine without power.
const mariadb = `[mysqld]
user = root
datadir = /var/lib/mysql
socket = /run/mysqld/mysqld.sock
pid-file = /run/mysqld/mysqld.pid
bind-address = db1
port = 3306
server-id = 1
log-bin = /var/log/mysql/mysql-bin
skip-name-resolve
character-set-server = utf8
innodb-buffer-pool-size = 16M
innodb-log-file-size = 8M
innodb-data-file-path = ibdata1:4M:autoextend
innodb-autoextend-increment = 4
innodb-flush-log-at-trx-commit = 2
loose-debug-no-sync
aria-pagecache-buffer-size = 1M
key-buffer-size = 1M
performance-schema = off
!includedir /etc/mysql/conf.d
`;

const openrc = `export OS_AUTH_URL=http://ctl1:35357/v3
export OS_IDENTITY_API_VERSION=3
export OS_USERNAME=admin
export OS_PASSWORD=admin-password
export OS_TENANT_NAME=admin
export OS_PROJECT_NAME=admin
export OS_ENDPOINT_TYPE=internalURL
`;

const seed = (): string => readFileSync(new URL('databases.sql', import.meta.url), 'utf8');

interface Role {
  readonly packages: readonly string[];
  readonly files: ConfigFiles;
  /** Shell, after the packages and files are there and before services start. */
  readonly before?: string;
  readonly after?: string;
}

const controlPackages = [
  'keystone',
  'python-keystoneclient',
  'python-openstackclient',
  'glance',
  'python-glanceclient',
  'nova-api',
  'nova-cert',
  'nova-conductor',
  'nova-consoleauth',
  'nova-novncproxy',
  'nova-scheduler',
  'python-novaclient',
  'neutron-server',
  'neutron-plugin-ml2',
  'python-neutronclient',
  'openstack-dashboard',
  'python-memcache',
  'apache2',
  'libapache2-mod-wsgi',
  'memcached',
  'cron',
];

const roles = (options: JunoConfigOptions): Readonly<Record<string, Role>> => ({
  lb: { packages: ['haproxy'], files: { 'etc/haproxy/haproxy.cfg': haproxy() } },
  database: {
    packages: ['mariadb-server'],
    files: {
      'etc/mysql/my.cnf': mariadb,
      'etc/mysql/conf.d/empty.cnf': '',
      'root/.hopscotch.cnf': login,
      'etc/mysql/debian.cnf':
        '[client]\nuser = root\npassword = root-secret\nsocket = /run/mysqld/mysqld.sock\n',
      'var/lib/seed.sql': seed(),
    },
    before:
      'mariadb-install-db --no-defaults --user=root --datadir=/var/lib/mysql --skip-test-db --auth-root-authentication-method=normal --innodb-data-file-path=ibdata1:4M:autoextend --innodb-autoextend-increment=4 --innodb-log-file-size=8M --loose-debug-no-sync >/dev/null 2>&1',
    after:
      'mysql --no-defaults --user=root --socket=/run/mysqld/mysqld.sock --default-character-set=utf8 </var/lib/seed.sql && rm /var/lib/seed.sql',
  },
  control: {
    packages: controlPackages,
    files: {
      ...controlFiles('juno', options),
      'root/.hopscotch.cnf': login,
      'root/openrc': openrc,
    },
  },
  network: {
    packages: [
      'neutron-plugin-openvswitch-agent',
      'neutron-l3-agent',
      'neutron-dhcp-agent',
      'neutron-metadata-agent',
    ],
    files: neutronFiles('juno', options),
  },
  compute: {
    packages: ['nova-compute', 'neutron-plugin-openvswitch-agent'],
    files: { ...novaFiles('juno', options), ...neutronFiles('juno', options) },
  },
});

const places: Readonly<Record<string, string>> = {
  lb1: 'lb',
  db1: 'database',
  ctl1: 'control',
  net1: 'network',
  cmp1: 'compute',
  cmp2: 'compute',
};

/** The hosts of a small Juno cloud on Ubuntu 14.04. */
export const junoHosts = (options: JunoConfigOptions = {}): readonly HostSpec[] =>
  Object.entries(places).map(([name, role]) => {
    const { packages, files, before = '', after = '' } = roles(options)[role]!;
    const wanted = ['ubuntu-cloud-keyring', ...packages];
    const installed = withDependencies(wanted, offered);
    return {
      name,
      roles: [role],
      ownUsr: true,
      hasUsers: true,
      files: {
        ...unpackedPackages(installed, wanted),
        ...common,
        ...Object.fromEntries(
          Object.entries(files).map(([path, content]) => [`srv/lab/${path}`, content]),
        ),
      },
      install: install(installed, { before, after }),
    };
  });

const offered = [...basePackages, ...openstackPackages('juno')];

// Configuration is there before services start for the first time.
const install = (
  packages: readonly JunoPackage[],
  { before, after }: Pick<Role, 'before' | 'after'>,
): string => `${configurePackages(packages)}
apt-get -qq update
cp -R /srv/lab/. / && rm -r /srv/lab
chmod 600 /root/.hopscotch.cnf /root/openrc /etc/mysql/debian.cnf 2>/dev/null || :
for file in keystone/keystone.conf glance/glance-api.conf glance/glance-registry.conf neutron/neutron.conf; do
  if [ -e "/etc/$file" ]; then chown "root:\${file%%/*}" "/etc/$file"; chmod 640 "/etc/$file"; fi
done
if [ -e /etc/nova/nova.conf ]; then chown nova:nova /etc/nova/nova.conf; chmod 640 /etc/nova/nova.conf; fi
if [ -e /etc/neutron/plugins/ml2/ml2_conf.ini ]; then chgrp neutron /etc/neutron/plugins/ml2/ml2_conf.ini; fi
if [ -e /etc/openstack-dashboard ]; then chgrp horizon /etc/openstack-dashboard/local_settings.py; chmod 640 /etc/openstack-dashboard/local_settings.py; fi
${before}
for script in /etc/rc2.d/S*; do [ ! -x "$script" ] || "$script" start; done
${after}`;
