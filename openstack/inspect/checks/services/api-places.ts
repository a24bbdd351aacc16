import { z } from 'zod';
import { command } from '../../../../handlers/contract/command.ts';
import type { ApiPlace } from '../../../cloud/facts.ts';
import { type CheckAnswer, type CheckContext, type InspectionCheck, taggedRows } from '../check.ts';
import { apiPlacesShell } from './scripts/embedded.ts';

type Places = Record<string, Record<string, ApiPlace>>;

/**
 * Where each API answers on its own hosts: as HAProxy reaches it there, else as the catalogue names it where that is a host.
 * Checks of plans ask there; what the cloud file says goes before it.
 */
export const apiPlacesCheck: InspectionCheck = {
  id: 'api-places',
  ask: ({ services: { loadBalancer, openrc } }) => [
    ...(loadBalancer?.on ?? []).slice(0, 1).map((host) => ({
      host,
      about: 'balancer',
      commands: [command(['timeout', '20', 'sh', '-c', apiPlacesShell, 'sh'])],
    })),
    ...(openrc?.on ?? []).slice(0, 1).map((host) => ({
      host,
      about: 'catalogue',
      commands: [
        command(['timeout', '60', 'sh', '-c', listEndpoints, openrc?.file ?? ''], {
          okExits: [0, 1, 2, 124, 127],
        }),
      ],
    })),
  ],
  read: (said, context) => {
    const of = (about: string): CheckAnswer[] => said.filter((one) => one.about === about);
    const listed = of('catalogue').map((one) => catalogued(one, context));
    const served = of('balancer').map((one) => balanced(one, context));
    const apis: Places = {};
    for (const places of [...listed, ...served])
      for (const [service, hosts] of Object.entries(places))
        apis[service] = { ...apis[service], ...hosts };
    return { facts: { apis } };
  },
};

const listEndpoints = '. "$0" >/dev/null 2>&1; exec openstack endpoint list -f json 2>/dev/null';

/** The first server that a backend of the service has on the host. */
function balanced({ outputs: [out] }: CheckAnswer, { cloud, services }: CheckContext): Places {
  const rows = taggedRows(out, 'server');
  const places: Places = {};
  for (const { name: backend, service, servers } of services.loadBalancer?.backends ?? [])
    for (const [host, { address }] of Object.entries(cloud.hosts)) {
      const row = rows.find(
        ([of, name, at]) =>
          of === backend && (name === (servers?.[host] ?? host) || at === address),
      );
      const [, , at = '', port = '', how] = row ?? [];
      if (row === undefined || places[service]?.[host] !== undefined) continue;
      const isSecured = how === 'ssl';
      places[service] = {
        ...places[service],
        [host]: {
          url: `${isSecured ? 'https' : 'http'}://${at}:${port}`,
          // The name in its certificate is the balancer's.
          ...(isSecured && { anyCertificate: true as const }),
        },
      };
    }
  return places;
}

const Endpoints = z.array(
  z.looseObject({ 'Service Name': z.string(), 'Service Type': z.string(), URL: z.string() }),
);

/** Endpoints of single hosts; those of a balancer say nothing about the host behind it. */
function catalogued({ outputs: [out] }: CheckAnswer, { cloud, chosen }: CheckContext): Places {
  const places: Places = {};
  for (const one of endpointsIn(out?.stdout ?? '')) {
    const service = chosen.find(({ known: { name } }) =>
      [one['Service Name'], types[one['Service Type']]].includes(name),
    )?.known.name;
    const [, origin = '', hostname = '', path = ''] =
      /^(https?:\/\/(\[[^\]]+\]|[^/:]+)(?::\d+)?)(\/.*)?$/.exec(one.URL) ?? [];
    const host = Object.entries(cloud.hosts).find(([name, { address }]) =>
      [name, address, `[${address}]`].includes(hostname),
    )?.[0];
    if (service === undefined || host === undefined) continue;
    const folder = path.replace(/\/v\d.*$/, '').replace(/\/+$/, '');
    places[service] = { ...places[service], [host]: { url: `${origin}${folder}` } };
  }
  return places;
}

function endpointsIn(text: string): z.infer<typeof Endpoints> {
  try {
    return Endpoints.parse(JSON.parse(text));
  } catch {
    return [];
  }
}

/** Where a service is not registered under the name of its project. */
const types: Readonly<Record<string, string>> = {
  identity: 'keystone',
  image: 'glance',
  compute: 'nova',
  network: 'neutron',
  placement: 'placement',
  volumev3: 'cinder',
  'block-storage': 'cinder',
  orchestration: 'heat',
  'load-balancer': 'octavia',
  'key-manager': 'barbican',
  dns: 'designate',
  baremetal: 'ironic',
  'object-store': 'swift',
};
