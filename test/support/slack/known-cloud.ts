import type { KnownCloud } from '../../../bot/views/reading/plan-summary.ts';
import { Cloud } from '../../../jobs/files/cloud.ts';
import { knowledge } from '../../openstack/known.ts';

/** A cloud without OpenStack services, with these approvers. */
export const knownCloud = (approvers: readonly string[]): KnownCloud => ({
  knowledge,
  cloud: Cloud.parse({
    name: 'staging',
    environment: 'verification',
    channel: 'C0STAGING',
    ssh: { user: 'ops', key: 'key', knownHosts: 'known_hosts' },
    hosts: {
      ctl1: { address: '192.0.2.1', roles: ['control'] },
      ctl2: { address: '192.0.2.2', roles: ['control'] },
      cmp1: { address: '192.0.2.3', roles: ['compute'] },
    },
    access: { engineers: ['UANN'], approvers: [...approvers] },
  }),
});
