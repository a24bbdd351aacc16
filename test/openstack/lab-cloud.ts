import { Cloud } from '../../jobs/files/cloud.ts';
import { CloudFacts } from '../../openstack/cloud/facts.ts';
import { planUpgrade, type UpgradeRequest } from '../../openstack/plan/planner.ts';
import type { Runbook } from '../../jobs/files/runbook.ts';
import { labRoles, labServices } from '../support/openstack/lab-services.ts';
import { knowledge } from './known.ts';

const { loadBalancer, openstack } = labServices;
const { parts, options } = openstack.nova;
const backend = (service: string) => ({ name: service, service });

/** The lab with all of its services behind the balancer, and all of nova's in use. */
export const labCloud = Cloud.parse({
  name: 'lab',
  environment: 'verification',
  series: 'zed',
  channel: 'C012ABCDEF',
  ssh: { user: 'ops', key: '~/.ssh/lab', knownHosts: 'known_hosts', become: true },
  hosts: Object.fromEntries(
    Object.entries(labRoles).map(([name, roles], index) => [
      name,
      { address: `192.0.2.${10 + index}`, roles },
    ]),
  ),
  access: { engineers: ['U012ABCDEF'], approvers: ['U034GHIJKL', 'U056MNOPQR'] },
  services: {
    ...labServices,
    loadBalancer: {
      ...loadBalancer,
      backends: [
        ...loadBalancer.backends,
        ...['glance', 'nova', 'placement', 'neutron', 'horizon'].map(backend),
      ],
    },
    openstack: { ...openstack, nova: { parts, options } },
  },
});

export const labFacts = CloudFacts.parse({
  series: 'zed',
  codename: 'bookworm',
  computeVersion: 64,
  blocked: { 'nova-compute-floor': 1 },
});

const request = { knowledge, cloud: labCloud, facts: labFacts, target: 'epoxy' };

export const planSupported = (change: Partial<UpgradeRequest> = {}): Runbook =>
  planUpgrade({ ...request, ...change });

export const planLab = (change: Partial<UpgradeRequest> = {}): Runbook =>
  planUpgrade({ ...request, unsupported: '', ...change });
