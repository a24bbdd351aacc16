import { describe, expect, it } from '@jest/globals';
import { decide } from '../../../jobs/run/decide.ts';
import type { RunEvent } from '../../../jobs/run/events.ts';
import { executionId } from '../../../jobs/run/events.ts';
import { fold } from '../../../jobs/run/fold.ts';
import { lostWork } from '../../../jobs/run/recall.ts';
import { type Run, hostStep } from '../../../jobs/run/run.ts';
import * as e from '../../support/runs/events.ts';

const both = ['ctl1', 'cmp1'];
const steps = ['one', 'two', 'three'].map((id) => e.step(id, { hosts: both }));
const plan = e.planOf(...steps);
const one = e.work('one');
const onCmp1 = (step: string) => e.work(step, 'cmp1');

/** The log as it stood when Redis came back: `one` runs on both hosts. */
const leftOver = (of = plan): readonly RunEvent[] => [
  e.requested(of),
  ...both.map((host) => e.hostReady(host)),
  e.approvalRequested('one'),
  e.gateApproved('one', of),
  e.started(one),
  e.started(onCmp1('one')),
  { type: 'StoreRestarted', at: e.after(1), store: 'another' },
];
const told = (host: string, rest: object = {}): RunEvent => ({
  type: 'HostRecalled',
  at: e.after(2),
  host,
  begun: [],
  ...rest,
});
const after = (events: readonly RunEvent[]): Run => fold(e.inOrder(...events));
const statusOf = (run: Run, step: string, host = 'ctl1') =>
  hostStep(run, { phase: 'apply', step, host }).status;
/** `one` is settled on both hosts: on ctl1 by a person, as it is unknown there. */
const settled: readonly RunEvent[] = [
  { ...e.outcomeUnknown(one), forgotten: true },
  e.succeeded(onCmp1('one')),
  e.skipRequested({ phase: 'apply', step: 'one', hosts: ['ctl1'] }, 'it is done'),
];
const starts = (run: Run) =>
  decide(run).flatMap((next) =>
    next.do === 'start' ? [`${next.work.step} on ${next.work.host}`] : [],
  );

describe('a host that lost what it knew while Redis lost its end', () => {
  it('begins nothing by itself that may have begun there', () => {
    const run = after([...leftOver(), told('ctl1', { lost: one }), told('cmp1'), ...settled]);

    expect(statusOf(run, 'two')).toBe('unknown');
    expect(hostStep(run, e.work('two')).evidence).toBe(
      'Redis lost the last events, and ctl1 knows nothing of one, which had begun there: so this may have begun as well',
    );
    expect(starts(run)).not.toContain('two on ctl1');
    expect(statusOf(run, 'three')).toBe('pending');
  });

  it('begins it where a person says so, as another attempt', () => {
    const retry = e.retryRequested({ phase: 'apply', step: 'two', hosts: ['ctl1'] });
    const run = after([
      ...leftOver(),
      told('ctl1', { lost: one }),
      told('cmp1'),
      ...settled,
      e.started(onCmp1('two')),
      e.succeeded(onCmp1('two')),
      retry,
    ]);

    expect(starts(run)).toEqual(['two on ctl1']);
    expect(decide(run)).toContainEqual({
      do: 'start',
      work: e.work('two', 'ctl1', { attempt: 2 }),
    });
  });

  it('leaves what is behind a gate that is not open to those who approve it', () => {
    const [first, ...rest] = steps;
    if (first === undefined) throw new Error('no steps');
    const gated = e.planOf(first, ...rest.map((step) => ({ ...step, gate: 1 })));
    const run = after([...leftOver(gated), told('ctl1', { lost: one }), told('cmp1')]);

    expect(statusOf(run, 'two')).toBe('pending');
  });
});

describe('what a host has lost', () => {
  const run = after(leftOver());
  const idOf = (step: string) => executionId(run.id, e.work(step));

  it('is the last that the log has begun there, where the host does not know it', () => {
    expect(lostWork(run, 'ctl1', [])).toEqual(one);
    expect(lostWork(run, 'ctl1', [idOf('two')])).toEqual(one);
  });

  it('is nothing where the host knows that, whatever went before it', () => {
    expect(lostWork(run, 'ctl1', [idOf('one')])).toBeUndefined();
    const later = after([
      ...leftOver(),
      told('ctl1'),
      told('cmp1'),
      e.succeeded(one),
      e.succeeded(onCmp1('one')),
      e.started(e.work('two')),
    ]);
    expect(lostWork(later, 'ctl1', [idOf('two')])).toBeUndefined();
  });

  it('is nothing where nothing has begun', () => {
    expect(lostWork(after(leftOver().slice(0, 5)), 'ctl1', [])).toBeUndefined();
  });
});
