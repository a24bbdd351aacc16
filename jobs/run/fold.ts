import { withEntry } from '../../handlers/contract/changed-map.ts';
import type { RunEvent } from './events.ts';
import type { GateState, HostCheck, Run } from './run.ts';
import {
  mapHosts,
  retryUndo,
  rewindRun,
  withGate,
  withHosts,
  withWork,
  withoutKey,
} from './changes.ts';
import { askAllHosts, doubtNext, recallHost, withoutDoubts } from './recall.ts';
import { type StepEvent, stepAfter, stepDecided, stepFoundSlow, stepTurned } from './fold-step.ts';
import { acceptOutages, servingAfter } from './serving/serving.ts';
import { leaveFix, takeFix, untouchedFix } from './taken-fixes.ts';

/** State of a run from its whole log. Pure, so that card, audit and rollback plan agree. Throws for an empty log. */
export function fold(events: readonly RunEvent[]): Run {
  const [first, ...rest] = events;
  if (first?.type !== 'RunRequested') throw new Error('a run starts with RunRequested');
  return rest.reduce(evolve, begin(first));
}

/** The state after one more event. An event about an attempt that is no longer the current one changes nothing. */
export const evolve = (before: Run, event: RunEvent): Run => doubtNext(evolved(before, event));

function evolved(before: Run, event: RunEvent): Run {
  const run: Run = { ...before, version: before.version + 1, at: event.at };
  if ('work' in event) {
    const settled = event.type === 'ProofGiven' ? settledBy(run, 'done', event) : run;
    return withWork(settled, event.work, (step) => stepAfter(step, event));
  }
  switch (event.type) {
    case 'RunRequested':
      return run;
    case 'HostReady': {
      const { host, hostKey } = event;
      return withCheck(run, host, hostKey === undefined ? {} : { hostKey });
    }
    case 'HostRefused': {
      const problem = { reason: event.reason, hint: event.hint };
      return withCheck(run, event.host, { problem });
    }
    case 'ApprovalRequested':
    case 'ApprovalGiven':
    case 'ApprovalsDoubted':
    case 'ApprovalsConfirmed':
    case 'ApprovalsVoided':
    case 'Rejected':
      return gateAfter(run, event);
    case 'StoreRestarted':
      return askAllHosts(run, event);
    case 'HostRecalled':
      return recallHost(run, event);
    case 'ServingChanged':
    case 'ServingBreached':
      return servingAfter(run, event);
    case 'LossCounted':
      return lossCounted(run, event);
    case 'StepFoundSlow':
      return withHosts(run, event, (step) => stepFoundSlow(step, event));
    case 'Rewound':
      return rewindRun(run, event.to);
    case 'RunEnded':
      return {
        ...withoutKey(run, 'aborting'),
        ended: {
          outcome: event.outcome,
          at: event.at,
          ...(event.outcome === 'aborted' && run.aborting ? { by: run.aborting.by } : {}),
        },
      };
    case 'AbortRequested':
    case 'Paused':
    case 'Resumed':
    case 'RetryRequested':
    case 'RollbackDeclined':
    case 'RollbackProposed':
    case 'RollbackRequested':
    case 'SkipRequested':
    case 'WayOutChosen':
      return requestedBy(run, event);
  }
}

const withCheck = (run: Run, host: string, check: HostCheck): Run => ({
  ...run,
  checks: withEntry(run.checks, host, check),
});

function lossCounted(run: Run, { at, lost }: Extract<RunEvent, { type: 'LossCounted' }>): Run {
  const { proposed } = run;
  if (proposed === undefined) return run;
  const counts = [...(proposed.counts ?? []), { at, lost }];
  return { ...run, proposed: { ...proposed, counts } };
}

type GateEvent = Extract<RunEvent, { gate: string }>;

