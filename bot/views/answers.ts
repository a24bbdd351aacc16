import type { OperatorError } from '../../handlers/contract/errors.ts';
import { runStanding } from '../../jobs/run/act.ts';
import { decide, openGate } from '../../jobs/run/decide.ts';
import type { Run, VoidedApprovals } from '../../jobs/run/run.ts';
import {
  type Message,
  refusalMessage,
  textMessage,
  sectionBlock,
  sectionBlocks,
} from './blocks.ts';
import { stepLines } from './plan/commands.ts';
import { voidedWords } from './voided-words.ts';
import { cardTitle } from './card/run-card.ts';
import {
  countText,
  type DateStyle,
  inlineCode,
  cutText,
  mentions,
  oneLineMrkdwn,
  sentenceMrkdwn,
} from './text.ts';
import type { Action, Verdict } from '../../jobs/run/action.ts';

interface AnswerOptions {
  readonly dates?: DateStyle;
  /** Ids of people that the text names. */
  readonly people?: readonly string[];
}

/** A short answer to one person. A line that begins with `/upgrade` is shown as typed. */
export function textAnswer(
  text: string,
  { dates = 'slack', people = [] }: AnswerOptions = {},
): Message {
  const lines = text
    .split('\n')
    .map((line) =>
      line.startsWith('/upgrade ') ? inlineCode(line) : sentenceMrkdwn(line, { dates, people }),
    );
  const all = cutText(lines.join('\n'), 2900);
  return textMessage(all);
}

/** What a press or a word came to, once it is in the log. `run` is the state afterwards. */
export function doneAnswer(run: Run, action: Action): Message {
  const done = action.name === 'rollback' && run.proposed !== undefined ? ASKED : DONE[action.name];
  const text = `${done} ${stands(run)}${missing(run, action)}`;
  const lines = action.name === 'fix' ? fixLines(run) : [];
  return lines.length === 0
    ? textMessage(text)
    : { text, blocks: sectionBlocks([text, ...lines]).slice(0, 3) };
}

/** What the fix that was chosen last would run, where. The request for approval has it word for word. */
function fixLines(run: Run): string[] {
  const { steps } = run.plan;
  const own = steps.filter(({ way }) => way !== undefined && way === run.fixes.at(-1)?.number);
  return own.flatMap((step) => stepLines(step, steps.indexOf(step) + 1, { isBrief: true }));
}

const ASKED = 'Asked; nothing more begins meanwhile.';

const DONE: Readonly<Record<Action['name'], string>> = {
  approve: 'Approved.',
  reject: 'Rejected.',
  pause: 'Paused; what runs now runs to its end.',
  resume: 'Resumed.',
  abort: 'Aborting.',
  retry: 'It runs again.',
  skip: 'Skipped.',
  fix: 'Fix chosen; the approvers are asked first.',
  rollback: 'Rolling back.',
  confirm: 'Confirmed.',
  decline: 'The rollback is dropped.',
  done: 'Noted, with your evidence.',
};

function missing(run: Run, { name }: Action): string {
  const gate = name === 'approve' ? openGate(run) : undefined;
  if (gate === undefined) return '';
  const verb = gate.needed === 1 ? 'is' : 'are';
  return ` ${gate.given.length} of ${countText(gate.needed, 'approval')} ${verb} given.`;
}

/** Why nothing was done. `who` are the ids of those who may, for when this person may not. */
export function refusedAnswer(
  verdict: Extract<Verdict, { refused: string }>,
  {
    who = [],
    dates = 'slack',
  }: { readonly who?: readonly string[]; readonly dates?: DateStyle } = {},
): Message {
  const may =
    verdict.refused === 'notAllowed' && who.length > 0 ? `\nThese can: ${mentions(who)}` : '';
  const { reason, people = [] } = verdict;
  const { text } = textAnswer(`Nothing was done: ${reason}`, { dates, people });
  const all = `${text}${may}`;
  return refusalMessage(textMessage(all));
}

/** Why an approval did not count: what it would have been added to is void. */
export const voidedAnswer = (voided: VoidedApprovals, cloud: string): Message =>
  textMessage(
    `Nothing was done: ${voidedWords(voided, cloud)}. What was approved is void, and it is asked for anew: approve the new request.`,
  );

/** An error that a person may read, and what to do next. */
export const errorAnswer = (
  {
    message,
    hint,
    people = [],
  }: Pick<OperatorError, 'message' | 'hint'> & Partial<Pick<OperatorError, 'people'>>,
  dates: DateStyle = 'slack',
): Message => {
  const lines = [`Nothing was done: ${message}`, hint].filter((line) => line !== '');
  return refusalMessage(textAnswer(lines.join('\n'), { dates, people }));
};

/** A line that was not understood, in the words of the grammar. */
export const problemAnswer = ({ problem }: { problem: string }): Message =>
  refusalMessage(textAnswer(problem));

/** The message with a line more at its end. Plain text, not escaped. */
export function withNote(
  { text, blocks, ...rest }: Message,
  note: string,
  dates: DateStyle = 'slack',
): Message {
  const line = sentenceMrkdwn(note, { dates });
  return { text: `${text}\n${line}`, blocks: [...blocks, sectionBlock(line)], ...rest };
}

export function startedAnswer(run: Run): Message {
  const text = `${oneLineMrkdwn(cardTitle(run), 250)} is under way as run ${inlineCode(run.id)}: its card is in <#${run.plan.channel.replaceAll(/[^A-Z0-9]/g, '')}>. The hosts are checked first; then the approvers are asked.`;
  return textMessage(text);
}

export const askedAnswer = (run: Run): Message =>
  textMessage(`Asking again right away; nothing is run a second time. ${stands(run)}`);

/** A rejection pauses the run, or ends it where nothing has begun: what the engine decides next says which. */
function stands(run: Run): string {
  const isEnding = decide(run).some((next) => next.do === 'end' && next.outcome === 'rejected');
  return isEnding ? `Run ${run.id} ends: nothing was run.` : oneLineMrkdwn(runStanding(run), 500);
}
