import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { handlers } from '../../../handlers/index.ts';
import { hostsOnCloud, Runbook } from '../../../jobs/files/runbook.ts';
import { junoCloud, junoFacts, planJuno, junoWithServices } from '../juno-cloud.ts';
import { planText } from './plan-text.ts';
import { composePlan } from '../../../jobs/run/compose.ts';

const Params = z.looseObject({
  database: z.string().optional(),
  databases: z.array(z.string()).optional(),
  label: z.string().optional(),
  state: z.string().optional(),
});

const ids = ({ steps }: Runbook): string[] => steps.map(({ id }) => id);

describe('the plan from Juno to Liberty', () => {
  it.each([
    ['juno-to-liberty', undefined],
    ['only-keystone', ['keystone']],
  ])('reads as in %s.golden.txt', async (name, only) => {
    const file = join(import.meta.dirname, `${name}.golden.txt`);
    const text = planText(planJuno(only && { only }));
    // After a wanted change: GOLDEN=write npm run test:jest -- test/openstack/plan/planner
    if (process.env['GOLDEN'] === 'write') await writeFile(file, text);

    expect(text).toBe(await readFile(file, 'utf8'));
  });

  it('tells at the gate of each hop what is known about it, with sources', () => {
    const gates = planJuno().steps.filter(({ notes }) => notes !== undefined);

    expect(gates.map(({ approval }) => approval)).toEqual([true, true]);
    expect(gates[0]?.notes).not.toEqual(gates[1]?.notes);
    for (const { notes = [] } of gates) expect(notes.at(-1)).toMatch(/\[.+\]$/);
  });

  it('is the same bytes for the same request', () => {
    expect(JSON.stringify(planJuno())).toBe(
      JSON.stringify(planJuno({ cloud: structuredClone(junoCloud) })),
    );
  });

  it('has params that the kinds of its steps take, on hosts that there are', () => {
    const all = junoWithServices(({ openstack }) =>
      Object.assign(openstack, {
        cinder: { parts: { api: 'control', volume: 'network' } },
        heat: { parts: { api: 'control' } },
      }),
    );
    const { steps } = planJuno({ cloud: all });
    expect(steps.map(({ id }) => id)).toEqual(
      expect.arrayContaining([
        'kilo-cinder-schema',
        'liberty-heat-schema',
        'kilo-start-cinder-volume',
      ]),
    );
    for (const { id, kind, params, on } of steps) {
      const problems = handlers[kind]?.params.safeParse(params).error?.issues ?? [];
      expect([id, kind in handlers, problems]).toEqual([id, true, []]);
      expect(hostsOnCloud(junoCloud, on)).not.toEqual([]);
    }
  });

  it('composes like any other runbook', () => {
    const { overview: _overview, ...made } = planJuno();
    const composed = composePlan(junoCloud, Runbook.parse(made), 'upgrade');

    expect(composed.steps.map(({ id }) => id)).toEqual(ids(made));
    expect(composed.steps).toContainEqual(
      expect.objectContaining({ id: 'hold-services', exit: 'reversible' }),
    );
    expect(composed.steps.filter(({ exit }) => exit === 'oneWay')).toEqual([]);
  });

  it('has ids and titles as a runbook takes them, and leaves hosts to whoever shows them', () => {
    const { steps } = planJuno();
    const hosts = new RegExp(`\\b(${Object.keys(junoCloud.hosts).join('|')})\\b`);
    expect(new Set(ids(planJuno())).size).toBe(steps.length);
    for (const { id, title } of steps) {
      expect(id).toMatch(/^[a-z0-9][a-z0-9-]{0,39}$/);
      expect(title.length).toBeLessThanOrEqual(150);
      expect(title).not.toMatch(hosts);
    }
  });

  it('never syncs nova from Juno to Liberty in one go', () => {
    const syncs = planJuno().steps.flatMap(({ kind, params }) =>
      kind === 'schema-sync' ? [params] : [],
    );
    const nova = syncs.filter((params) => Params.parse(params).database === 'nova');

    expect(nova).toEqual([
      expect.objectContaining({ from: [['254']], to: ['280'], resume: { from: 255, to: 279 } }),
      expect.objectContaining({ from: [['280']], to: ['302'], resume: { from: 281, to: 301 } }),
    ]);
    expect(nova[1]).toMatchObject({
      blocking: [{ missing: 'nova-manage db migrate_flavor_data', database: 'nova' }],
    });
  });

  it('moves flavors while Kilo is there: after its sync, before its services start', () => {
    const order = ids(planJuno());
    const at = (id: string): number => order.indexOf(id);

    expect(at('kilo-nova-migrate-flavors')).toBeGreaterThan(at('kilo-nova-schema'));
    expect(at('kilo-nova-migrate-flavors')).toBeLessThan(at('kilo-start-nova-conductor'));
    expect(order.filter((id) => id.includes('migrate-flavors'))).toHaveLength(1);
  });

  it('moves flavors before Kilo goes, where the upgrade path begins with Kilo, under a dump of its own', () => {
    const { steps } = planJuno({ facts: { ...junoFacts, series: 'kilo' } });
    const index = steps.findIndex(({ id }) => id === 'liberty-nova-migrate-flavors');
    const labels = steps.flatMap(({ kind, params }) =>
      kind === 'database-backup'
        ? [[Params.parse(params).label, Params.parse(params).databases]]
        : [],
    );

    expect(steps.slice(index - 2, index + 2).map(({ id }) => id)).toEqual([
      'liberty-stop-apache2',
      'liberty-backup-before',
      'liberty-nova-migrate-flavors',
      'liberty-repository',
    ]);
    expect(labels).toEqual([
      ['kilo.before', ['nova']],
      ['kilo', ['keystone', 'glance', 'nova', 'neutron']],
    ]);
  });

  it('moves flavors also when Kilo is where it ends', () => {
    expect(ids(planJuno({ target: 'kilo' }))).toContain('kilo-nova-migrate-flavors');
  });

  it('stops, installs, syncs and only then starts every service that it stops', () => {
    const { steps } = planJuno();
    for (const hop of ['kilo', 'liberty']) {
      for (const service of ['keystone', 'glance', 'nova', 'neutron']) {
        const kinds = steps
          .filter(({ id, kind }) => kind !== 'config' && id.startsWith(hop))
          .filter(({ params }) => JSON.stringify(params).includes(service))
          .map(({ kind, params }) => (kind === 'service' ? Params.parse(params).state : kind));
        const sync = kinds.indexOf('schema-sync');
        expect(kinds.slice(0, sync)).toEqual(expect.arrayContaining(['package']));
        expect(kinds.slice(0, sync)).not.toContain('started');
      }
    }
  });

  it('asks people before each hop', () => {
    const asked = planJuno().steps.filter(({ approval }) => approval === true);

    expect(asked.map(({ id }) => id)).toEqual(['drain-keystone-public', 'liberty-neutron-subnets']);
  });

  it('drains what it moves, keeps what the cloud keeps, and enables in the opposite order', () => {
    const balanced = ids(planJuno()).filter((id) => /^(drain|enable)-/.test(id));

    expect(balanced).toEqual([
      'drain-keystone-public',
      'drain-glance-api',
      'drain-nova-api',
      'drain-neutron-api',
      'enable-neutron-api',
      'enable-nova-api',
      'enable-glance-api',
      'enable-keystone-public',
    ]);
  });

  it('deletes rows that inspection has counted, and asks before', () => {
    const counted = planJuno({
      facts: { ...junoFacts, databases: { nova: { revision: '254', rowsBlocking: 2 } } },
    });

    expect(counted.steps.find(({ id }) => id === 'kilo-nova-null-uuid-delete')).toMatchObject({
      approval: true,
      params: { run: ['nova-manage', 'db', 'null_instance_uuid_scan', '--delete'] },
    });
    expect(ids(counted)).not.toContain('kilo-nova-null-uuid-scan');
  });

  it('puts the cron line back where tokens stay in SQL', () => {
    const line = '0 * * * * keystone-manage token_flush';
    const sql = junoWithServices((services) =>
      Object.assign(services, { tokens: 'sql', tokenFlush: { line } }),
    );
    const { steps } = planJuno({ cloud: sql });

    expect(steps.find(({ id }) => id === 'cron-token-flush')).toMatchObject({
      params: { user: 'keystone', state: 'present', line },
    });
    expect(steps.map(({ id }) => id)).not.toContain('kilo-keystone-memcached');
  });

  it('installs and configures a service once on a host that has several of its parts', () => {
    const single = junoWithServices(({ openstack }) =>
      Object.assign(openstack, {
        neutron: { parts: { server: 'control', l2: 'control', network: 'control' } },
      }),
    );
    const { steps } = planJuno({ cloud: single, only: ['neutron'] });
    const liberty = steps.filter(({ id }) => id.startsWith('liberty')).map(({ title }) => title);

    expect(liberty.filter((title) => title.includes('neutron.conf'))).toHaveLength(1);
    expect(liberty.filter((title) => title.includes('install'))).toEqual([
      expect.stringContaining('neutron-server, neutron-plugin-ml2'),
    ]);
    expect(liberty).toContain('Liberty: start neutron-l3-agent');
  });

  it('leaves out what the cloud does not have, and syncs what it names', () => {
    const own = junoWithServices(({ openstack }) => {
      Object.assign(openstack['nova'] ?? {}, {
        without: ['nova-cert'],
        databases: { nova: 'nova_prod', nova_api: 'nova_api' },
      });
    });
    const text = JSON.stringify(planJuno({ cloud: own }).steps);

    expect(text).not.toContain('nova-cert');
    expect(text).toContain('"nova_prod"');
    expect(text).toContain('["nova-manage","api_db","sync"]');
    expect(text).not.toContain('"database":"nova"');
  });
});

describe('only keystone', () => {
  it('touches nothing else, and says who shares its hosts', () => {
    const { steps, description } = planJuno({ only: ['keystone'] });

    expect(new Set(steps.flatMap(({ on }) => on))).toEqual(new Set(['lb1', 'ctl1', 'db1']));
    expect(steps.flatMap(({ kind, params }) => (kind === 'package' ? [params] : []))).toHaveLength(
      2,
    );
    expect(description).toContain('on the same hosts: glance, nova, neutron, horizon');
    const touched = steps.map(({ notes: _said, ...step }) => step);
    expect(JSON.stringify(touched)).not.toMatch(/nova|glance|neutron|dashboard/);
  });
});
