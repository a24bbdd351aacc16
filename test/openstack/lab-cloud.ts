import { CloudFacts } from '../../openstack/cloud/facts.ts';
import { planUpgrade, type UpgradeRequest } from '../../openstack/plan/planner.ts';
import type { Runbook } from '../../jobs/files/runbook.ts';
import { labRoles, labServices } from '../support/openstack/lab-services.ts';
import { knowledge } from './known.ts';
import { labOf } from './lab-frame.ts';

const { loadBalancer, openstack } = labServices;
const { parts, options } = openstack.nova;
const backend = (service: string) => ({ name: service, service });

/** The lab with all of its services behind the balancer, and all of nova's in use. */
export const labCloud = labOf({
  series: 'zed',
  roles: labRoles,
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
