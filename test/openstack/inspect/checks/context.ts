import type { Cloud } from '../../../../jobs/files/cloud.ts';
import type { CheckContext } from '../../../../openstack/inspect/checks/check.ts';
import { inspectionSubject } from '../../../../openstack/inspect/subject.ts';
import type { ReleaseName } from '../../../../openstack/knowledge/releases.ts';
import { knowledge } from '../../known.ts';

/** What a check is read beside, on a cloud of one release where nothing was found before it. */
export const contextOn = (cloud: Cloud, release: ReleaseName): CheckContext => ({
  ...inspectionSubject(cloud, knowledge),
  found: {},
  series: [release],
  now: '2026-01-01T00:00:00Z',
});
