import { join } from 'node:path';
import { z } from 'zod';
import { type Cloud, loadCloud } from '../../jobs/files/cloud.ts';
import { CloudFacts } from '../../openstack/cloud/facts.ts';
import {
  type PlannedRunbook,
  planUpgrade,
  type UpgradeRequest,
} from '../../openstack/plan/planner.ts';

import { knowledge } from './known.ts';

export const junoCloud = await loadCloud(
  join(import.meta.dirname, '../../examples'),
  'example-juno',
);

export const junoFacts = CloudFacts.parse({
  configFiles: Object.fromEntries(
    [
      'kilo/all/etc/keystone/keystone.conf',
      'kilo/all/etc/apache2/sites-available/wsgi-keystone.conf',
      'kilo/all/etc/nova/nova.conf',
      'kilo/cmp2/etc/nova/nova.conf',
      'liberty/all/etc/keystone/keystone.conf',
      'liberty/all/etc/apache2/sites-available/wsgi-keystone.conf',
      'liberty/all/etc/neutron/neutron.conf',
      'liberty/all/etc/neutron/plugins/ml2/openvswitch_agent.ini',
      'liberty/all/etc/openstack-dashboard/local_settings.py',
    ].map((file) => [file, `# ${file}\n`]),
  ),
});

export const planJuno = (change: Partial<UpgradeRequest> = {}): PlannedRunbook =>
  planUpgrade({ knowledge, cloud: junoCloud, facts: junoFacts, target: 'liberty', ...change });

const Services = z.looseObject({
  openstack: z.record(z.string(), z.looseObject({ parts: z.record(z.string(), z.unknown()) })),
});
type Services = z.infer<typeof Services>;

export const junoWithServices = (change: (services: Services) => unknown): Cloud => {
  const services = Services.parse(structuredClone(junoCloud.services));
  change(services);
  return { ...junoCloud, services };
};
