import { readFileSync } from 'node:fs';
import type { JunoPackage } from './archive.ts';
import type { DebFile } from './deb.ts';
import { horizonPackages } from './horizon-packages.ts';
import { firstKilo, junoVersion, type OpenStackService, type JunoRelease } from './releases.ts';
import { initScript } from '../hosts/init-script.ts';
import { daemonScripts, logDirectory } from './scripts.ts';

/** The packages of a suite of the cloud archive, named and tied together as Ubuntu's. */
export function openstackPackages(series: JunoRelease): readonly JunoPackage[] {
  return [
    ...libraries(series),
    ...services.flatMap((service) => packagesOf(service, series, junoVersion(service, series))),
    ...(series === 'kilo' ? packagesOf('nova', series, firstKilo) : []),
    ...horizonPackages(series),
  ];
}

const services: readonly OpenStackService[] = ['keystone', 'glance', 'nova', 'neutron'];

interface Daemon {
  readonly name: string;
  readonly ports?: readonly number[];
  /** In the same package as `name`, the others in one called like themselves. */
  readonly depends?: readonly string[];
}

const daemons: Readonly<Record<OpenStackService, readonly Daemon[]>> = {
  keystone: [],
  glance: [
    { name: 'glance-api', ports: [9292] },
    { name: 'glance-registry', ports: [9191] },
  ],
  nova: [
    { name: 'nova-api', ports: [8774, 8775] },
    { name: 'nova-cert' },
    { name: 'nova-conductor' },
    { name: 'nova-consoleauth' },
    { name: 'nova-novncproxy', ports: [6080] },
    { name: 'nova-scheduler' },
    { name: 'nova-compute' },
  ],
  neutron: [
    { name: 'neutron-server', ports: [9696], depends: ['neutron-plugin-ml2'] },
    { name: 'neutron-plugin-openvswitch-agent', depends: ['neutron-plugin-ml2'] },
    { name: 'neutron-l3-agent' },
    { name: 'neutron-dhcp-agent' },
    { name: 'neutron-metadata-agent' },
  ],
};

/** Empty but for a comment, and the same in each release: what a cloud has there is its operator's. */
const conffiles: Readonly<Record<OpenStackService, readonly string[]>> = {
  keystone: ['keystone.conf', 'keystone-paste.ini', 'policy.json'],
  glance: ['glance-api.conf', 'glance-registry.conf'],
  nova: ['nova.conf', 'api-paste.ini', 'policy.json'],
  neutron: ['neutron.conf', 'api-paste.ini', 'policy.json'],
};

function packagesOf(
  service: OpenStackService,
  series: JunoRelease,
  version: string,
): JunoPackage[] {
  const same = (...names: string[]) => names.map((name) => `${name} (= ${version})`);
  const fill = filler({ SERVICE: service, SERIES: series, VERSION: version });
  const python: JunoPackage = {
    name: `python-${service}`,
    version,
    summary: `${service} - Python libraries`,
    depends: [
      'pretend-base',
      `python-oslo.config (>= ${junoVersion('python-oslo.config', series)})`,
    ],
    files: {
      [`usr/share/${service}/OpenStack.pm`]: fill('OpenStack.pm'),
      [`usr/share/${service}/Api.pm`]: fill('Api.pm'),
    },
  };
  const config = Object.fromEntries(
    conffiles[service].map((name) => [
      `etc/${service}/${name}`,
      name.endsWith('.json') ? '{}\n' : `# ${name}: see the documentation of ${service}\n`,
    ]),
  );
  const manage = service === 'neutron' ? 'neutron-db-manage' : `${service}-manage`;
  const programs = { [`usr/bin/${manage}`]: script(fill(`${manage}.pl`)) };
  if (service === 'keystone')
    return [python, keystone({ series, version, fill, config, programs, depends: same })];
  const common: JunoPackage = {
    name: `${service}-common`,
    version,
    summary: `${service} - common files`,
    depends: same(`python-${service}`),
    conffiles: config,
    files: programs,
    scripts: { postinst: logDirectory(service) },
  };
  return [
    python,
    common,
    ...daemons[service].map(({ name, ports = [], depends = [] }) => ({
      name,
      version,
      summary: `${service} - ${name}`,
      depends: same(`${service}-common`, ...depends),
      files: {
        [`usr/bin/${name}`]: script(
          filler({ SERVICE: service, NAME: name, LOG: name, PORTS: ports.join(' ') })('daemon.pl'),
        ),
        [`etc/init.d/${name}`]: script(initScript(name, `/usr/bin/${name}`)),
      },
      scripts: daemonScripts(name),
    })),
    ...rest(service, series, version, same),
  ];
}

