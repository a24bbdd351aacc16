import { capital } from '../../../handlers/words/letters.ts';
import { approvalsNeeded, openGate } from '../../../jobs/run/decide.ts';
import { gateSteps } from '../../../jobs/run/gate-steps.ts';
import { type Run, chooserOf, stepOf } from '../../../jobs/run/run.ts';
import {
  type Message,
  actionsBlocks,
  contextBlock,
  headerBlock,
  sectionBlock,
  withBlockIds,
} from '../blocks.ts';
import { approvalButtons } from '../card/buttons.ts';
import { cardTitle } from '../card/run-card.ts';
import { type GateReading, gateFacts, readGate } from '../reading/gate-reading.ts';
import { type KnownCloud, summaryCuts, summaryLines } from '../reading/plan-summary.ts';
import { lookButtons } from '../reading/reading-modal.ts';
import {
  type DateStyle,
  countText,
  inlineCode,
  mention,
  mentions,
  oneLineMrkdwn,
} from '../text.ts';
import { decidedLines, requestState } from './approval-state.ts';

/** Where the exact words of what is approved stand; before they do, nobody can approve. */
export type WordsPlace =
  | { readonly in: 'nowhere yet' | 'nowhere any more' | 'a file' }
  /** The workspace takes no files, for this reason. */
  | { readonly in: 'messages'; readonly why: string };

export interface ApprovalOptions {
  /** User and user-group ids: who may approve. */
  readonly approvers: readonly string[];
  readonly words: WordsPlace;
  /** `requestedAt` of the request that this message is about; absent: the latest. */
  readonly request?: string;
  /** Absent: the cloud's file can't be read. */
  readonly known?: KnownCloud | undefined;
  readonly dates?: DateStyle;
}

/** At most so many characters are read before the press. */
export const mostSummaryCharacters = 1200;

/**
 * Asks for approval before a gate, on one screen; once that is decided, or no longer asked, it says so and has no
 * buttons.
 */
export function approvalMessage(run: Run, gate: string, look: ApprovalOptions): Message {
  const { request, dates = 'slack' } = look;
  const state = requestState(run, gate, request);
  const needed = approvalsNeeded(run, stepOf(run, gate));
  const title = oneLineMrkdwn(stepOf(run, gate).title, 150);
  const steps = state.is === 'open' ? gateSteps(run, gate, title) : `steps from ${title} onwards`;
  const blocks =
    state.is === 'open'
      ? open(run, gate, look)
      : [sectionBlock(...decidedLines(run, gate, state, dates))];
  const given = state.is === 'open' ? ` · ${state.given.length} of ${needed}` : '';
  return {
    text: `${WORDS[state.is]} ${steps}${given}: ${oneLineMrkdwn(cardTitle(run), 250)}, run ${run.id}`,
    blocks: withBlockIds(`${run.id}.${approvalKey(run, gate, request)}`, blocks),
  };
}

/** Names one request for approval: a gate that is asked for again after a rejection or a rollback has another one. */
function approvalKey(run: Run, gate: string, request = run.gates[gate]?.requestedAt): string {
  return `approval.${gate}.${request === undefined ? 'none' : Date.parse(request)}`;
}

const WORDS = {
  open: 'Approval needed:',
  approved: 'Approved',
  rejected: 'Rejected',
  voided: 'Approval void, and asked for anew:',
  superseded: 'Approval no longer needed',
} as const;

function open(run: Run, gate: string, look: ApprovalOptions): Message['blocks'] {
  const reading = readGate(run, gate);
  const facts = gateFacts(run, reading, look.known, look.dates);
  const hasFiles = reading.part.steps.some(({ deed }) =>
    deed.changes.some(({ what }) => what === 'write' || what === 'remove'),
  );
  const all = summaryCuts.map((cut) => [
    headerBlock(headerText(run, reading)),
    sectionBlock(askLine(run, gate, look), ...summaryLines(facts, cut), wordsLine(run, look)),
    contextBlock(whoLine(run, chooserOf(run, stepOf(run, gate)))),
    ...actionsBlocks([
      ...lookButtons(run, gate, { steps: reading.part.steps.length, hasFiles }),
      ...(isReadable(look.words) ? approvalButtons(run) : []),
    ]),
  ]);
  return all.find((blocks) => charactersSeen(blocks) <= mostSummaryCharacters) ?? all.at(-1) ?? [];
}

function headerText({ plan }: Run, { part, steps }: GateReading): string {
  const hops = new Map(
    part.steps.flatMap(({ step: { hop } }) => (hop === undefined ? [] : [[hop.to, hop] as const])),
  );
  const what = [...hops.values()]
    .map(({ from, to }) => `${from === undefined ? 'to' : `${capital(from)} →`} ${capital(to)}`)
    .join(', ');
  const numbers = part.from === part.to ? `step ${part.from}` : `steps ${part.from}–${part.to}`;
  const of = part.steps.length === steps.length ? '' : ` of ${steps.length}`;
  return `Approve ${numbers}${of}? ${plan.cloud}: ${what === '' ? plan.title : what}`;
}

function askLine(run: Run, gate: string, { approvers }: ApprovalOptions): string {
  const given = openGate(run)?.given ?? [];
  const chooser = chooserOf(run, stepOf(run, gate));
  const may = approvers.filter(
    (id) => id !== run.requestedBy && id !== chooser && !given.includes(id),
  );
  const needed = countText(approvalsNeeded(run, stepOf(run, gate)), 'approval');
  const by = given.length === 0 ? '' : ` (${mentions(given, 4)})`;
  const asked =
    may.length === 0
      ? "nobody else can approve: see the access lists in the cloud's file"
      : `asks ${mentions(may, 6)}`;
  return `*${given.length} of ${needed}*${by}  ·  ${asked}`;
}

const isReadable = (words: WordsPlace): boolean => words.in === 'a file' || words.in === 'messages';

function wordsLine(run: Run, { words }: ApprovalOptions): string {
  if (run.paused !== undefined) return '*Wait*  the run is paused; Resume brings the buttons back';
  switch (words.in) {
    case 'nowhere yet':
      return '*Wait*  the exact words are on their way into the thread; then the buttons come';
    case 'nowhere any more':
      return '*Wait*  the exact words are gone from the thread; the buttons come back with them';
    case 'a file':
      return '*Words*  every command on every host is in the file in the thread';
    case 'messages':
      return `*Words*  Slack takes no file here (${oneLineMrkdwn(words.why, 60)}): every command stands in messages in the thread`;
  }
}

const whoLine = (run: Run, chooser: string | undefined): string =>
  [
    oneLineMrkdwn(run.plan.title, 80),
    `${mention(run.requestedBy)} started it and does not approve it`,
    ...(chooser === undefined || chooser === run.requestedBy
      ? []
      : [`${mention(chooser)} chose this fix and does not approve it`]),
    `run ${inlineCode(run.id)}`,
    `plan ${inlineCode(run.planHash.slice(0, 6))}`,
  ].join('  ·  ');

/** As they are sent: a mention counts as long as it is written. */
export function charactersSeen(blocks: Message['blocks']): number {
  let sum = 0;
  JSON.stringify(blocks, (key, value: unknown) => {
    if (key === 'confirm') return undefined;
    if (key === 'text' && typeof value === 'string') sum += value.length;
    return value;
  });
  return sum;
}
