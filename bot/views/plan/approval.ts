import { approvalsNeeded, openGate } from '../../../jobs/run/decide.ts';
import { voidedWords } from '../voided-words.ts';
import {
  type GateState,
  type Run,
  type VoidedApprovals,
  chooserOf,
  stepOf,
} from '../../../jobs/run/run.ts';
import {
  type Message,
  actionsBlocks,
  sectionsByMessage,
  contextBlock,
  headerBlock,
  withBlockIds,
  sectionBlock,
  sectionBlocks,
} from '../blocks.ts';
import { approvalButtons } from '../card/buttons.ts';
import { standardInputLines, longScripts, stepNoteLines, stepLines } from './commands.ts';
import { cardTitle } from '../card/run-card.ts';
import { hostsOfSteps } from '../card/situation.ts';
import { gateNumbers, gateSteps, stepsBehindGate } from '../../../jobs/run/gate-steps.ts';
import {
  type DateStyle,
  inlineCode,
  countText,
  fewNames,
  mention,
  mentions,
  oneLineMrkdwn,
  timeText,
} from '../text.ts';
import { rollbackLineAfterGate } from '../card/rollback-line.ts';

export interface ApprovalOptions {
  /** User and user-group ids: who may approve. */
  readonly approvers: readonly string[];
  /** `requestedAt` of the request that this message is about; absent: the latest. */
  readonly request?: string;
  readonly dates?: DateStyle;
}

/**
 * Asks for approval before a gate, with the very commands that would run; once that is decided, or no longer asked, it
 * says so and has no buttons.
 */
export function approvalMessage(run: Run, gate: string, look: ApprovalOptions): Message {
  const state = stateOf(run, gate, look.request);
  const needed = approvalsNeeded(run, stepOf(run, gate));
  const title = oneLineMrkdwn(stepOf(run, gate).title, 150);
  const steps = state.is === 'open' ? gateSteps(run, gate, title) : `steps from ${title} on`;
  const blocks =
    state.is === 'open' ? open(run, gate, look) : [sectionBlock(...decidedLines(run, gate, look))];
  const given = state.is === 'open' ? ` · ${state.given.length} of ${needed}` : '';
  return {
    text: `${WORDS[state.is]} ${steps}${given}: ${oneLineMrkdwn(cardTitle(run), 250)}, run ${run.id}`,
    blocks: withBlockIds(`${run.id}.${approvalKey(run, gate, look.request)}`, blocks),
  };
}

/** Names one request for approval: a gate that is asked for again after a rejection or a rollback has another one. */
function approvalKey(run: Run, gate: string, request = run.gates[gate]?.requestedAt): string {
  return `approval.${gate}.${request === undefined ? 'none' : Date.parse(request)}`;
}

/** Every command behind a gate, word for word, and what it reads, in as many thread messages as that takes. */
export function approvalDetails(run: Run, gate: string): Message[] {
  const known = stepNoteLines(stepOf(run, gate));
  const heading = known.length === 0 ? [] : ['*Known before this*', ...known, '*What runs*'];
  const inputs = standardInputLines(stepsBehindGate(run, gate));
  const parts = sectionBlocks([
    ...heading,
    ...allLines(run, gate),
    ...(inputs.length === 0 ? [] : ['', INPUTS, ...inputs]),
  ]);
  const text = `What run ${run.id} does once ${gateNumbers(run, gate)} are approved`;
  return sectionsByMessage(parts).map((blocks, index) => ({
    text,
    blocks: withBlockIds(`${run.id}.commands.${gate}.${index}`, blocks),
  }));
}

/** Whether the approval message leaves something out, so that the details belong into the thread. */
export const isApprovalCut = (run: Run, gate: string): boolean =>
  shown(briefLines(run, gate)).rest > 0 || isAbridged(run, gate) || knownShown(run, gate).rest > 0;

/** Whether scripts or inputs are only named in the message. */
const isAbridged = (run: Run, gate: string): boolean =>
  briefLines(run, gate).join('\n') !== allLines(run, gate).join('\n');

const INPUTS = '*What goes to standard input, with its secrets masked*';

const MOST_CHARACTERS = 6000;
const MOST_LINES = 60;
const MOST_KNOWN = 2400;

type State =
  | { readonly is: 'open' | 'approved'; readonly given: GateState['approvals'] }
  | { readonly is: 'rejected'; readonly rejected: NonNullable<GateState['rejected']> }
  | { readonly is: 'voided'; readonly voided: VoidedApprovals }
  | { readonly is: 'superseded' };

const WORDS: Readonly<Record<State['is'], string>> = {
  open: 'Approval needed:',
  approved: 'Approved',
  rejected: 'Rejected',
  voided: 'Approval void, and asked for anew:',
  superseded: 'Approval no longer needed',
};

