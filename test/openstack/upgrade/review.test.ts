import { describe, expect, it } from '@jest/globals';
import { type Plan, planHash } from '../../../jobs/run/plan.ts';
import type { RunEvent } from '../../../jobs/run/events.ts';
import { comparedRuns, reviewAgainst } from '../../../openstack/upgrade/review.ts';
import { planned } from '../../support/openstack/planned.ts';

const at = (day: number): string => `2026-11-${`${day}`.padStart(2, '0')}T02:00:00.000Z`;
const source = (uri: string) => ({
  kind: 'repository',
  on: 'ctl1',
  params: { name: 'cloud', uri, suite: 'x/zed', components: ['main'] },
});
const stop = (name: string) => ({
  kind: 'service',
  on: 'ctl1',
  params: { name, state: 'stopped' },
});
const planOn = (cloud: string, environment: string, ...steps: object[]): Plan => ({
  ...planned(steps),
  cloud,
  environment,
  runbook: 'openstack:zed',
});

const logOf = (run: string, day: number, plan: Plan, ...outcomes: string[]): RunEvent[] => [
  { type: 'RunRequested', at: at(day), run, by: 'UANN', plan, planHash: planHash(plan) },
  ...outcomes.map(
    (outcome) =>
      ({ type: 'RunEnded', at: at(day), outcome }) as Extract<RunEvent, { type: 'RunEnded' }>,
  ),
];

const usual = [source('http://a.example/'), stop('nova-api')];
const rehearsal = logOf(
  'aaa111',
  3,
  planOn('lab', 'verification', ...usual),
  'succeeded',
  'rolledBack',
);

const reviewPlan = (plan: Plan, logs: readonly RunEvent[][]) =>
  reviewAgainst(plan, comparedRuns(plan, logs));

describe('the review of a plan', () => {
  it('names its rehearsal, and nothing unusual where it does the same', () => {
    expect(reviewPlan(planOn('prod', 'production', ...usual), [rehearsal])).toEqual({
      oddities: [],
      rehearsed: { run: 'aaa111', cloud: 'lab', at: at(3), steps: 2, isRolledBack: true },
    });
  });

  it('names what the rehearsal had not', () => {
    const { oddities } = reviewPlan(planOn('prod', 'production', ...usual, stop('apache2')), [
      rehearsal,
    ]);

    expect(oddities).toEqual([
      { code: 'added', steps: [3], says: 'stop apache2', than: 'rehearsal' },
    ]);
  });

  it('takes no run for a rehearsal that did not come to its end, or was of another runbook', () => {
    const others = [
      logOf('bbb222', 4, planOn('lab', 'verification', ...usual), 'aborted'),
      logOf('ccc333', 4, { ...planOn('lab', 'verification', ...usual), runbook: 'x' }, 'succeeded'),
    ];

    expect(reviewPlan(planOn('prod', 'production', ...usual), others)).toEqual({ oddities: [] });
  });

  it('names an archive that no earlier run on this cloud took packages from', () => {
    const earlier = logOf('ddd444', 2, planOn('prod', 'production', ...usual), 'succeeded');
    const now = planOn('prod', 'production', source('http://b.example/'), stop('nova-api'));

    expect(reviewPlan(now, [earlier]).oddities).toEqual([
      { code: 'source', name: 'http://b.example/ x/zed main', steps: [1] },
    ]);
  });
});
