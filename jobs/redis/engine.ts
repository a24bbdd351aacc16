import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import { latest } from '../../handlers/contract/latest.ts';
import { type Decision, decide } from '../run/decide.ts';
import type { RunEvent } from '../run/events.ts';
import { isQuorumOld } from '../run/quorum.ts';
import { type Queues, type StepDecision, stepJobId } from './queue.ts';
import type { Run } from '../run/run.ts';
import type { RunStore } from './store.ts';

export interface RunEngine {
  readonly store: Pick<RunStore, 'load' | 'append'>;
  readonly queues: Pick<Queues, 'step'>;
  readonly now: () => string;
  readonly log: Logger;
}

/** Names that were met within the last seconds: true for one that was not. */
export type RecentNames = (name: string) => boolean;

/** As often as every active run is looked at again: what was lost meanwhile is asked for then. */
const recentMs = 5000;

export function openRecentNames(now: () => number = () => performance.now()): RecentNames {
  const met = new Map<string, number>();
  return (name) => {
    const at = now();
    for (const [oldest, since] of met) {
      if (at - since < recentMs) break;
      met.delete(oldest);
    }
    if (met.has(name)) return false;
    met.set(name, at);
    return true;
  };
}

/** Up to which state of each run this process has decided. */
export interface DecidedStates {
  readonly covers: (run: Pick<Run, 'id' | 'version'>) => boolean;
  readonly note: (run: Pick<Run, 'id' | 'version'>) => void;
  /** Forgets one run, or all: nothing is known of them any more. */
  readonly forget: (run?: string) => void;
}

export function openDecidedStates(): DecidedStates {
  const versions = latest<number>(1000);
  return {
    covers: ({ id, version }) => (versions.get(id) ?? 0) >= version,
    note: ({ id, version }) => void versions.keep(id, version),
    forget: versions.forget,
  };
}

interface Before {
  /** What this process asked for a moment ago is on its way: hosts that begin together would have each other's jobs asked for. */
  readonly isNew?: RecentNames;
  readonly decided?: DecidedStates;
}

/** Decides about a run and carries it out. Safe to call at any time, any number of times. */
export async function advanceRun(
  engine: RunEngine,
  run: string,
  before: Before = {},
): Promise<void> {
  return advanceState(engine, await engine.store.load(run), before);
}

/** The same for a state that was met just now. */
export async function advanceState(
  engine: RunEngine,
  state: Run,
  { isNew = () => true, decided }: Before = {},
): Promise<void> {
  decided?.note(state);
  try {
    await carryOut(engine, { run: state.id, decisions: decide(state), isNew });
  } catch (error) {
    decided?.forget(state.id);
    throw error;
  }
}

interface CarriedOut {
  readonly run: string;
  readonly decisions: readonly Decision[];
  readonly isNew: RecentNames;
}

async function carryOut(
  { store, queues, now, log }: RunEngine,
  { run, decisions, isNew }: CarriedOut,
): Promise<void> {
  log.debug({ runId: run, decisions }, 'decided');
  const jobs = decisions.filter(isJob).filter((job) => isNew(stepJobId({ run, ...job })));
  if (jobs.length > 0) await queues.step(run, ...jobs);
  for (const decision of decisions) {
    if (isJob(decision)) continue;
    const { event } = await store.append(run, (state) => eventFor(state, decision, now()));
    if (event !== undefined) log.info({ runId: run, event: event.type }, 'run moved on');
  }
}

const isJob = (decision: Decision): decision is StepDecision =>
  decision.do === 'check' ||
  decision.do === 'recall' ||
  decision.do === 'start' ||
  decision.do === 'stop';

type Recorded = Exclude<Decision, StepDecision>;

/** The event of a decision, where the newest state would still decide the same. */
function eventFor(run: Run, decision: Recorded, at: string): RunEvent | undefined {
  if (!decide(run).some((next) => isDeepStrictEqual(next, decision))) return undefined;
  if (decision.do === 'askPerson' && isQuorumOld(run, decision.work.step, at))
    return { type: 'ApprovalsDoubted', at, gate: decision.work.step };
  return recordedEvent(decision, at);
}

/** The event of a decision that nothing outside of the log has to answer. */
export function recordedEvent(decision: Recorded, at: string): RunEvent {
  switch (decision.do) {
    case 'askApproval':
      return { type: 'ApprovalRequested', at, gate: decision.gate };
    case 'askPerson':
      return { type: 'PersonAsked', at, work: decision.work };
    case 'rewind':
      return { type: 'Rewound', at, to: decision.to };
    case 'end':
      return { type: 'RunEnded', at, outcome: decision.outcome };
  }
}
