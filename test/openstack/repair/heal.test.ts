import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { handlers } from '../../../handlers/index.ts';
import { type Cloud, loadCloud } from '../../../jobs/files/cloud.ts';
import { planHeal, planFixSteps } from '../../../openstack/repair/heal.ts';
import { smallCloud } from '../clouds-today.ts';
import { junoWithServices } from '../juno-cloud.ts';
import { knowledge } from '../known.ts';

const cloud = await loadCloud(join(import.meta.dirname, '../../../examples'), 'example-juno');
const withChroot: Cloud = {
  ...cloud,
  services: { ...cloud.services, programs: { kilo: ['chroot', '/srv/kilo'] } },
};

const Service = z.object({ name: z.string(), state: z.enum(['started', 'stopped']) });

const healed = (revision: number, { at = cloud, rowsBlocking = 3 } = {}) =>
  planHeal({ knowledge, cloud: at, service: 'nova', revision, rowsBlocking }).steps.filter(
    ({ kind }) => kind !== 'service',
  );

describe('a schema that stopped on Debian', () => {
  it('has the units stopped and started that Debian has', () => {
    const at = smallCloud('epoxy', 'trixie');
    const request = { knowledge, cloud: at, service: 'keystone', revision: 'e8725d6fa226' };
    const units = planHeal(request).steps.flatMap(
      ({ params }) => Service.safeParse(params).data?.name ?? [],
    );

    // Ubuntu's keystone is served by Apache.
    expect(units).toEqual(['keystone', 'keystone']);
  });
});

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

  it('starts on every host what it stopped, agents last', () => {
    const { steps } = planHeal({ knowledge, cloud, service: 'nova', revision: 290 });
    const services = steps.flatMap(({ on, params }) => {
      const { success, data } = Service.safeParse(params);
      return success ? [{ unit: `${data.name} ${String(on)}`, state: data.state }] : [];
    });
    const units = (state: string) =>
      services.flatMap((one) => (one.state === state ? [one.unit] : []));

    expect(units('started').length).toBeGreaterThan(5);
    expect(units('started').toSorted()).toEqual(units('stopped').toSorted());
    expect(units('started').at(-1)).toBe('nova-compute cmp1,cmp2');
    expect(steps.at(-1)?.id).toBe('liberty-start-nova-compute');
    expect(services.findIndex(({ state }) => state === 'started')).toBe(units('stopped').length);
  });

  it('needs the programs of the later release', () => {
    const ask = { knowledge, cloud, service: 'nova', revision: 290 };
    expect(() => planHeal({ ...ask, installed: ['kilo'] })).toThrow(
      expect.objectContaining({
        name: 'WrongProgram',
        message:
          "leading nova's schema on from 290: that takes Liberty's programs, and its packages are Kilo",
      }),
    );
    expect(planHeal({ ...ask, installed: ['kilo', 'liberty'] }).steps.length).toBeGreaterThan(5);
  });

  it('changes archives only where the older programs run', () => {
    const { steps } = planHeal({
      knowledge,
      cloud,
      service: 'nova',
      revision: 290,
      rowsBlocking: 3,
    });
    expect(steps.filter(({ kind }) => kind === 'repository').map(({ on }) => on)).toEqual([
      'ctl1',
      'ctl1',
    ]);
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

  expect(title).toBe(
    'Finish the interrupted schema migration of keystone on example-juno (70 to Liberty)',
  );
  expect(steps.map(({ id }) => id)).toEqual([
    'liberty-stop-apache2',
    'liberty-backup',
    'liberty-keystone-schema',
    'liberty-start-apache2',
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

const withMore = junoWithServices((services) => {
  Object.assign(services, { programs: { kilo: ['chroot', '/srv/kilo'] } });
  Object.assign(services.openstack, {
    cinder: { parts: { api: 'ctl1' } },
    ovn: { parts: { central: 'ctl1', host: 'ctl1' } },
  });
});

it('every fix of every signature and move makes steps that their kinds take', () => {
  const named = [
    ...knowledge.signatures.flatMap(({ waysOut }) => waysOut.flatMap(({ steps }) => steps)),
    ...Object.values(knowledge.states.moves).flatMap(({ steps }) => steps),
  ];
  expect(named.length).toBeGreaterThan(8);
  for (const id of named) {
    const [step, ...more] = planFixSteps(
      { knowledge, cloud: withMore },
      { hop: { from: 'kilo', to: 'liberty' }, steps: [id] },
    );
    const problems = handlers[step?.kind ?? '']?.params?.safeParse(step?.params);
    expect([id, more, problems?.error]).toEqual([id, [], undefined]);
    expect([id, step === undefined]).toEqual([id, false]);
  }
});
