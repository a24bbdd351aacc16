import { CloudFacts } from '../../openstack/cloud/facts.ts';
import { type PlannedRunbook, planUpgrade } from '../../openstack/plan/planner.ts';
import { warmRoles, warmServices } from '../support/openstack/warm-services.ts';
import { knowledge } from './known.ts';
import { labOf } from './lab-frame.ts';

/** The lab's warm cloud, of which keystone and the image host are ahead. */
export const warmCloud = labOf({
  series: 'gazpacho',
  roles: warmRoles,
  services: warmServices,
});

/** `facts`: what is known besides. */
export const planWarm = (facts: object = {}): PlannedRunbook =>
  planUpgrade({
    knowledge,
    cloud: warmCloud,
    facts: CloudFacts.parse({ ahead: { keystone: 'hibiscus', glance: 'hibiscus' }, ...facts }),
    target: '2026.2',
  });
