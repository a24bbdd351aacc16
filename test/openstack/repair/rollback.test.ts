import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { Cloud } from '../../../jobs/files/cloud.ts';
import { evolve, fold } from '../../../jobs/run/fold.ts';
import type { UpgradeRequest } from '../../../openstack/plan/planner.ts';
import { planRollback } from '../../../jobs/run/rollback/rollback.ts';
import { hostsOnCloud, type Runbook, type StepSpec } from '../../../jobs/files/runbook.ts';
import * as events from '../../support/runs/events.ts';
import { junoCloud, junoFacts, planJuno, junoWithServices } from '../juno-cloud.ts';
import { PretendWorld } from '../plan/pretend-world.ts';

const Params = z.looseObject({
  state: z.string().optional(),
  replaces: z.array(z.string()).optional(),
});

/** The plan as a run, a step a host at a time, as far as a rollback needs it. */
function* runOf(healedCloud: Cloud, { steps }: Runbook) {
  const placed = steps.map((spec) => ({ spec, hosts: hostsOnCloud(healedCloud, spec.on) }));
  const planned = placed.map(({ spec: { id, kind, params }, hosts }) =>
    events.step(id, { kind, params, hosts }),
  );
  let run = fold([events.requested(events.planOf(...planned))]);
  for (const { spec, hosts } of placed)
    for (const host of hosts) {
      run = evolve(run, events.started(events.work(spec.id, host)));
      yield { spec, host, run };
      run = evolve(run, events.succeeded(events.work(spec.id, host)));
    }
}

function wholeWayBack(runbook: Runbook): StepSpec[] {
  const last = [...runOf(junoCloud, runbook)].at(-1);
  if (last === undefined) throw new Error('a plan has at least one step');
  const byId = new Map(runbook.steps.map((step) => [step.id, step]));
  return planRollback(last.run).steps.flatMap(({ step }) => byId.get(step.id) ?? []);
}

/** What undoing a step means to the cloud; empty where it only looked or prepared. */
function undoing({ id, kind, params }: StepSpec): string {
  const words: Readonly<Record<string, string>> = {
    'database-backup': 'restore databases',
    package: 'put packages back',
    config: 'put files back',
    repository: 'put repository back',
  };
  if (kind === 'service' && !id.includes('daemon-off'))
    return Params.parse(params).state === 'stopped' ? 'start the old' : 'stop the new';
  return words[kind] ?? '';
}

const changes = (words: readonly string[]): string[] =>
  words.filter((word, index) => word !== words[index - 1]);

describe('the rollback of a hop', () => {
  const clouds: [string, () => Partial<UpgradeRequest>][] = [
    ['of everything', () => ({})],
    ['of keystone alone, beside a dashboard', () => ({ only: ['keystone'] })],
    ['from Kilo', () => ({ facts: { ...junoFacts, series: 'kilo' as const } })],
    [
      'with cinder and heat',
      () => ({
        cloud: junoWithServices(({ openstack }) =>
          Object.assign(openstack, {
            cinder: { parts: { api: 'control', volume: 'network' } },
            heat: { parts: { api: 'control' } },
          }),
        ),
      }),
    ],
    [
      'with the dashboard on a host of its own',
      () => ({
        cloud: junoWithServices(({ openstack }) =>
          Object.assign(openstack, { horizon: { parts: { web: 'net1' } } }),
        ),
      }),
    ],
    [
      'on one host',
      () => ({
        cloud: junoWithServices(({ openstack }) =>
          Object.assign(openstack, {
            nova: { parts: { control: 'ctl1', compute: 'ctl1' } },
            neutron: { parts: { server: 'ctl1', l2: 'ctl1', network: 'ctl1' } },
          }),
        ),
      }),
    ],
  ];

  it('is: stop, restore, packages, files, repository, and only then the old services', () => {
    const back = wholeWayBack(planJuno());
    for (const hop of ['kilo', 'liberty']) {
      const words = back
        .filter(({ id }) => id.startsWith(`${hop}-`))
        // A site of Apache goes into a folder that the package brings; the sources are made one again at the very end.
        .filter(({ id }) => !/wsgi-keystone-conf|repository-alone/.test(id))
        .map(undoing)
        .filter((word) => word !== '');

      expect(changes(words)).toEqual([
        'stop the new',
        'restore databases',
        'put packages back',
        'put files back',
        'put repository back',
        'start the old',
      ]);
    }
  });

  it('lets people in last, and packages start services only after the old ones run', () => {
    const back = wholeWayBack(planJuno()).map(({ id }) => id);

    expect(back.slice(-6)).toEqual([
      'kilo-keystone-token-flush',
      'hold-services',
      'drain-neutron-api',
      'drain-nova-api',
      'drain-glance-api',
      'drain-keystone-public',
    ]);
    expect(back.findLastIndex((id) => id.includes('-stop-'))).toBeLessThan(
      back.indexOf('hold-services'),
    );
  });

  it('starts the old services as they are started: what others need first', () => {
    const started = wholeWayBack(planJuno({ target: 'kilo' }))
      .filter((step) => undoing(step) === 'start the old')
      .map(({ id }) => id.replace('kilo-stop-', ''));

    expect(started.slice(0, 4)).toEqual([
      'keystone',
      'glance-registry',
      'glance-api',
      'nova-conductor',
    ]);
    expect(started.indexOf('nova-compute')).toBeGreaterThan(started.indexOf('neutron-server'));
    expect(started.at(-1)).toBe('apache2');
  });

  it('has the old release on offer until it is closed', () => {
    const { steps } = planJuno();
    const replaced = steps.flatMap(({ id, params }) => {
      const { replaces } = Params.parse(params);
      return replaces === undefined ? [] : [[id, replaces]];
    });

    expect(replaced).toEqual([
      ['kilo-repository', ['cloudarchive-liberty']],
      ['liberty-repository', ['cloudarchive-juno']],
      ['liberty-repository-alone', ['cloudarchive-juno', 'cloudarchive-kilo']],
    ]);
  });

  it.each(clouds)('%s runs nothing on the schema of another release, from wherever', (_, make) => {
    const change = make();
    const healedCloud = change.cloud ?? junoCloud;
    const runbook = planJuno(change);
    const begins = change.facts?.series ?? 'juno';
    const start = new PretendWorld(healedCloud, begins).state();
    const far = [...runOf(healedCloud, runbook)];
    expect(far.length).toBeGreaterThan(20);

    for (const [index, { run }] of far.entries()) {
      const tried = new PretendWorld(healedCloud, begins);
      const undo = new Map(
        far
          .slice(0, index + 1)
          .map(({ spec, host }) => [`${spec.id} ${host}`, tried.apply(spec, host)]),
      );
      for (const { step, hosts } of planRollback(run).steps)
        for (const host of hosts) undo.get(`${step.id} ${host}`)?.();

      expect([far[index]?.spec.id, tried.problems]).toEqual([far[index]?.spec.id, []]);
      expect(tried.state()).toEqual(start);
    }
  });

  it.each(clouds)('%s leads every schema to the end', (_, make) => {
    const change = make();
    const healedCloud = change.cloud ?? junoCloud;
    const world = new PretendWorld(healedCloud, change.facts?.series ?? 'juno');
    for (const { spec, host } of runOf(healedCloud, planJuno(change))) world.apply(spec, host);

    expect(JSON.stringify(world.state())).toContain('["keystone","liberty"]');
    if (change.only === undefined)
      expect(JSON.stringify(world.state())).not.toMatch(/"(juno|kilo)"/);
  });
});
