import { Cloud } from '../../jobs/files/cloud.ts';
import type { Runbook } from '../../jobs/files/runbook.ts';
import { CloudFacts } from '../../openstack/cloud/facts.ts';
import { planUpgrade } from '../../openstack/plan/planner.ts';
import { warmRoles, warmServices } from '../support/openstack/warm-services.ts';
import { knowledge } from './known.ts';

/** The lab's warm cloud, of which keystone and the image host are ahead. */
export const warmCloud = Cloud.parse({
  name: 'lab',
  environment: 'verification',
  series: 'gazpacho',
  channel: 'C012ABCDEF',
  ssh: { user: 'ops', key: '~/.ssh/lab', knownHosts: 'known_hosts', become: true },
  hosts: Object.fromEntries(
    Object.entries(warmRoles).map(([name, roles], index) => [
      name,
      { address: `192.0.2.${10 + index}`, roles },
    ]),
  ),
  access: { engineers: ['U012ABCDEF'], approvers: ['U034GHIJKL', 'U056MNOPQR'] },
  services: warmServices,
});

export const planWarm = (): Runbook =>
  planUpgrade({
    knowledge,
    cloud: warmCloud,
    facts: CloudFacts.parse({ ahead: { keystone: 'hibiscus', glance: 'hibiscus' } }),
    target: '2026.2',
  });
