import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadCloud } from '../../../jobs/files/cloud.ts';
import { plannableFixes, planFix } from '../../../openstack/repair/fixes.ts';
import { failureRecogniser } from '../../../openstack/repair/signature.ts';
import type { PlanStep } from '../../../jobs/run/plan.ts';
import type { Run } from '../../../jobs/run/run.ts';
import { type FailedStep, failedStep } from '../../../jobs/run/fixes.ts';
import * as e from '../../support/runs/events.ts';
import { knowledge } from '../known.ts';

const cloud = await loadCloud(join(import.meta.dirname, '../../../examples'), 'example-juno');

interface Failed {
  readonly step: Partial<PlanStep> & { readonly id: string };
  readonly tail: string;
  readonly hosts?: readonly string[];
  readonly choice?: string;
  readonly isBackedUp?: boolean;
}

/** The fix of a step that failed so, in a run on these hosts. */
function wayOut({ choice = '1', ...how }: Failed) {
  const { run, failed } = failedRun(how);
  return planFix({ knowledge, cloud }, { run, failed, choice });
}

function failedRun({
  step: { id, ...rest },
  tail,
  hosts = ['ctl1', 'cmp1', 'cmp2'],
  isBackedUp = true,
}: Omit<Failed, 'choice'>): { readonly run: Run; readonly failed: FailedStep } {
  const step = e.step(id, rest);
  const of = e.planOf(e.step('before', { hosts: [...hosts], isBackup: isBackedUp }), step);
  const works = step.hosts.map((host) => e.work(id, host));
  const run = e.readyRun(
    of,
    ...works.flatMap((work) => [e.started(work), e.failed(work, { tail })]),
  );
  const now = { ...run, apply: { ...run.apply, before: passed(hosts) } };
  const failed = failedStep(now);
  if (failed === undefined) throw new Error('nothing failed');
  return { run: now, failed };
}

const passed = (hosts: readonly string[]) =>
  new Map(hosts.map((host) => [host, { status: 'succeeded' as const, attempt: 1, began: true }]));

const flavors = {
  step: { id: 'sync', kind: 'command' },
  tail: 'There are still 3 unmigrated flavor records\n',
};

describe('a fix of a known failure', () => {
  it('is the very steps, with every command, under one gate', () => {
    const { title, after, steps } = wayOut(flavors);

    expect([title, after]).toEqual(['Move the flavors with Kilo', 'retry']);
    expect(steps.map(({ id, hosts }) => [id, ...hosts])).toEqual([
      ['kilo-repository', 'ctl1'],
      ['kilo-nova-repair', 'ctl1'],
      ['liberty-nova-migrate-flavors', 'ctl1'],
      ['liberty-repository', 'ctl1'],
      ['liberty-nova-packages', 'ctl1'],
    ]);
    expect(steps.map(({ gate }) => gate)).toEqual([
      expect.any(Number),
      ...Array(4).fill(undefined),
    ]);
    expect(JSON.stringify(steps[2]?.apply)).toContain('migrate_flavor_data');
  });

  it('shows who approves a correction by hand the rows that it is about, and no others what they know', () => {
    const { steps } = wayOut({
      step: { id: 'subnets', kind: 'check', title: 'Check the subnets' },
      tail: 'subnet, network, CIDR, gateway, wrong because:\na1\tn1\t10.0.0.0/8\t10.0.0.1\tcovers 10.9.0.0/24 of subnet b1\n',
    });

    expect(steps.map(({ doer, gate, notes }) => ({ doer, gate, notes }))).toEqual([
      {
        doer: 'person',
        gate: expect.any(Number),
        notes: [
          'What "Check the subnets" said on ctl1:',
          'subnet, network, CIDR, gateway, wrong because:',
          'a1\tn1\t10.0.0.0/8\t10.0.0.1\tcovers 10.9.0.0/24 of subnet b1',
        ],
      },
    ]);
    expect(wayOut(flavors).steps[0]?.notes).toBeUndefined();
  });

  it('runs where the step failed, where the packages of that host are the matter', () => {
    const { steps } = wayOut({
      step: { id: 'rest', kind: 'package', hosts: ['cmp2'], hop: { from: 'juno', to: 'kilo' } },
      tail: 'E: Unmet dependencies. Try using -f.',
    });

    expect(steps).toMatchObject([
      { kind: 'package-repair', hosts: ['cmp2'], params: { series: 'kilo' }, gate: 1 },
    ]);
  });

  it('is of the release that a step before the failed one says, or the cloud', () => {
    const failed = { kind: 'package', hosts: ['ctl1'] };
    const tail = 'You have held broken packages';
    const series = (step: Failed['step']) => wayOut({ step, tail }).steps[0]?.params;

    expect(series({ ...failed, id: 'a', params: { series: 'liberty' } })).toMatchObject({
      series: 'liberty',
    });
    expect(series({ ...failed, id: 'a', hop: { to: 'kilo' } })).toMatchObject({ series: 'kilo' });
    expect(series({ ...failed, id: 'a' })).toMatchObject({ series: cloud.series });
  });

  it.each([
    [{ ...flavors, choice: '2' }, 'NoFixSteps', 'Type\n/upgrade rollback 7f3a12'],
    [{ ...flavors, choice: '3' }, 'UnknownFix', expect.stringContaining('/upgrade status 7f3a12')],
    [{ ...flavors, choice: 'disk-full.1' }, 'UnknownFix', expect.any(String)],
    [{ ...flavors, choice: 'x' }, 'UnknownFix', expect.any(String)],
    [
      { ...flavors, tail: 'No space left on device' },
      'NoFixSteps',
      'Do it, then type\n/upgrade retry 7f3a12',
    ],
    [{ ...flavors, isBackedUp: false }, 'NoBackup', expect.any(String)],
    [{ ...flavors, tail: 'Oh dear' }, 'UnknownFailure', expect.stringContaining('log 7f3a12 sync')],
    [
      { ...flavors, step: { id: 'sync', kind: 'command', hosts: ['cmp1'] }, hosts: ['cmp1'] },
      'FixElsewhere',
      expect.any(String),
    ],
  ])('%j: %s', (failed, name, hint) => {
    expect(() => wayOut(failed)).toThrow(expect.objectContaining({ name, hint }));
  });
});

