import { describe, expect, it } from '@jest/globals';
import { actOnRun, stateMark } from '../../../jobs/run/act.ts';
import { decide, openGate } from '../../../jobs/run/decide.ts';
import { currentStep } from '../../../jobs/run/standing.ts';
import type { RunEvent } from '../../../jobs/run/events.ts';
import { evolve } from '../../../jobs/run/fold.ts';
import { planHash } from '../../../jobs/run/plan.ts';
import { planRollback } from '../../../jobs/run/rollback/rollback.ts';
import { type Run, hostStep } from '../../../jobs/run/run.ts';
import type { Fix } from '../../../jobs/run/fixes.ts';
import * as e from '../../support/runs/events.ts';
import { ann, ben, chie, dan } from '../../support/runs/run-states.ts';

const of = e.planOf(
  e.step('backup', { gate: 2 }),
  e.step('packages', { hosts: ['ctl1', 'cmp1', 'cmp2'], batch: 1 }),
  e.step('sync'),
);
const back = e.work('backup');
const packages = e.work('packages');
const cmp1 = e.work('packages', 'cmp1');

const broken = e.readyRun(
  of,
  e.approvalRequested('backup'),
  e.gateApproved('backup', of),
  e.gateApproved('backup', of, 'UCHIE'),
  e.started(back),
  e.succeeded(back),
  e.started(packages),
  e.succeeded(packages),
  e.started(cmp1),
  e.failed(cmp1),
);

const way: Fix = {
  title: 'Repair, then try again',
  steps: [e.step('repair', { hosts: ['cmp1'], gate: 1 }), e.step('look')],
  after: 'retry',
};

const then = (run: Run, ...events: readonly RunEvent[]): Run => events.reduce(evolve, run);

function press(run: Run, name: Parameters<typeof stateMark>[1], who = ann, rest = {}): Run {
  const verdict = actOnRun(
    run,
    { name, text: 'because', ...rest },
    who,
    e.after(500 + run.version),
  );
  if ('refused' in verdict) throw new Error(verdict.reason);
  return evolve(run, verdict.event);
}

const ids = (run: Run): string[] => run.plan.steps.map(({ id }) => id);
const chosen = press(broken, 'fix', ann, { way });
const asked = then(chosen, e.approvalRequested('repair-w1'));

/** Runs a step on its hosts to its end. */
const done = (run: Run, step: string): Run =>
  then(
    run,
    ...(run.plan.steps.find(({ id }) => id === step)?.hosts ?? []).flatMap((host) => [
      e.started(e.work(step, host)),
      e.succeeded(e.work(step, host)),
    ]),
  );

const approve = (run: Run): Run => press(press(run, 'approve', ben), 'approve', chie);
const gone = ['repair-w1', 'look-w1', 'packages-w1'].reduce(done, approve(asked));

