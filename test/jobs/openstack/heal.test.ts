import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { handlers } from '../../../handlers/index.ts';
import { type Cloud, loadCloud } from '../../../jobs/cloud.ts';
import { planHeal, planWayOut } from '../../../jobs/openstack/heal.ts';
import { knowledge } from './known.ts';

const cloud = await loadCloud(join(import.meta.dirname, '../../../clouds'), 'example-juno');
const withChroot: Cloud = {
  ...cloud,
  services: { ...cloud.services, programs: { kilo: ['chroot', '/srv/kilo'] } },
};

const healed = (revision: number, { at = cloud, rowsBlocking = 3 } = {}) =>
  planHeal({ knowledge, cloud: at, service: 'nova', revision, rowsBlocking }).steps.filter(
    ({ kind }) => kind !== 'service',
  );

describe('a nova schema that stopped at 290', () => {
  it('is led forward with the programs of Kilo that stand by', () => {
    expect(healed(290, { at: withChroot }).map(({ id }) => id)).toEqual([
      'liberty-backup',
      'liberty-nova-migrate-flavors',
      'liberty-nova-schema',
    ]);
    expect(healed(290, { at: withChroot })[1]).toMatchObject({
      on: 'ctl1',
      params: {
        run: [
          'chroot',
          '/srv/kilo',
          'nova-manage',
          'db',
          'migrate_flavor_data',
          '--max-number',
          '1000',
        ],
        series: 'kilo',
      },
    });
  });

  it('gets the packages of Kilo back for as long as it needs them', () => {
    expect(healed(290).map(({ id }) => id)).toEqual([
      'liberty-backup',
      'kilo-repository',
      'kilo-nova-repair',
      'liberty-nova-migrate-flavors',
      'liberty-repository',
      'liberty-nova-packages',
      'liberty-nova-schema',
    ]);
  });

  it('is synced at once when nothing blocks any more', () => {
    expect(healed(290, { rowsBlocking: 0 }).map(({ id }) => id)).toEqual([
      'liberty-backup',
      'liberty-nova-schema',
    ]);
  });

  it('is never synced by Kilo', () => {
    for (let revision = 281; revision <= 301; revision++)
      expect(healed(revision).filter(({ id }) => id === 'kilo-nova-schema')).toEqual([]);
  });

  it('begins with everything stopped, and asks first', () => {
    const [first, ...rest] = planHeal({ knowledge, cloud, service: 'nova', revision: 290 }).steps;

    expect(first).toMatchObject({ id: 'liberty-stop-nova-compute', approval: true });
    expect(rest.filter(({ approval }) => approval === true)).toEqual([]);
  });
});

it('a nova schema that stopped at 266 loses the rows that block, with the programs it has', () => {
  expect(healed(266).map(({ id }) => id)).toEqual([
    'kilo-backup',
    'kilo-nova-null-uuid-delete',
    'kilo-nova-schema',
  ]);
});

it('an interrupted keystone sync is run again', () => {
  const { title, steps } = planHeal({ knowledge, cloud, service: 'keystone', revision: 70 });

  expect(title).toBe('Lead keystone on example-juno from 70 to Liberty');
  expect(steps.map(({ id }) => id)).toEqual([
    'liberty-stop-apache2',
    'liberty-backup',
    'liberty-keystone-schema',
  ]);
});

it.each([
  [{ service: 'nova', revision: 280 }, 'NothingToHeal'],
  [{ service: 'nova', revision: 12 }, 'UnknownSchema'],
  [{ service: 'cinder', revision: 30 }, 'UnknownService'],
])('%j has no way forward: %s', (question, name) => {
  expect(() => planHeal({ knowledge, cloud, ...question })).toThrow(
    expect.objectContaining({ name }),
  );
});

it('every way out of every signature and move makes steps that their kinds take', () => {
  const named = [
    ...knowledge.signatures.flatMap(({ waysOut }) => waysOut.flatMap(({ steps }) => steps)),
    ...Object.values(knowledge.states.moves).flatMap(({ steps }) => steps),
  ];
  expect(named.length).toBeGreaterThan(8);
  for (const id of named) {
    const [step, ...more] = planWayOut(
      { knowledge, cloud },
      { hop: { from: 'kilo', to: 'liberty' }, steps: [id] },
    );
    const problems = handlers[step?.kind ?? '']?.params?.safeParse(step?.params);
    expect([id, more, problems?.error]).toEqual([id, [], undefined]);
    expect(step).toBeDefined();
  }
});
