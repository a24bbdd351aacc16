import { describe, expect, it } from '@jest/globals';
import type { RunEvent } from '../../../jobs/run/events.ts';
import { rehearsalKey, rehearsalOf } from '../../../openstack/upgrade/rehearsal.ts';
import type { Plan } from '../../../jobs/run/plan.ts';
import * as e from '../../support/runs/events.ts';

/** The same path on a cloud with these hosts. */
const road = (hosts: readonly string[], rest: Partial<Plan> = {}): Plan => {
  const [ctl = ''] = hosts;
  const plan = e.planOf(
    e.step('stop', { kind: 'service', params: { name: 'nova-api' }, hosts: [ctl] }),
    e.step('conf', {
      kind: 'config',
      params: { path: '/etc/nova.conf', file: `kilo/${ctl}/etc/nova.conf`, content: ctl },
      hosts: [ctl],
    }),
    e.step('memcached', {
      kind: 'check',
      params: { run: ['look', ...hosts.map((_host, index) => `10.0.0.${index}:11211`)] },
      hosts: [ctl],
    }),
    e.step('sync', { kind: 'schema-sync', params: { database: 'nova' }, hosts: [ctl] }),
    e.step('rest', { kind: 'package', params: { install: ['nova'] }, hosts: [...hosts] }),
  );
  return { ...plan, runbook: 'openstack:kilo', ...rest };
};
const production = road(['c1', 'c2', 'c3'], { cloud: 'prod', environment: 'production' });
const lab = road(['lab1'], { cloud: 'lab' });

const done = (step: string): RunEvent => e.succeeded(e.work(step, 'lab1'));
const toTheEnd = [
  ...['stop', 'conf', 'memcached', 'sync', 'rest'].map(done),
  e.runEnded('succeeded'),
];
const andBack = [e.rollbackRequested('stop'), e.runEnded('rolledBack')];
const log = (plan: Plan, ...events: readonly RunEvent[]): RunEvent[] =>
  e.inOrder(e.requested(plan), ...events);
const judge = (...logs: readonly RunEvent[][]) =>
  rehearsalOf(production, logs, { now: e.after(86_400), days: 30 });

describe('a rehearsal', () => {
  it('is the same plan on other hosts, with other files', () => {
    expect(rehearsalKey(lab)).toBe(rehearsalKey(production));
  });

  it('is the same plan in other words, too', () => {
    const worded = (words: string): Plan => ({
      ...lab,
      steps: lab.steps.map((step) => ({
        ...step,
        title: words,
        params: { blocking: [{ query: 'SELECT 1', what: words, missing: words }] },
      })),
    });

    expect(rehearsalKey(worded('Migrate all rows'))).toBe(rehearsalKey(worded('Migrate the rows')));
  });

  it.each<[string, Partial<Plan>]>([
    ['another step', { steps: lab.steps.slice(1) }],
    [
      'other params',
      { steps: lab.steps.map((step) => ({ ...step, params: { install: ['glance'] } })) },
    ],
  ])('is no plan with %s', (_what, change) => {
    expect(rehearsalKey({ ...lab, ...change })).not.toBe(rehearsalKey(production));
  });

  it('counts once it came to its end and was rolled back from there', () => {
    expect(judge(log(lab, ...toTheEnd, ...andBack))).toMatchObject({
      isRehearsed: true,
      green: { run: '7f3a12', cloud: 'lab' },
      drill: { run: '7f3a12' },
    });
  });

  it('may be two runs', () => {
    const green = log(lab, ...toTheEnd);
    const drill = log(lab, ...toTheEnd.slice(0, 4), ...andBack);

    expect(judge(green, drill)).toMatchObject({ isRehearsed: true });
  });

  it.each<[string, RunEvent[][], string]>([
    ['nothing ran', [], 'this plan never ran on a verification cloud'],
    [
      'it ran in production',
      [log(production, ...toTheEnd, ...andBack)],
      'this plan never ran on a verification cloud',
    ],
    [
      'the steps were others',
      [log({ ...lab, steps: lab.steps.slice(1) }, ...toTheEnd, ...andBack)],
      'went to the same release by other steps',
    ],
    ['it did not come to its end', [log(lab, done('stop'))], 'came to its end'],
    [
      'a step was skipped',
      [
        log(
          lab,
          e.skipRequested({ phase: 'apply', step: 'stop', hosts: ['lab1'] }, 'broken'),
          ...toTheEnd,
          ...andBack,
        ),
      ],
      'came to its end without a skipped step',
    ],
    ['nobody rolled it back', [log(lab, ...toTheEnd)], 'nobody has rolled this plan back'],
    [
      'the rollback began before the schema',
      [log(lab, ...toTheEnd), log(lab, done('stop'), ...andBack)],
      'nobody has rolled this plan back',
    ],
  ])('does not count when %s', (_what, logs, reason) => {
    expect(judge(...logs)).toEqual({
      isRehearsed: false,
      reason: expect.stringContaining(reason),
    });
  });

  it('counts for as many days as the cloud says', () => {
    const old = log(lab, ...toTheEnd, ...andBack);
    const [now, later] = [e.after(29 * 86_400), e.after(31 * 86_400)];

    expect(rehearsalOf(production, [old], { now, days: 30 })).toMatchObject({ isRehearsed: true });
    expect(rehearsalOf(production, [old], { now: later, days: 31 })).toMatchObject({
      isRehearsed: true,
    });
    expect(rehearsalOf(production, [old], { now: later, days: 30 })).toEqual({
      isRehearsed: false,
      reason: 'run 7f3a12 on lab was 30 days ago, and a rehearsal counts for 30',
    });
  });
});