describe('a fix that somebody chose', () => {
  it('stands behind the step that failed, which comes once more where it did not work', () => {
    expect(ids(chosen)).toEqual([
      'backup',
      'packages',
      'repair-w1',
      'look-w1',
      'packages-w1',
      'sync',
    ]);
    expect(chosen.plan.steps[4]).toMatchObject({
      title: 'Again: packages',
      hosts: ['cmp1', 'cmp2'],
    });
    expect(hostStep(chosen, cmp1).status).toBe('skipped');
    expect(chosen.planHash).toBe(planHash(chosen.plan));
  });

  it('waits for as many approvals as what it leads on from, for the plan with its steps', () => {
    expect(decide(chosen)).toEqual([{ do: 'askApproval', gate: 'repair-w1' }]);
    expect(openGate(asked)).toMatchObject({ needed: 2, given: [] });
    expect(openGate(press(asked, 'approve', ben))).toMatchObject({ needed: 2, given: ['UBEN'] });
    const early = then(
      asked,
      e.gateApproved('repair-w1', of),
      e.gateApproved('repair-w1', of, 'UCHIE'),
    );
    expect(openGate(early)).toMatchObject({ given: [] });
  });

  it('is not approved by whoever chose it', () => {
    const own = then(press(broken, 'fix', ben, { way }), e.approvalRequested('repair-w1'));

    expect(actOnRun(own, { name: 'approve' }, ben, e.after(900))).toEqual({
      refused: 'notAllowed',
      reason: 'whoever chose a fix does not approve it; another approver has to',
    });
    expect(actOnRun(own, { name: 'approve' }, chie, e.after(900))).toHaveProperty('event');
  });

  it('goes on with the rest of the plan on the approvals that were given for it', () => {
    expect(currentStep(gone)?.id).toBe('sync');
    expect(openGate(gone)).toBeUndefined();
    expect(decide(gone)).toMatchObject([{ do: 'start', work: { step: 'sync' } }]);
  });

  it('goes on without the failed step where it says so', () => {
    const skipping = press(broken, 'fix', ann, { way: { ...way, after: 'skip' } });

    expect(ids(skipping)).toEqual(['backup', 'packages', 'repair-w1', 'look-w1', 'sync']);
  });

  it('is undone like everything else, in the opposite order of time', () => {
    expect(planRollback(gone).steps.map(({ step, hosts }) => [step.id, ...hosts])).toEqual([
      ['packages-w1', 'cmp1', 'cmp2'],
      ['look-w1', 'ctl1'],
      ['repair-w1', 'cmp1'],
      ['packages', 'ctl1', 'cmp1'],
      ['backup', 'ctl1'],
    ]);
  });

  it('ends the rollback where one of its steps is one-way', () => {
    const [repair, look] = way.steps;
    const hard = { ...way, steps: [{ ...repair!, exit: 'oneWay' as const }, look!] };
    const run = done(
      approve(then(press(broken, 'fix', ann, { way: hard }), e.approvalRequested('repair-w1'))),
      'repair-w1',
    );

    expect(planRollback(run)).toMatchObject({ steps: [], barrier: { id: 'repair-w1' } });
  });

  it('is no longer part of the plan once the failed step is undone', () => {
    const run = then(gone, e.rollbackRequested('packages'), e.rewound('packages'));

    expect(ids(run)).toEqual(ids(broken));
    expect(run.planHash).toBe(broken.planHash);
    expect(hostStep(run, cmp1)).toMatchObject({ status: 'pending', attempt: 2, began: false });
    expect(decide(press(run, 'resume'))).toEqual([{ do: 'askApproval', gate: 'packages' }]);
  });

  it('asks again for itself and for what follows it, when the rollback leads into it', () => {
    let run = then(gone, e.rollbackRequested('look-w1'), e.rewound('look-w1'));
    run = then(press(run, 'resume'), e.approvalRequested('look-w1'));
    expect(openGate(run)).toMatchObject({ step: { id: 'look-w1' }, needed: 2 });

    const again = (id: string, host: string) => e.work(id, host, { attempt: 2 });
    run = then(
      approve(run),
      ...[again('look-w1', 'ctl1'), again('packages-w1', 'cmp1'), again('packages-w1', 'cmp2')].map(
        (work) => e.unchanged(work),
      ),
    );
    expect(decide(run)).toEqual([{ do: 'askApproval', gate: 'sync' }]);
  });

  it('is left again by a rejection before anything of it ran, and then another may be chosen', () => {
    const left = press(asked, 'reject', ben);

    expect(left).toMatchObject({ plan: broken.plan, planHash: broken.planHash, fixes: [] });
    expect(left.paused).toBeUndefined();
    expect(left.apply).toEqual(broken.apply);
    expect(decide(left)).toEqual([]);
    expect(ids(press(left, 'fix', dan, { way }))).toContain('repair-w2');
  });

  it('that is rejected after something of it ran pauses the run', () => {
    let run = done(approve(asked), 'repair-w1');
    run = then(
      run,
      e.rollbackRequested('look-w1'),
      e.rewound('look-w1'),
      e.approvalRequested('look-w1'),
    );

    expect(press(press(run, 'resume'), 'reject', ben).paused).toMatchObject({ by: 'UBEN' });
  });

  it('may lead on from a step of another one', () => {
    const stuckAgain = then(
      approve(asked),
      e.started(e.work('repair-w1', 'cmp1')),
      e.failed(e.work('repair-w1', 'cmp1')),
    );
    const twice = press(stuckAgain, 'fix', ann, { way });

    expect(ids(twice).slice(2)).toEqual([
      'repair-w1',
      'repair-w2',
      'look-w2',
      'repair-w1-w2',
      'look-w1',
      'packages-w1',
      'sync',
    ]);
  });
});

describe('a press for a fix', () => {
  it('is refused where there is no failure, with what the run does instead', () => {
    expect(actOnRun(gone, { name: 'fix', way }, ann, e.after(900))).toMatchObject({
      refused: 'already',
      reason: expect.stringContaining('did that already'),
    });
    const going = e.readyRun(of);
    expect(actOnRun(going, { name: 'fix', way }, ann, e.after(900))).toEqual({
      refused: 'stale',
      reason: 'Run 7f3a12 needs approval of steps 1 to 3, beginning with "backup".',
    });
  });

  it('from an old card is refused', () => {
    const run = then(
      press(broken, 'retry'),
      e.started(e.work('packages', 'cmp1', { attempt: 2 })),
      e.failed(e.work('packages', 'cmp1', { attempt: 2 })),
    );
    const seen = stateMark(broken, 'fix');

    expect(actOnRun(run, { name: 'fix', way, seen }, ann, e.after(900))).toMatchObject({
      refused: 'stale',
      reason: expect.stringContaining('that button is from an earlier state of the run'),
    });
  });

  it('is not for a bystander', () => {
    const eve = { id: 'UEVE', isEngineer: false, isApprover: false };
    expect(actOnRun(broken, { name: 'fix', way }, eve, e.after(900))).toMatchObject({
      refused: 'notAllowed',
    });
  });
});
