import type { JunoRelease } from './releases.ts';

/** Path below / → content. */
export type ConfigFiles = Readonly<Record<string, string>>;

export interface JunoConfigOptions {
  /** Options under names that the next release has moved. */
  readonly deprecated?: boolean;
}

const database = (name: string): string =>
  `[database]\nconnection = mysql://${name}:${name}-secret@db1/${name}?charset=utf8\n`;

const authtoken = (name: string): string =>
  `[keystone_authtoken]\nauth_uri = http://ctl1:5000\nauth_url = http://ctl1:35357\nusername = ${name}\npassword = ${name}-password\n`;

const messages = (series: JunoRelease, { deprecated }: JunoConfigOptions): string =>
  series === 'juno' || deprecated
    ? 'rabbit_host = ctl1\n'
    : '\n[oslo_messaging_rabbit]\nrabbit_host = ctl1\n';

/** The operator's files of a controller for a release. */
export function controlFiles(series: JunoRelease, options: JunoConfigOptions = {}): ConfigFiles {
  return {
    'etc/keystone/keystone.conf': keystone(series, options),
    'etc/glance/glance-api.conf': `[DEFAULT]\ndebug = false\n${database('glance')}${authtoken('glance')}`,
    'etc/glance/glance-registry.conf': `[DEFAULT]\ndebug = false\n${database('glance')}${authtoken('glance')}`,
    ...novaFiles(series, options),
    ...neutronFiles(series, options),
    'etc/openstack-dashboard/local_settings.py': `OPENSTACK_HOST = 'ctl1'\n${
      series === 'liberty' ? "COMPRESS_OFFLINE = True\nWEBROOT = '/horizon/'\n" : ''
    }`,
    ...(series === 'juno'
      ? {}
      : { 'etc/apache2/sites-available/wsgi-keystone.conf': keystoneSite(series) }),
  };
}

export const novaFiles = (series: JunoRelease, options: JunoConfigOptions = {}): ConfigFiles => ({
  'etc/nova/nova.conf': `[DEFAULT]\ndebug = false\nmy_ip = 127.0.0.1\n${messages(series, options)}\n${database('nova')}${
    series === 'juno'
      ? ''
      : database('nova_api')
          .replace('[database]', '[api_database]')
          .replace('nova_api:nova_api', 'nova:nova')
  }${authtoken('nova')}`,
});

export const neutronFiles = (
  series: JunoRelease,
  options: JunoConfigOptions = {},
): ConfigFiles => ({
  'etc/neutron/neutron.conf': `[DEFAULT]\ndebug = false\ncore_plugin = ml2\n${messages(series, options)}\n${database('neutron')}${authtoken('neutron')}`,
  'etc/neutron/plugins/ml2/ml2_conf.ini': `[ml2]\ntype_drivers = flat,vxlan\ntenant_network_types = vxlan\nmechanism_drivers = openvswitch\n${
    series === 'liberty' ? '' : openvswitch
  }`,
  ...(series === 'liberty' ? { 'etc/neutron/plugins/ml2/openvswitch_agent.ini': openvswitch } : {}),
});

const openvswitch = '[ovs]\nlocal_ip = 127.0.0.1\n[agent]\ntunnel_types = vxlan\n';

const keystone = (
  series: JunoRelease,
  { deprecated = false }: JunoConfigOptions,
): string => `[DEFAULT]
admin_token = 7a04a385b907caca141f
debug = false
${deprecated ? 'bind_host = 0.0.0.0\n' : ''}${database('keystone')}
[memcache]
servers = ctl1:11211
[token]
provider = ${series === 'liberty' ? 'uuid' : 'keystone.token.providers.uuid.Provider'}
driver = ${series === 'liberty' ? 'memcache' : `keystone.token.persistence.backends.${series === 'juno' ? 'sql' : 'memcache'}.Token`}
${deprecated ? 'revocation_cache_time = 3600\n' : ''}`;

const keystoneSite = (series: JunoRelease): string => {
  const program = (kind: string) =>
    series === 'liberty' ? `/usr/bin/keystone-wsgi-${kind}` : '/usr/share/keystone/wsgi.py';
  return [
    ['5000', 'public'],
    ['35357', 'admin'],
  ]
    .map(
      ([port = '', kind = '']) =>
        `Listen ${port}\n<VirtualHost *:${port}>\n  WSGIScriptAlias / ${program(kind)}\n  ErrorLog /var/log/apache2/keystone.log\n</VirtualHost>\n`,
    )
    .join('\n');
};
