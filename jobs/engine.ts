import type { Logger } from 'pino';
import { type Decision, decide, openGate } from './decide.ts';
import type { RunEvent } from './events.ts';
import type { Queues } from './queue.ts';
import { type Run, hostStep, isCurrent } from './run.ts';
import type { Store } from './store.ts';

export interface Engine {
  readonly store: Store;
  readonly queues: Pick<Queues, 'step'>;
  readonly now: () => string;
  readonly log: Logger;
}

/** Decides about a run and carries it out. Safe to call at any time, any number of times. */
export async function advance(engine: Engine, run: string): Promise<void> {
  const state = await engine.store.load(run);
  for (const decision of decide(state)) await carryOut(engine, run, decision);
}

async function carryOut(
  { store, queues, now, log }: Engine,
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
  switch (decision.do) {
    case 'askApproval':
      return openGate(run)?.step.id === decision.gate &&
        run.gates[decision.gate]?.requestedAt === undefined
        ? { type: 'ApprovalRequested', at, gate: decision.gate }
        : undefined;
    case 'askPerson':
      return isCurrent(run, decision.work) && hostStep(run, decision.work).status === 'pending'
        ? { type: 'PersonAsked', at, work: decision.work }
        : undefined;
    case 'rewind':
      return stillDecides(run, 'rewind') ? { type: 'Rewound', at, to: decision.to } : undefined;
    case 'end':
      return stillDecides(run, 'end')
        ? { type: 'RunEnded', at, outcome: decision.outcome }
        : undefined;
  }
}

const stillDecides = (run: Run, what: Decision['do']): boolean =>
  decide(run).some((next) => next.do === what);