/** Its daemon serves both ports itself. Kilo and Liberty bring what Apache needs to do it instead. */
function keystone(of: {
  series: JunoRelease;
  version: string;
  fill: (name: string) => string;
  config: Readonly<Record<string, string>>;
  programs: Readonly<Record<string, DebFile>>;
  depends: (...names: string[]) => string[];
}): JunoPackage {
  const daemon = filler({
    SERVICE: 'keystone',
    NAME: 'keystone',
    LOG: 'keystone-all',
    PORTS: '5000 35357',
  });
  const wsgi = of.fill('keystone-wsgi.pl');
  return {
    name: 'keystone',
    version: of.version,
    summary: 'OpenStack identity service - Daemons',
    depends: of.depends('python-keystone'),
    conffiles: of.config,
    files: {
      ...of.programs,
      'usr/bin/keystone-all': script(daemon('daemon.pl')),
      'etc/init.d/keystone': script(initScript('keystone', '/usr/bin/keystone-all')),
      ...(of.series === 'juno' ? {} : { 'usr/share/keystone/wsgi.py': wsgi }),
      ...(of.series === 'liberty'
        ? { 'usr/bin/keystone-wsgi-public': wsgi, 'usr/bin/keystone-wsgi-admin': wsgi }
        : {}),
    },
    scripts: daemonScripts('keystone', { before: logDirectory('keystone') }),
  };
}

function rest(
  service: OpenStackService,
  series: JunoRelease,
  version: string,
  same: (...names: string[]) => string[],
): JunoPackage[] {
  if (service === 'glance')
    return [
      {
        name: 'glance',
        version,
        summary: 'OpenStack Image Registry and Delivery Service',
        depends: same('glance-api', 'glance-registry'),
      },
    ];
  if (service !== 'neutron') return [];
  const plugins = 'etc/neutron/plugins/ml2';
  const ini = (name: string) => ({ [`${plugins}/${name}`]: `# ${name}\n` });
  return [
    {
      name: 'neutron-plugin-ml2',
      version,
      summary: 'neutron - ML2 plugin',
      depends: same('neutron-common'),
      conffiles: {
        ...ini('ml2_conf.ini'),
        // New in Liberty: neutron@liberty-eol:etc/neutron/plugins/ml2/openvswitch_agent.ini
        ...(series === 'liberty' ? ini('openvswitch_agent.ini') : {}),
      },
    },
  ];
}

function libraries(series: JunoRelease): JunoPackage[] {
  const clients = ['keystone', 'glance', 'nova', 'neutron', 'openstack'];
  return [
    {
      name: 'python-oslo.config',
      version: junoVersion('python-oslo.config', series),
      summary: 'oslo.config',
    },
    ...clients.map((client) => ({
      name: `python-${client}client`,
      version: junoVersion(`python-${client}client`, series),
      summary: `client of ${client}`,
      depends: ['pretend-base'],
      files: { [`usr/bin/${client}`]: script(filler({})('client.pl')) },
    })),
  ];
}

const script = (content: string): DebFile => ({ content, mode: 0o755 });

const read = (name: string): string =>
  readFileSync(new URL(`programs/${name}`, import.meta.url), 'utf8');

const filler =
  (values: Readonly<Record<string, string>>) =>
  (name: string): string =>
    read(name).replaceAll(/@([A-Z]+)@/g, (whole, key: string) => values[key] ?? whole);
