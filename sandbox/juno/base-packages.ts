import { readFileSync } from 'node:fs';
import type { JunoPackage } from './archive.ts';
import { oldDjango } from './horizon-packages.ts';
import { initScript } from '../hosts/init-script.ts';
import { daemonScripts, logDirectory } from './scripts.ts';

const program = (name: string) => ({ content: read(name), mode: 0o755 });
const read = (name: string): string =>
  readFileSync(new URL(`programs/${name}`, import.meta.url), 'utf8');
const init = (name: string, start: string, pidFile?: string) => ({
  [`etc/init.d/${name}`]: { content: initScript(name, start, pidFile), mode: 0o755 },
});

/**
 * What Ubuntu itself offers. The programs of MariaDB, HAProxy and memcached are those of the machine: the packages bring
 * what starts them.
 */
export const basePackages: readonly JunoPackage[] = [
  {
    name: 'pretend-base',
    version: '1',
    summary: 'what the stand-ins of OpenStack share',
    files: { 'usr/share/pretend/Httpd.pm': read('Httpd.pm') },
  },
  {
    name: 'apache2',
    version: '2.4.7-1ubuntu4.22',
    summary: 'pretend web server',
    depends: ['pretend-base'],
    conffiles: {
      'etc/apache2/ports.conf': 'Listen 80\n',
      'etc/apache2/sites-available/000-default.conf':
        '<VirtualHost *:80>\n  DocumentRoot /var/www/html\n</VirtualHost>\n',
    },
    files: {
      'etc/apache2/sites-enabled/': '',
      'etc/apache2/conf-available/': '',
      'etc/apache2/conf-enabled/': '',
      'usr/sbin/apache2': program('apache2.pl'),
      ...Object.fromEntries(
        ['a2ensite', 'a2dissite', 'a2enconf', 'a2disconf'].map((name) => [
          `usr/sbin/${name}`,
          program('a2en.sh'),
        ]),
      ),
      ...init('apache2', '/usr/sbin/apache2'),
    },
    scripts: daemonScripts('apache2', {
      before: `${logDirectory('apache2')}; [ -n "$2" ] || a2ensite 000-default >/dev/null`,
    }),
  },
  {
    name: 'libapache2-mod-wsgi',
    version: '3.4-4ubuntu2.1.14.04.2',
    summary: 'mod_wsgi',
    depends: ['apache2'],
  },
  { name: 'python-memcache', version: '1.53-1build1', summary: 'client of memcached' },
  { name: 'python-django', version: oldDjango, summary: 'Django' },
  { name: 'ubuntu-cloud-keyring', version: '2012.08.14', summary: 'key of the cloud archive' },
  {
    name: 'cron',
    version: '3.0pl1-124ubuntu2',
    summary: 'crontab; nothing runs by itself',
    scripts: { postinst: 'mkdir -p /var/spool/cron/crontabs; chmod 1730 /var/spool/cron/crontabs' },
  },
  {
    name: 'memcached',
    version: '1.4.14-0ubuntu9',
    summary: 'memcached',
    files: init(
      'memcached',
      'memcached -d -u root -m 8 -t 1 -p 11211 -l "$(hostname),127.0.0.1" -P /run/memcached.pid && while ! running; do sleep 0.01; done',
    ),
    scripts: daemonScripts('memcached'),
  },
  {
    name: 'haproxy',
    version: '1.4.24-2ubuntu0.4',
    summary: 'haproxy',
    files: init(
      'haproxy',
      'mkdir -p /run/haproxy; haproxy -D -q -f /etc/haproxy/haproxy.cfg -p /run/haproxy.pid',
    ),
    scripts: daemonScripts('haproxy'),
  },
  {
    name: 'mariadb-server',
    version: '10.0.38-0ubuntu0.14.04.1',
    summary: 'MariaDB',
    files: {
      ...init(
        'mysql',
        'mkdir -p /run/mysqld; setsid mariadbd --defaults-file=/etc/mysql/my.cnf </dev/null >/dev/null 2>>/var/log/mysql/error.log &\n    until mysqladmin --no-defaults --socket=/run/mysqld/mysqld.sock ping >/dev/null 2>&1; do sleep 0.02; kill -0 $! 2>/dev/null || { tail -n 3 /var/log/mysql/error.log >&2; exit 1; }; done',
        '/run/mysqld/mysqld.pid',
      ),
      'var/log/mysql/': '',
    },
    scripts: daemonScripts('mysql'),
  },
];
