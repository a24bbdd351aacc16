import type { Runbook } from '../../jobs/files/runbook.ts';
import { CloudFacts } from '../../openstack/cloud/facts.ts';
import { planUpgrade } from '../../openstack/plan/planner.ts';
import { warmRoles, warmServices } from '../support/openstack/warm-services.ts';
import { knowledge } from './known.ts';
import { labOf } from './lab-frame.ts';

/** The lab's warm cloud, of which keystone and the image host are ahead. */
export const warmCloud = labOf({
  series: 'gazpacho',
  roles: warmRoles,
  services: warmServices,
});

export const planWarm = (): Runbook =>
  planUpgrade({
    knowledge,
    cloud: warmCloud,
    facts: CloudFacts.parse({ ahead: { keystone: 'hibiscus', glance: 'hibiscus' } }),
    target: '2026.2',
  });
