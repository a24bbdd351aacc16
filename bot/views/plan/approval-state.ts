import { approvalsNeeded, openGate } from '../../../jobs/run/decide.ts';
import { type GateState, type Run, type VoidedApprovals, stepOf } from '../../../jobs/run/run.ts';
import { cardTitle } from '../card/run-card.ts';
import { voidedWords } from '../voided-words.ts';
import { type DateStyle, fewNames, inlineCode, mention, oneLineMrkdwn, timeText } from '../text.ts';

/** What became of one request for approval. */
export type RequestState =
  | { readonly is: 'open' | 'approved'; readonly given: GateState['approvals'] }
  | { readonly is: 'rejected'; readonly rejected: NonNullable<GateState['rejected']> }
  | { readonly is: 'voided'; readonly voided: VoidedApprovals }
  | { readonly is: 'superseded' };

export function requestState(run: Run, gate: string, request: string | undefined): RequestState {
  const { requestedAt, approvals = [], rejected, voided } = run.gates[gate] ?? {};
  if (rejected !== undefined) return { is: 'rejected', rejected };
  if (voided !== undefined) return { is: 'voided', voided };
  if (requestedAt === undefined || (request ?? requestedAt) !== requestedAt) {
    return { is: 'superseded' };
  }
  // A fix that was chosen later changes the plan, not what was approved before.
  const hashes = [run.planHash, ...run.fixes.map((way) => way.planHash)];
  const given = approvals.filter(
    ({ by, planHash }, index) =>
      hashes.includes(planHash) && approvals.findIndex((other) => other.by === by) === index,
  );
  if (given.length >= approvalsNeeded(run, stepOf(run, gate))) return { is: 'approved', given };
  const isOver =
    run.ended !== undefined ||
    run.rollback !== undefined ||
    run.aborting !== undefined ||
    openGate(run)?.step.id !== gate;
  return isOver ? { is: 'superseded' } : { is: 'open', given };
}

/** What the message says once nobody is asked any more. */
export function decidedLines(
  run: Run,
  gate: string,
  state: RequestState,
  dates: DateStyle,
): string[] {
  const approvedHash = state.is === 'approved' ? state.given[0]?.planHash : undefined;
  const plan = `plan ${inlineCode((approvedHash ?? run.planHash).slice(0, 6))}`;
  const steps = `steps from *${oneLineMrkdwn(stepOf(run, gate).title, 150)}* onwards`;
  const about = `${oneLineMrkdwn(cardTitle(run), 250)}  ·  run ${inlineCode(run.id)}  ·  ${plan}`;
  switch (state.is) {
    case 'open':
      return [];
    case 'approved': {
      const who = state.given.map(({ by, at }) => `${mention(by)} ${timeText(at, dates)}`);
      return [`*Approved* ${steps}, by ${fewNames(who, 20)}`, about];
    }
    case 'rejected': {
      const { by, at, reason } = state.rejected;
      return [
        `*Rejected* ${steps}, by ${mention(by)} ${timeText(at, dates)}: ${oneLineMrkdwn(reason)}`,
        about,
      ];
    }
    case 'voided': {
      const why = voidedWords(state.voided, run.plan.cloud);
      return [`*Approval void* ${steps}: ${why}. It is asked for anew below`, about];
    }
    case 'superseded':
      return [`*Approval no longer needed* ${steps}: the run has moved on since`, about];
  }
}
