import { withoutKey } from '../../jobs/run/changes.ts';
import type { Decision } from '../../jobs/run/decide.ts';
import type { RunEvent } from '../../jobs/run/events.ts';
import { type HostStep, type Run, hostStep } from '../../jobs/run/run.ts';
import { type SimulatedCore, realCore } from './core.ts';
import type { Mutant } from './mutant.ts';
import { rollbackMutants } from './rollback-mutants.ts';

const { decide, evolve, actOnRun } = realCore;

const rule = (rules: Partial<SimulatedCore['rules']>): SimulatedCore => ({
  ...realCore,
  rules: { ...realCore.rules, ...rules },
});
const deciding = (next: (run: Run) => Decision[]): SimulatedCore => ({ ...realCore, decide: next });
const folding = (next: (run: Run, event: RunEvent) => Run): SimulatedCore => ({
  ...realCore,
  evolve: next,
});
const withSteps = (run: Run, change: (step: Run['plan']['steps'][number]) => object): Run => ({
  ...run,
  plan: { ...run.plan, steps: run.plan.steps.map((step) => ({ ...step, ...change(step) })) },
});

export const mutants: readonly Mutant[] = [
  {
    wrong: 'a host that knows nothing of a step that began starts it again',
    core: rule({ attachesOnly: false }),
    breaks: /at most once per attempt|never to have begun/,
  },
  {
    wrong: 'a retry does not look for what the attempt before it left',
    core: rule({ looksForLeft: false }),
    breaks: /no attempt begins beside another one/,
  },
  {
    wrong: 'what was not seen to end counts as ended',
    core: rule({ seesTheEnd: false }),
    breaks: /what is said to have ended does not live/,
  },
  {
    wrong: 'the log is not asked again before a step begins',
    core: rule({ asksLogAgain: false }),
    breaks: /nothing starts|starts|undone|approvals/,
  },
  {
    wrong: 'every step that ended succeeded',
    core: rule({ readsExit: false }),
    breaks: /ended with exit 0/,
  },
  {
    wrong: 'what still runs is undone',
    core: rule({ endsBeforeUndo: false }),
    breaks: /nothing is undone while it runs/,
  },
  {
    wrong: 'a pause is not heard',
    core: deciding((run) => decide(withoutKey(run, 'paused'))),
    breaks: /nothing starts while paused/,
  },
  {
    wrong: 'all hosts of a step at once',
    core: deciding((run) => decide(withSteps(run, () => ({ batch: 99 })))),
    breaks: /no more than a batch at a time/,
  },
  {
    wrong: 'no gate asks',
    core: deciding((run) => decide({ ...withSteps(run, () => ({ gate: undefined })), gates: {} })),
    breaks: /has its \d approvals/,
  },
  {
    wrong: 'one approval is enough',
    core: deciding((run) => decide(withSteps(run, ({ gate }) => (gate === 2 ? { gate: 1 } : {})))),
    breaks: /has its 2 approvals/,
  },
  {
    wrong: 'one more failed host is tolerated',
    core: deciding((run) =>
      decide(withSteps(run, ({ maxFailures }) => ({ maxFailures: maxFailures + 1 }))),
    ),
    breaks: /starts when .* is through|did all of its steps/,
  },
  {
    wrong: 'an abort waits for nothing',
    core: deciding((run) =>
      run.aborting === undefined || run.ended !== undefined
        ? decide(run)
        : [{ do: 'end', outcome: 'aborted' }],
    ),
    breaks: /nothing (?:runs|lives) on/,
  },
  {
    wrong: 'a rollback waits for nothing',
    core: deciding((run) =>
      run.rollback === undefined
        ? decide(run)
        : decide({
            ...run,
            apply: mapStatus(run.apply, (status) => (status === 'running' ? 'failed' : status)),
          }),
    ),
    breaks: /undo waits for what runs|undone while it runs/,
  },
  {
    wrong: 'a silent host is not asked again',
    core: deciding((run) =>
      decide(run).filter(
        (one) => one.do !== 'start' || hostStep(run, one.work).status === 'pending',
      ),
    ),
    breaks: /what a silent host did is found/,
  },
  {
    wrong: 'a store that lost its end is believed',
    core: deciding((run) => decide(withoutKey(run, 'recalling'))),
    breaks:
      /nothing lives on when the run has ended|no attempt begins beside|undone while it runs|starts on a host at most once/,
  },
  {
    wrong: 'what a host says after the store went back is not heard',
    core: folding((run, event) =>
      evolve(run, event.type === 'HostRecalled' ? { ...event, begun: [] } : event),
    ),
    breaks:
      /nothing lives on when the run has ended|no attempt begins beside|undone while it runs|starts once/,
  },
  {
    wrong: 'a host that went back as the store did is believed',
    core: folding((run, event) => {
      if (event.type !== 'HostRecalled') return evolve(run, event);
      const { lost: _lost, ...told } = event;
      return evolve(run, told);
    }),
    breaks: /starts on a host at most once|no attempt begins beside/,
  },
  {
    wrong: 'a run that is over goes on',
    core: deciding((run) => decide(withoutKey(run, 'ended'))),
    breaks: /nothing is decided after the end/,
  },
  {
    wrong: 'a run ends while steps are left',
    core: deciding((run) =>
      decide(run).map((one) =>
        one.do === 'askApproval' ? { do: 'end', outcome: 'succeeded' } : one,
      ),
    ),
    breaks: /did all of its steps/,
  },
  {
    wrong: 'a retry is the same attempt',
    core: folding((run, event) => {
      const next = evolve(run, event);
      return event.type === 'RetryRequested' ? sameAttempts(run, next) : next;
    }),
    breaks: /starts once|starts after the attempt before it/,
  },
  {
    wrong: 'what was undone runs again on its old approvals',
    core: folding((run, event) => {
      const next = evolve(run, event);
      return event.type === 'Rewound' ? { ...next, gates: run.gates } : next;
    }),
    breaks: /has its \d approvals/,
  },
  {
    wrong: 'an approval outlives its request',
    core: folding((run, event) =>
      event.type === 'ApprovalGiven'
        ? evolve(evolve(run, event), { ...event, by: 'UNOBODY' })
        : evolve(run, event),
    ),
    breaks: /the version is the number of events/,
  },
  {
    wrong: 'the end is not noted',
    core: folding((run, event) =>
      event.type === 'RunEnded' ? { ...run, version: run.version + 1 } : evolve(run, event),
    ),
    breaks: /can bring a run to its end/,
  },
  {
    wrong: 'what a person was asked is still asked during a rollback',
    core: folding((run, event) => {
      const next = evolve(run, event);
      return event.type === 'RollbackRequested' ? { ...next, apply: run.apply } : next;
    }),
    breaks: /nobody does .* what is undone/,
  },
  {
    wrong: 'who starts a run approves it',
    core: {
      ...realCore,
      actOnRun: (run, action, person, at) =>
        actOnRun({ ...run, requestedBy: 'UNOBODY' }, action, person, at),
    },
    breaks: /someone else approves/,
  },
  {
    wrong: 'an approval is for another plan',
    core: {
      ...realCore,
      actOnRun: (run, action, person, at) =>
        actOnRun({ ...run, planHash: `${run.planHash}x` }, { ...action }, person, at),
    },
    breaks: /an approval is for the plan that runs/,
  },
  ...rollbackMutants,
  {
    wrong: 'a refusal without a reason',
    core: {
      ...realCore,
      actOnRun: (run, action, person, at) => {
        const verdict = actOnRun(run, action, person, at);
        return 'event' in verdict ? verdict : { ...verdict, reason: '' };
      },
    },
    breaks: /a refusal has a reason/,
  },
  {
    wrong: 'no action is offered while a step is stuck',
    core: {
      ...realCore,
      offeredActions: (run) =>
        realCore.offeredActions(run).includes('retry') ? [] : realCore.offeredActions(run),
    },
    breaks: /can (?:go on|be aborted)/,
  },
];

type PerHost = Run['apply'];
type Status = HostStep['status'];

const mapStatus = (all: PerHost, change: (status: Status) => Status): PerHost =>
  Object.fromEntries(
    Object.entries(all).map(([id, perHost]) => [
      id,
      new Map(
        Array.from(perHost, ([host, step]) => [host, { ...step, status: change(step.status) }]),
      ),
    ]),
  );

/** Each step tries again under the number that it had. */
function sameAttempts(before: Run, now: Run): Run {
  const again = (phase: 'apply' | 'undo'): PerHost =>
    Object.fromEntries(
      Object.entries(now[phase]).map(([step, perHost]) => [
        step,
        new Map(
          Array.from(perHost, ([host, state]) => [
            host,
            { ...state, attempt: hostStep(before, { phase, step, host }).attempt },
          ]),
        ),
      ]),
    );
  return { ...now, apply: again('apply'), undo: again('undo') };
}
