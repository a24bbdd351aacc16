import { OperatorError } from '../../handlers/contract/errors.ts';
import type { Cloud } from '../../jobs/files/cloud.ts';
import type { RunEvent } from '../../jobs/run/events.ts';
import type { Plan } from '../../jobs/run/plan.ts';
import { mostApprovalsAsked } from '../../jobs/run/quorum.ts';
import { rehearsalOf } from './rehearsal.ts';

/** Where people work, nothing is tried for the first time. */
export const needsRehearsal = ({ environment }: Pick<Cloud, 'environment'>): boolean =>
  environment === 'production';

interface Evidence {
  /** Of recent runs on all clouds. */
  readonly logs: readonly (readonly RunEvent[])[];
  /** ISO 8601. */
  readonly now: string;
  /** Why it may start without a rehearsal. */
  readonly unrehearsed: string | undefined;
}

/**
 * The plan as it is when it needs no rehearsal or has one. Without one, a reason lets it start, and then it says so before
 * its first step and takes the most approvals that the cloud asks for of any step. Throws `NotRehearsed`.
 */
export function heldToRehearsal(
  plan: Plan,
  cloud: Pick<Cloud, 'name' | 'environment' | 'rehearsalDays' | 'access'>,
  { logs, now, unrehearsed }: Evidence,
): Plan {
  if (!needsRehearsal(cloud)) return plan;
  const rehearsal = rehearsalOf(plan, logs, { now, days: cloud.rehearsalDays });
  if (rehearsal.isRehearsed) return plan;
  if (unrehearsed === undefined) throw new NotRehearsed(cloud.name, rehearsal.reason);
  const [first, ...rest] = plan.steps;
  if (first === undefined) return plan;
  const note = `Not rehearsed: ${rehearsal.reason}. Started all the same, because: ${unrehearsed}`;
  const gate = Math.max(first.gate ?? 1, mostApprovalsAsked(cloud.access));
  return { ...plan, steps: [{ ...first, gate, notes: [note, ...(first.notes ?? [])] }, ...rest] };
}

/** A front end adds what to type. */
export class NotRehearsed extends OperatorError {
  constructor(cloud: string, reason: string) {
    super(`starting an upgrade of production cloud ${cloud}: ${reason}`, {
      name: 'NotRehearsed',
      hint: `Start it on a verification cloud, let it end, then roll it back. Or start it without, with a reason and the most approvals that ${cloud} asks for.`,
    });
  }
}