function gateAfter(run: Run, event: GateEvent): Run {
  const { at } = event;
  switch (event.type) {
    case 'ApprovalRequested':
      return withGate(run, event.gate, (gate) => ({ ...asked(gate), requestedAt: at }));
    case 'ApprovalGiven': {
      const given = { by: event.by, at, planHash: event.planHash };
      return withGate(run, event.gate, (gate) => ({
        ...gate,
        approvals: [...gate.approvals, given],
      }));
    }
    case 'ApprovalsDoubted':
      return withGate(run, event.gate, (gate) => ({ ...gate, doubtedAt: at }));
    case 'ApprovalsConfirmed':
      return withGate(run, event.gate, (gate) => ({
        ...withoutKey(gate, 'doubtedAt'),
        confirmedAt: at,
      }));
    case 'ApprovalsVoided': {
      const { lost, needed, neededBefore } = event;
      const voided = { at, lost, needed, neededBefore };
      return withGate(run, event.gate, () => ({ approvals: [], needed, voided }));
    }
    case 'Rejected': {
      const way = untouchedFix(run, event.gate);
      if (way !== undefined) return leaveFix(run, way);
      const rejected = { by: event.by, at, reason: event.reason };
      return {
        ...withGate(run, event.gate, (gate) => ({ ...asked(gate), rejected })),
        paused: rejected,
      };
    }
  }
}

/** A gate that nobody has approved yet. */
const asked = ({ needed }: GateState): GateState => ({
  approvals: [],
  ...(needed !== undefined && { needed }),
});

type PersonEvent = Exclude<Extract<RunEvent, { by: string }>, GateEvent | StepEvent | FirstEvent>;

/** What a person asked of the whole run, or of a step where it is stuck. */
function requestedBy(run: Run, event: PersonEvent): Run {
  const { by, at } = event;
  switch (event.type) {
    case 'Paused':
      return { ...run, paused: { by, at } };
    case 'Resumed':
      return run.paused === undefined
        ? settledBy(acceptOutages(run), 'resume', event)
        : settledBy(withoutKey(run, 'paused'), 'resume', event);
    case 'AbortRequested':
      return {
        ...mapHosts(withoutKey(withoutKey(run, 'paused'), 'proposed'), (step) =>
          stepTurned(step, at),
        ),
        aborting: { by, at },
      };
    case 'RetryRequested':
    case 'SkipRequested': {
      const settled = settledBy(run, event.type === 'SkipRequested' ? 'skip' : 'retry', event);
      const isGoingBack = run.rollback !== undefined;
      const sure = event.type === 'RetryRequested' ? withoutDoubts(settled, event) : settled;
      return withHosts(sure, event, (step) => stepDecided(step, event, { isGoingBack }));
    }
    case 'WayOutChosen':
      return takeFix(settledBy(run, 'fix', event), event);
    case 'RollbackProposed': {
      const { type: _type, ...proposed } = event;
      return { ...run, proposed };
    }
    case 'RollbackDeclined':
      return settledBy(withoutKey(run, 'proposed'), 'decline', event);
    case 'RollbackRequested': {
      const { type: _type, ...rollback } = event;
      const held = withoutKey(withoutKey(run, 'proposed'), 'paused');
      const open = withoutKey(withoutKey(held, 'ended'), 'aborting');
      return { ...retryUndo(mapHosts(open, (step) => stepTurned(step, at))), rollback };
    }
  }
}

const settledBy = (
  run: Run,
  name: keyof NonNullable<Run['settled']>,
  { by, at }: { by: string; at: string },
): Run => ({ ...run, settled: { ...run.settled, [name]: { by, at } } });

type FirstEvent = Extract<RunEvent, { type: 'RunRequested' }>;

function begin(event: FirstEvent): Run {
  return {
    id: event.run,
    version: 1,
    plan: event.plan,
    planHash: event.planHash,
    ...(event.review === undefined ? {} : { review: event.review }),
    requestedBy: event.by,
    ...(event.access === undefined ? {} : { access: event.access }),
    requestedAt: event.at,
    at: event.at,
    checks: new Map(),
    gates: {},
    apply: {},
    undo: {},
    fixes: [],
    fixesChosen: 0,
  };
}
