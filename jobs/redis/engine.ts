import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import { type Decision, decide } from '../run/decide.ts';
import type { RunEvent } from '../run/events.ts';
import { isQuorumOld } from '../run/quorum.ts';
import type { Queues } from './queue.ts';
import type { Run } from '../run/run.ts';
import type { RunStore } from './store.ts';

export interface RunEngine {
  readonly store: Pick<RunStore, 'load' | 'append'>;
  readonly queues: Pick<Queues, 'step'>;
  readonly now: () => string;
  readonly log: Logger;
}

/** Decides about a run and carries it out. Safe to call at any time, any number of times. */
export async function advanceRun(engine: RunEngine, run: string): Promise<void> {
  const state = await engine.store.load(run);
  for (const decision of decide(state)) await carryOut(engine, run, decision);
}

async function carryOut(
  { store, queues, now, log }: RunEngine,
  run: string,
  decision: Decision,
): Promise<void> {
  log.debug({ runId: run, decision }, 'decided');
  if (decision.do === 'check' || decision.do === 'start' || decision.do === 'stop') {
    return queues.step(run, decision);
  }
  const { event } = await store.append(run, (state) => eventFor(state, decision, now()));
  if (event !== undefined) log.info({ runId: run, event: event.type }, 'run moved on');
}

type Recorded = Exclude<Decision, { do: 'check' | 'start' | 'stop' }>;

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
