import { describe, expect, it } from '@jest/globals';
import { actOnRun, offeredActions, runStanding } from '../../../../jobs/run/act.ts';
import { decide, mayWorkBegin } from '../../../../jobs/run/decide.ts';
import type { RunEvent } from '../../../../jobs/run/events.ts';
import { fold } from '../../../../jobs/run/fold.ts';
import type { Run } from '../../../../jobs/run/run.ts';
import type { PromisedServing } from '../../../../jobs/run/serving/probe-change.ts';
import {
  downtimeOf,
  isHeldByServing,
  servingBreaches,
} from '../../../../jobs/run/serving/serving.ts';
import * as e from '../../../support/runs/events.ts';

const hosts = ['cmp1', 'cmp2', 'cmp3'];
const plan = e.planOf(
  e.step('look', { hosts: ['ctl1'] }),
  e.step('stop-nova', { hosts: ['ctl1'] }),
  e.step('sync', { hosts: ['ctl1'] }),
  e.step('start-nova', { hosts: ['ctl1'] }),
  e.step('computes', { hosts, batch: 1 }),
);
const promised: PromisedServing = {
  services: ['keystone', 'nova'],
  outages: [{ service: 'nova', from: 'stop-nova', to: 'start-nova' }],
  instances: true,
};

const done = (step: string, host = 'ctl1'): RunEvent[] => [
  e.started(e.work(step, host)),
  e.succeeded(e.work(step, host)),
];
function running(...events: readonly RunEvent[]): Run {
  const first = e.requested(plan);
  if (first.type !== 'RunRequested') throw new Error('it is requested');
  const request = { ...first, review: { oddities: [], serving: promised } };
  const ready = Object.keys(plan.targets).map(e.hostReady);
  const approved = [e.approvalRequested('look'), e.gateApproved('look', plan)];
  return fold(e.inOrder(request, ...ready, ...approved, ...events));
}
const controlDone = ['look', 'stop-nova', 'sync', 'start-nova'].flatMap((step) => done(step));
const firstBatch = [...controlDone, ...done('computes', 'cmp1')];

describe('what the approval said would stay up, and does not', () => {
  it('holds the next batch, and what is under way is followed to its end', () => {
    const down = running(
      ...firstBatch,
      e.started(e.work('computes', 'cmp2')),
      e.servingChanged('nova', 'down'),
    );

    expect(servingBreaches(down)).toEqual(['nova']);
    expect(decide(down)).toEqual([{ do: 'start', work: e.work('computes', 'cmp2') }]);
    const later = running(
      ...firstBatch,
      e.servingChanged('nova', 'down'),
      ...done('computes', 'cmp2'),
    );
    expect(decide(later)).toEqual([]);
    expect(mayWorkBegin(later, e.work('computes', 'cmp3'))).toBe(false);
    expect(runStanding(later)).toBe(
      'Run 7f3a12 starts nothing new: nova should answer and does not.',
    );
  });

  it('lets the run go on by itself once it answers again', () => {
    const back = running(
      ...firstBatch,
      e.servingChanged('nova', 'down'),
      e.servingChanged('nova', 'up', { downMs: 9000 }),
    );

    expect(isHeldByServing(back)).toBe(false);
    expect(decide(back)).toEqual([{ do: 'start', work: e.work('computes', 'cmp2') }]);
    expect(downtimeOf(back, 'nova', e.after(600))).toBe(9000);
  });

  it('is no breach while the plan has it down, and one as soon as it should be back', () => {
    const inOutage = running(
      ...done('look'),
      ...done('stop-nova'),
      e.servingChanged('nova', 'down'),
    );
    expect(servingBreaches(inOutage)).toEqual([]);
    expect(decide(inOutage)).toEqual([{ do: 'start', work: e.work('sync') }]);

    const tooEarly = running(e.servingChanged('nova', 'down'));
    expect(servingBreaches(tooEarly)).toEqual(['nova']);
    const late = running(
      ...done('look'),
      ...done('stop-nova'),
      e.servingChanged('nova', 'down'),
      ...done('sync'),
      ...done('start-nova'),
    );
    expect(servingBreaches(late)).toEqual(['nova']);
  });

  it('may be let go on without by whoever may resume a run, until it answers again', () => {
    const held = running(...firstBatch, e.servingChanged('nova', 'down'));
    const ann = { id: 'UANN', isEngineer: true, isApprover: false };
    expect(offeredActions(held)).toEqual(['pause', 'resume', 'rollback', 'abort']);
    const verdict = actOnRun(held, { name: 'resume' }, ann, e.after(60));
    expect(verdict).toEqual({ event: { type: 'Resumed', at: e.after(60), by: 'UANN' } });

    const goesOn = running(...firstBatch, e.servingChanged('nova', 'down'), e.resumed());
    expect(decide(goesOn)).toEqual([{ do: 'start', work: e.work('computes', 'cmp2') }]);
    const again = running(
      ...firstBatch,
      e.servingChanged('nova', 'down'),
      e.resumed(),
      e.servingChanged('nova', 'up'),
      e.servingChanged('nova', 'down'),
    );
    expect(decide(again)).toEqual([]);
    const other = running(
      ...firstBatch,
      e.servingChanged('nova', 'down'),
      e.resumed(),
      e.servingChanged('keystone', 'down'),
    );
    expect(servingBreaches(other)).toEqual(['keystone']);
  });

  it('does not go on by a resume that only ends a pause', () => {
    const run = running(...firstBatch, e.servingChanged('nova', 'down'), e.paused(), e.resumed());

    expect(isHeldByServing(run)).toBe(true);
  });

  it.each([
    ['a probe that did not happen', e.servingChanged('nova', 'notProbed', { why: 'no prober' })],
    ['an API that no approval spoke of', e.servingChanged('swift', 'down')],
    ['a canary that answers', e.servingChanged('canary', 'up')],
  ])('is not %s', (_what, event) => {
    expect(servingBreaches(running(...firstBatch, event))).toEqual([]);
  });

  it('is an instance that falls silent', () => {
    expect(servingBreaches(running(...firstBatch, e.servingChanged('canary', 'down')))).toEqual([
      'canary',
    ]);
  });

  it('never holds a rollback or an abort', () => {
    const back = running(
      ...firstBatch,
      e.servingChanged('nova', 'down'),
      e.rollbackRequested('look'),
    );
    expect(decide(back)).toEqual([
      { do: 'start', work: e.work('computes', 'cmp1', { phase: 'undo' }) },
    ]);
    const left = running(...firstBatch, e.servingChanged('nova', 'down'), e.abortRequested());
    expect(decide(left)).toEqual([{ do: 'end', outcome: 'aborted' }]);
  });

  it('is told once, and again only after all of it answered', () => {
    const breach: RunEvent = { type: 'ServingBreached', at: e.after(20), probes: ['nova'] };
    const told = running(...firstBatch, e.servingChanged('nova', 'down'), breach);
    expect(told.serving?.breach).toEqual({ at: e.after(20), probes: ['nova'] });

    const over = running(
      ...firstBatch,
      e.servingChanged('nova', 'down'),
      breach,
      e.servingChanged('nova', 'up'),
    );
    expect(over.serving?.breach).toBeUndefined();
  });
});
