import { approvalMessage, charactersSeen } from '../../../../bot/views/plan/approval.ts';
import { approvalFile, approvalReading } from '../../../../bot/views/plan/approval-thread.ts';
import type { Message } from '../../../../bot/views/blocks.ts';
import type { KnownCloud } from '../../../../bot/views/reading/plan-summary.ts';
import { fold } from '../../../../jobs/run/fold.ts';
import { type Plan, planHash } from '../../../../jobs/run/plan.ts';
import type { PlanReview } from '../../../../jobs/run/review.ts';
import type { HostStep, Run } from '../../../../jobs/run/run.ts';

/** What people get to read at one gate of a run. */
export interface DrawnApproval {
  readonly gate: string;
  readonly run: Run;
  readonly message: Message;
  readonly reading: readonly Message[];
  readonly fileBytes: number;
}

const at = '2026-11-22T02:00:00.000Z';

/** Every approval of a run in which all went well, as it stands when people are asked. */
export function approvalsOf(
  plan: Plan,
  known: KnownCloud,
  review?: PlanReview,
): readonly DrawnApproval[] {
  const begun = fold([
    {
      type: 'RunRequested',
      at,
      run: '7f3a12',
      by: 'U000000ANN',
      plan,
      planHash: planHash(plan),
      ...(review === undefined ? {} : { review }),
    },
  ]);
  const gates = plan.steps.flatMap(({ id, gate }) => (gate === undefined ? [] : [id]));
  return gates.map((gate, index) => {
    const run = waitingAt(begun, gate, gates.slice(0, index));
    const look = {
      approvers: ['U000000BEN', 'U00000CHIE'],
      words: { in: 'a file' },
      known,
      dates: 'plain',
    } as const;
    return {
      gate,
      run,
      message: approvalMessage(run, gate, look),
      reading: approvalReading(run, gate, known),
      fileBytes: Buffer.byteLength(approvalFile(run, gate, at).content),
    };
  });
}

/** The run with all steps before a gate done, and the gates before it approved. */
function waitingAt(run: Run, gate: string, before: readonly string[]): Run {
  const index = run.plan.steps.findIndex(({ id }) => id === gate);
  const done: HostStep = { status: 'succeeded', attempt: 1, began: true };
  const approval = { by: 'U000000BEN', at, planHash: run.planHash };
  return {
    ...run,
    checks: new Map(Object.keys(run.plan.targets).map((host) => [host, {}])),
    gates: {
      ...Object.fromEntries(before.map((id) => [id, { requestedAt: at, approvals: [approval] }])),
      [gate]: { requestedAt: at, approvals: [] },
    },
    apply: Object.fromEntries(
      run.plan.steps
        .slice(0, index)
        .map(({ id, hosts }) => [id, new Map(hosts.map((host) => [host, done]))]),
    ),
  };
}

export const summaryCharacters = ({ message }: DrawnApproval): number =>
  charactersSeen(message.blocks);

export const readingCharacters = (messages: readonly Message[]): number =>
  messages.reduce((sum, { blocks }) => sum + charactersSeen(blocks), 0);
