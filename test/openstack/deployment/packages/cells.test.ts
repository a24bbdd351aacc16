import { describe, expect, it } from '@jest/globals';
import type { Cloud } from '../../../../jobs/files/cloud.ts';
import { CloudFacts } from '../../../../openstack/cloud/facts.ts';
import { CloudServices } from '../../../../openstack/cloud/services.ts';
import { planUpgrade } from '../../../../openstack/plan/planner.ts';
import { celledCloud } from '../../clouds-today.ts';
import { knowledge } from '../../known.ts';

const celled = celledCloud('caracal', 'noble');

/** What leads the schema of a database on the hosts of conductors of further cells. */
const syncedInCells = (cloud: Cloud, only?: readonly string[]): string[] =>
  planUpgrade({
    knowledge,
    cloud,
    facts: CloudFacts.parse({}),
    target: 'epoxy',
    ...(only && { only }),
  })
    .steps.filter(({ kind, on }) => kind === 'schema-sync' && String(on).startsWith('con'))
    .map(({ on, params }) => {
      const { service, database, run } = params as Record<string, unknown>;
      return `${String(on)}: ${String(service)} ${String(database)}: ${(run as string[]).join(' ')}`;
    });

const ofNova = [
  'con2a: nova nova_cell2: nova-manage db sync --local_cell',
  'con3a: nova nova_cell3: nova-manage db sync --local_cell',
];

describe('the databases of further cells', () => {
  it.each([undefined, ['nova']])(
    "are led on by nova's sync alone, on a conductor of each: only %s",
    (only) => {
      expect(syncedInCells(celled, only)).toEqual(ofNova);
    },
  );

  it('are no other service that keeps its tables in the database of nova', () => {
    const services = CloudServices.parse(celled.services);
    const { placement } = services.openstack;
    const shared = {
      ...services.openstack,
      ...(placement && { placement: { ...placement, databases: { placement: 'nova' } } }),
    };

    expect(syncedInCells({ ...celled, services: { ...services, openstack: shared } })).toEqual(
      ofNova,
    );
    expect(
      syncedInCells({ ...celled, services: { ...services, openstack: shared } }, ['placement']),
    ).toEqual([]);
  });
});