function stateOf(run: Run, gate: string, request: string | undefined): State {
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

function open(run: Run, gate: string, { approvers }: ApprovalOptions): Message['blocks'] {
  const steps = stepsBehindGate(run, gate);
  const [first] = steps;
  const given = openGate(run)?.given ?? [];
  const chooser = chooserOf(run, first);
  const may = approvers.filter(
    (id) => id !== run.requestedBy && id !== chooser && !given.includes(id),
  );
  const { lines, rest } = shown(briefLines(run, gate));
  const more = [
    ...(rest === 0 ? [] : [`… and ${countText(rest, 'more line')}: all in the thread`]),
    ...(longScripts(steps).length > 0
      ? ['The scripts ⟨…⟩ stand in the thread, word for word']
      : []),
    ...(standardInputLines(steps).length > 0
      ? ['What goes to standard input stands in the thread, with its secrets masked']
      : []),
  ];
  const buttons = actionsBlocks(approvalButtons(run));
  return [
    headerBlock(`Approve ${gateNumbers(run, gate)}? First: ${first?.title ?? ''}`),
    sectionBlock(
      `*${given.length} of ${countText(approvalsNeeded(run, stepOf(run, gate)), 'approval')}*${given.length === 0 ? '' : ` (${mentions(given)})`}  ·  ${may.length === 0 ? "nobody else can approve: see the access lists in the cloud's file" : `asks ${mentions(may)}`}`,
      `*Next*  ${countText(steps.length, 'step')} on ${oneLineMrkdwn(fewNames(hostsOfSteps(steps), 12), 1500)}`,
    ),
    ...sectionBlocks(lines),
    ...(more.length === 0 ? [] : [sectionBlock(...more)]),
    sectionBlock(
      `*Rollback*  ${rollbackLineAfterGate(run, gate)}`,
      ...(buttons.length === 0
        ? ['*Wait*  the run is paused; Resume brings the buttons back']
        : []),
    ),
    ...knownPart(run, gate),
    contextBlock(whoLine(run, chooser)),
    ...buttons,
  ];
}

const whoLine = (run: Run, chooser: string | undefined): string =>
  [
    oneLineMrkdwn(cardTitle(run), 250),
    `${mention(run.requestedBy)} started it and does not approve it`,
    ...(chooser === undefined || chooser === run.requestedBy
      ? []
      : [`${mention(chooser)} chose this fix and does not approve it`]),
    `run ${inlineCode(run.id)}`,
    `plan ${inlineCode(run.planHash.slice(0, 6))}`,
  ].join('  ·  ');

function decidedLines(
  run: Run,
  gate: string,
  { request, dates = 'slack' }: ApprovalOptions,
): string[] {
  const state = stateOf(run, gate, request);
  const approvedHash = state.is === 'approved' ? state.given[0]?.planHash : undefined;
  const plan = `plan ${inlineCode((approvedHash ?? run.planHash).slice(0, 6))}`;
  const steps = `steps from *${oneLineMrkdwn(stepOf(run, gate).title, 150)}* on`;
  const about = `${oneLineMrkdwn(cardTitle(run), 250)}  ·  run ${inlineCode(run.id)}  ·  ${plan}`;
  switch (state.is) {
    case 'open':
      return [];
    case 'approved': {
      const who = state.given.map(({ by, at }) => `${mention(by)} ${timeText(at, dates)}`);
      return [`*Approved* ${steps} by ${fewNames(who, 20)}`, about];
    }
    case 'rejected': {
      const { by, at, reason } = state.rejected;
      return [
        `*Rejected* ${steps} by ${mention(by)} ${timeText(at, dates)}: ${oneLineMrkdwn(reason)}`,
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

const allLines = (run: Run, gate: string): string[] => linesOf(run, gate, { isBrief: false });
const briefLines = (run: Run, gate: string): string[] => linesOf(run, gate, { isBrief: true });

function linesOf(run: Run, gate: string, how: { readonly isBrief: boolean }): string[] {
  const first = run.plan.steps.findIndex((step) => step.id === gate);
  return stepsBehindGate(run, gate).flatMap((step, index) =>
    stepLines(step, first + index + 1, how),
  );
}

const knownShown = (run: Run, gate: string) => shown(stepNoteLines(stepOf(run, gate)), MOST_KNOWN);

function knownPart(run: Run, gate: string): Message['blocks'] {
  const { lines, rest } = knownShown(run, gate);
  if (lines.length + rest === 0) return [];
  const more = rest === 0 ? [] : [`… and ${rest} more: all in the thread`];
  return [sectionBlock('*Known*', ...lines, ...more)];
}

function shown(
  lines: readonly string[],
  most = MOST_CHARACTERS,
): { lines: string[]; rest: number } {
  const kept: string[] = [];
  let left = most;
  for (const line of lines.slice(0, MOST_LINES)) {
    if (line.length + 1 > left) break;
    kept.push(line);
    left -= line.length + 1;
  }
  return { lines: kept, rest: lines.length - kept.length };
}
