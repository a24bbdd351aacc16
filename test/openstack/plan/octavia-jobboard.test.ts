import { describe, expect, it } from '@jest/globals';
import { Cloud } from '../../../jobs/files/cloud.ts';
import { CloudServices } from '../../../openstack/cloud/services.ts';
import { CloudFacts } from '../../../openstack/cloud/facts.ts';
import { planUpgrade } from '../../../openstack/plan/planner.ts';
import { smallCloud } from '../clouds-today.ts';
import { knowledge } from '../known.ts';
import { SchemaSyncParams } from '../../../handlers/databases/schema-sync-params.ts';

function plan(target: string, [series, codename]: readonly [string, string], databases: object) {
  const cloud = smallCloud(series, codename);
  const services = CloudServices.parse(cloud.services);
  const { keystone } = services.openstack;
  const openstack = { keystone, octavia: { parts: { api: 'control' }, databases } };
  const { loadBalancer: _none, ...rest } = services;
  return planUpgrade({
    knowledge,
    cloud: Cloud.parse({ ...cloud, services: { ...rest, openstack } }),
    facts: CloudFacts.parse({}),
    target,
  }).steps;
}

/** The schema syncs, and where each stands in the plan. */
const syncsIn = (steps: ReturnType<typeof plan>) =>
  steps.flatMap(({ kind, params }, index) =>
    kind === 'schema-sync' ? [{ at: index, ...SchemaSyncParams.parse(params) }] : [],
  );

const databasesIn = (steps: ReturnType<typeof plan>): string[] =>
  syncsIn(steps).map(({ database }) => database);

describe("the database of octavia's jobboard", () => {
  const named = { octavia_persistence: 'octavia_jobs' };

  it("is dumped and upgraded after octavia's own where the cloud has it", () => {
    const steps = plan('flamingo', ['epoxy', 'noble'], named);
    const dump = steps.find(({ kind }) => kind === 'database-backup');
    const start = steps.findIndex(({ title }) => title === 'Flamingo: start octavia-worker');
    const jobs = syncsIn(steps).find(({ database }) => database === 'octavia_jobs');

    expect(JSON.stringify(dump?.params)).toContain('octavia_jobs');
    expect(databasesIn(steps)).toEqual(['keystone', 'octavia', 'octavia_jobs']);
    expect(jobs).toMatchObject({
      run: ['octavia-db-manage', 'upgrade_persistence'],
      user: 'octavia',
      from: [['40fc8c914bd2']],
      to: ['00af93df9d77'],
    });
    expect(start).toBeGreaterThan(jobs?.at ?? Number.POSITIVE_INFINITY);
  });

  it('is left alone where octavia has none yet', () => {
    expect(databasesIn(plan('train', ['stein', 'bionic'], named))).toEqual(['keystone', 'octavia']);
  });

  it('begins empty where its first release comes', () => {
    const steps = plan('ussuri', ['train', 'bionic'], named);

    expect(syncsIn(steps).at(-1)).toMatchObject({ from: [[]], to: ['0bc3e1a3c135'] });
  });
});
