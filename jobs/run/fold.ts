import type { RunEvent } from './events.ts';
import type { HostStep, Run } from './run.ts';
import {
  nextAttempt,
  mapHosts,
  retryUndo,
  rewindRun,
  withGate,
  withHosts,
  withWork,
  withoutKey,
} from './changes.ts';
import { leaveFix, takeFix, untouchedFix } from './taken-fixes.ts';

/** State of a run from its whole log. Pure, so that card, audit and rollback plan agree. Throws for an empty log. */
export function fold(events: readonly RunEvent[]): Run {
  const [first, ...rest] = events;
  if (first?.type !== 'RunRequested') throw new Error('a run starts with RunRequested');
  return rest.reduce(evolve, begin(first));
}

/** The state after one more event. An event about an attempt that is no longer the current one changes nothing. */
export function evolve(before: Run, event: RunEvent): Run {
  const run: Run = { ...before, version: before.version + 1, at: event.at };
  switch (event.type) {
    case 'RunRequested':
      return run;
    case 'HostReady':
      return { ...run, checks: { ...run.checks, [event.host]: {} } };
    case 'HostRefused':
      return {
        ...run,
        checks: {
          ...run.checks,
          [event.host]: { problem: { reason: event.reason, hint: event.hint } },
        },
      };
    case 'ApprovalRequested':
      return withGate(run, event.gate, () => ({ requestedAt: event.at, approvals: [] }));
    case 'ApprovalGiven':
      return withGate(run, event.gate, (gate) => ({
        ...gate,
        approvals: [...gate.approvals, { by: event.by, at: event.at, planHash: event.planHash }],
      }));
    case 'Rejected': {
      const way = untouchedFix(run, event.gate);
      if (way !== undefined) return leaveFix(run, way);
      return {
        ...withGate(run, event.gate, () => ({
          approvals: [],
          rejected: { by: event.by, at: event.at, reason: event.reason },
        })),
        paused: { by: event.by, at: event.at, reason: event.reason },
      };
    }
    case 'Paused':
      return { ...run, paused: { by: event.by, at: event.at } };
    case 'Resumed':
      return settledBy(withoutKey(run, 'paused'), 'resume', event);
    case 'AbortRequested':
      return {
        ...mapHosts(withoutKey(run, 'paused'), (step) => turned(step, event.at)),
        aborting: { by: event.by, at: event.at },
      };
    case 'RetryRequested':
      // On the way back a step that should stop is not run again: its end is tried again.
      return withHosts(settledBy(run, 'retry', event), event, (step) =>
        run.rollback !== undefined && event.phase === 'apply'
          ? withoutKey(step, 'alive')
          : nextAttempt(step),
      );
    case 'SkipRequested':
      return withHosts(settledBy(run, 'skip', event), event, (step) => ({
        ...step,
        status: 'skipped',
        finishedAt: event.at,
        skipped: { by: event.by, reason: event.reason },
      }));
    case 'WayOutChosen':
      return takeFix(settledBy(run, 'way', event), event);
    case 'RollbackRequested':
      return {
        ...retryUndo(
          mapHosts(withoutKey(withoutKey(withoutKey(run, 'ended'), 'aborting'), 'paused'), (step) =>
            turned(step, event.at),
          ),
        ),
        rollback: { by: event.by, at: event.at, to: event.to },
      };
    case 'PersonAsked':
      return withWork(run, event.work, (step) => ({
        ...step,
        status: 'asked',
        startedAt: event.at,
      }));
    case 'ProofGiven':
      return withWork(settledBy(run, 'done', event), event.work, (step) => ({
        ...step,
        status: 'succeeded',
        began: true,
        finishedAt: event.at,
        proof: { by: event.by, text: event.proof },
      }));
    case 'StepStarted':
      return withWork(run, event.work, (step) => ({
        ...step,
        status: 'running',
        // What a second attempt finds is what the first left behind; the way back leads to what the first found.
        before: step.began ? step.before : event.before,
        changes: event.changes,
        commands: event.commands,
        began: true,
        beganEarlier: step.began,
        startedAt: event.at,
      }));
    case 'StepUnchanged':
      return withWork(run, event.work, (step) => ({
        ...step,
        status: 'unchanged',
        finishedAt: event.at,
      }));
    case 'StepSucceeded':
      return withWork(run, event.work, (step) => ({
        ...withoutKey(step, 'lostAt'),
        status: 'succeeded',
        finishedAt: event.at,
        tail: event.tail,
        ...(event.exit === undefined ? {} : { exit: event.exit }),
        sizeBytes: event.sizeBytes,
        sha256: event.sha256,
      }));
    case 'StepFailed': {
      const { type: _type, at, work, tail, ...failure } = event;
      return withWork(run, work, (step) => ({
        ...withoutKey(step, 'lostAt'),
        status: 'failed',
        began: event.neverBegan === true ? step.beganEarlier === true : step.began,
        finishedAt: at,
        tail,
        failure,
      }));
    }
    case 'StepUnknown':
      return withWork(run, event.work, (step) => ({
        // A host that answered is not silent any more, and is not asked again and again.
        ...(event.forgotten === true ? withoutKey(step, 'lostAt') : step),
        status: 'unknown',
        evidence: event.evidence,
      }));
    case 'LinkLost':
      return withWork(run, event.work, (step) => ({ ...step, lostAt: step.lostAt ?? event.at }));
    case 'Reattached':
      return withWork(run, event.work, (step) => ({
        ...withoutKey(withoutKey(withoutKey(step, 'lostAt'), 'evidence'), 'alive'),
        status: 'running',
        reattached: { at: event.at, reason: event.reason },
      }));
    case 'StepStopped':
      return withWork(run, event.work, (step) =>
        event.alive.length === 0 && event.unseen === undefined
          ? { ...withoutKey(step, 'lostAt'), status: 'stopped', finishedAt: event.at, alive: [] }
          : {
              ...withoutKey(step, 'lostAt'),
              status: 'unknown',
              alive: event.alive,
              evidence: event.unseen ?? stillAlive(event),
            },
      );
    case 'Rewound':
      return rewindRun(run, event.to);
    case 'RunEnded':
      return { ...withoutKey(run, 'aborting'), ended: { outcome: event.outcome, at: event.at } };
  }
}

/** An abort or a rollback signals once more what was still alive, and takes back what a person was asked to do. */
const turned = (step: HostStep, at: string): HostStep =>
  step.status === 'asked'
    ? { ...step, status: 'stopped', finishedAt: at }
    : withoutKey(step, 'alive');

const settledBy = (
  run: Run,
  name: keyof NonNullable<Run['settled']>,
  { by, at }: { by: string; at: string },
): Run => ({ ...run, settled: { ...run.settled, [name]: { by, at } } });

function begin(event: Extract<RunEvent, { type: 'RunRequested' }>): Run {
  return {
    id: event.run,
    version: 1,
    plan: event.plan,
    planHash: event.planHash,
    requestedBy: event.by,
    requestedAt: event.at,
    at: event.at,
    checks: {},
    gates: {},
    apply: {},
    undo: {},
    ways: [],
    waysChosen: 0,
  };
}

const stillAlive = ({ alive, work }: Extract<RunEvent, { type: 'StepStopped' }>): string =>
  `still alive on ${work.host}: ${alive.map(({ pid, command }) => `pid ${pid} (${command})`).join(', ')}`;