describe('fixes that run', () => {
  const stale = 'E: Failed to fetch http://deb.example.org/a.deb  Hash Sum mismatch';

  it('fetch lists again where the step failed, and try it again', () => {
    const { steps, after } = wayOut({
      step: { id: 'rest', kind: 'package', hosts: ['cmp2'], hop: { from: 'juno', to: 'kilo' } },
      tail: stale,
    });

    expect(after).toBe('retry');
    expect(steps).toMatchObject([{ hosts: ['cmp2'], params: { run: ['apt-get', 'update'] } }]);
  });

  it('are there for a good part of the failures that are known', () => {
    const running = knowledge.signatures.filter(({ waysOut }) =>
      waysOut.some(({ steps }) => steps.length > 0),
    );

    expect(running.length).toBeGreaterThanOrEqual(30);
  });
});

describe('a fix by its number alone', () => {
  const { run, failed } = failedRun(flavors);
  const again = {
    ...run,
    apply: {
      ...run.apply,
      sync: new Map(
        Array.from(run.apply['sync'] ?? [], ([host, one]) => [host, { ...one, attempt: 2 }]),
      ),
    },
  };

  it('is refused once the step has failed before: the card may have shown another failure', () => {
    const ask = (choice: string) => planFix({ knowledge, cloud }, { run: again, failed, choice });

    expect(() => ask('1')).toThrow(
      expect.objectContaining({
        name: 'WhichFix',
        hint: 'If that is meant: /upgrade fix 7f3a12 nova-flavors-unmigrated.1',
      }),
    );
    expect(ask('nova-flavors-unmigrated.1').after).toBe('retry');
  });

  it('is taken the first time', () => {
    expect(planFix({ knowledge, cloud }, { run, failed, choice: '1' }).after).toBe('retry');
  });
});

describe('the fixes that a card offers', () => {
  const recognise = failureRecogniser(knowledge);
  const offered = (how: Omit<Failed, 'choice'>) => {
    const { run } = failedRun(how);
    const failure = { kind: how.step.kind ?? 'command', output: how.tail, exit: 1 };
    const known = plannableFixes(recognise, { knowledge, cloud }, run)(failure);
    return known?.waysOut.map(({ hasSteps }) => hasSteps);
  };

  it('are those whose steps can be planned now', () => {
    expect(offered(flavors)).toEqual([true, false]);
  });

  it('leave to a person what nothing would restore, and what this run does not reach', () => {
    expect(offered({ ...flavors, isBackedUp: false })).toEqual([false, false]);
    expect(
      offered({ ...flavors, step: { ...flavors.step, hosts: ['cmp1'] }, hosts: ['cmp1'] }),
    ).toEqual([false, false]);
  });

  it('are as known where nothing stands still', () => {
    const { run } = failedRun(flavors);
    const failure = { kind: 'command', output: flavors.tail, exit: 1 };
    const moved = { ...run, aborting: { by: 'U1', at: run.requestedAt, reason: '' } };

    expect(plannableFixes(recognise, { knowledge, cloud }, moved)(failure)).toEqual(
      recognise(failure),
    );
  });
});
