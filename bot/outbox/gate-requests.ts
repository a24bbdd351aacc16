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
export function gateRequests([first, ...rest]: readonly RunEvent[]): GateRequest[] {
  if (first === undefined) return [];
  const requests: GateRequest[] = [];
  let run = fold([first]);
  for (const event of rest) {
    run = evolve(run, event);
    const isLeft = event.type === 'Rejected' && !run.plan.steps.some(({ id }) => id === event.gate);
    for (const [index, request] of requests.entries()) {
      if (request.isOver) continue;
      if (isLeft && event.gate === request.gate) {
        // The gate went with its fix; its message says why.
        const { by, at, reason } = event;
        const state = withGate(request.state, event.gate, (gate) => ({
          ...gate,
          rejected: { by, at, reason },
        }));
        requests[index] = { ...request, state, isOver: true };
        continue;
      }
      if (event.type === 'ApprovalsVoided' && event.gate === request.gate) {
        // Its message says why; the next request is a message of its own.
        requests[index] = { ...request, state: run, isOver: true };
        continue;
      }
      const { requestedAt, rejected } = run.gates[request.gate] ?? {};
      const stands =
        (requestedAt !== undefined || rejected !== undefined) &&
        !(event.type === 'ApprovalRequested' && event.gate === request.gate);
      requests[index] = stands ? { ...request, state: run } : { ...request, isOver: true };
    }
    if (event.type === 'ApprovalRequested') {
      const key = requestKey(event.gate, event.at);
      requests.push({ gate: event.gate, key, request: event.at, state: run, isOver: false });
    }
  }
  return requests;
}
