import type { RunEvent } from '../../jobs/run/events.ts';
import { evolve, fold } from '../../jobs/run/fold.ts';
import { openGate } from '../../jobs/run/decide.ts';
import { withGate } from '../../jobs/run/changes.ts';
import type { Run } from '../../jobs/run/run.ts';

/** One time that approval was asked for. */
export interface GateRequest {
  readonly gate: string;
  readonly key: string;
  /** When it was asked. */
  readonly request: string;
  /** The run as it is now, or as it last was while this request stood. */
  readonly state: Run;
  /** A later request, or a rollback, took its place. */
  readonly isOver: boolean;
}

/** Names the message of one request for approval. */
const requestKey = (gate: string, requestedAt: string): string =>
  `approval.${gate}.${Date.parse(requestedAt)}`;

/** The same of the request that a run waits for now; undefined where it waits for none. */
export function openRequestKey(run: Run): string | undefined {
  const gate = openGate(run)?.step.id;
  const requestedAt = gate === undefined ? undefined : run.gates[gate]?.requestedAt;
  return gate === undefined || requestedAt === undefined
    ? undefined
    : requestKey(gate, requestedAt);
}

/** Every request for approval of a run, oldest first: each is a message of its own. */
export const gateRequests = ([first, ...rest]: readonly RunEvent[]): readonly GateRequest[] =>
  first === undefined ? [] : rest.reduce(requestsAfter, requestsBefore(first)).requests;

/** A run and the requests for approval that it made so far. */
export interface GateHistory {
  readonly run: Run;
  readonly requests: readonly GateRequest[];
}

/** That of a run which has just begun. */
export const requestsBefore = (first: RunEvent): GateHistory => ({
  run: fold([first]),
  requests: [],
});

/** That after one more event. */
export function requestsAfter(
  { run: before, requests }: GateHistory,
  event: RunEvent,
): GateHistory {
  const run = evolve(before, event);
  const isLeft = event.type === 'Rejected' && !run.plan.steps.some(({ id }) => id === event.gate);
  const moved = requests.map((request) =>
    request.isOver ? request : requestAfter(request, { run, event, isLeft }),
  );
  if (event.type !== 'ApprovalRequested') return { run, requests: moved };
  const key = requestKey(event.gate, event.at);
  const made = { gate: event.gate, key, request: event.at, state: run, isOver: false };
  return { run, requests: [...moved, made] };
}

interface Happened {
  readonly run: Run;
  readonly event: RunEvent;
  /** Its gate went with its fix. */
  readonly isLeft: boolean;
}

function requestAfter(request: GateRequest, { run, event, isLeft }: Happened): GateRequest {
  if (isLeft && event.type === 'Rejected' && event.gate === request.gate) {
    // Its message says why.
    const { by, at, reason } = event;
    const state = withGate(request.state, event.gate, (gate) => ({
      ...gate,
      rejected: { by, at, reason },
    }));
    return { ...request, state, isOver: true };
  }
  // Its message says why; the next request is a message of its own.
  if (event.type === 'ApprovalsVoided' && event.gate === request.gate)
    return { ...request, state: run, isOver: true };
  const { requestedAt, rejected } = run.gates[request.gate] ?? {};
  const stands =
    (requestedAt !== undefined || rejected !== undefined) &&
    !(event.type === 'ApprovalRequested' && event.gate === request.gate);
  return stands ? { ...request, state: run } : { ...request, isOver: true };
}
