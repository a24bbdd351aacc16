import type { KnownBlock, SectionBlock } from '@slack/types';
import { z } from 'zod';
import { toShell } from '../../../handlers/contract/command.ts';
import { askedWork, stuckWork } from '../../../jobs/run/decide.ts';
import type { Work } from '../../../jobs/run/events.ts';
import { type HostStep, type Run, attemptOf, hostStep, stepOf } from '../../../jobs/run/run.ts';
import type { RecogniseFailure } from '../../../openstack/repair/signature.ts';
import { sectionBlock } from '../blocks.ts';
import { briefCommandLine } from '../plan/commands.ts';
import type { CardOptions } from './card-lines.ts';
import { briefFailureLines, fixesOf, knownFailureLines } from './known-failure.ts';
import { failureHint, failureReason } from './failure-text.ts';
import { causeLine } from '../wake/first-cause.ts';
import {
  durationBetween,
  codeLines,
  inlineCode,
  cutText,
  fewNames,
  lastLinesAsCode,
  mention,
  oneLineMrkdwn,
  timeText,
} from '../text.ts';

/** What a person has to look at: hosts that are not ready, failures, unknown outcomes, work that waits for a person. */
export function troubleBlocks(run: Run, look: CardOptions): KnownBlock[] {
  return [
    ...firstThree(
      refusals(run),
      ([host, problem]) => refused(host, problem),
      ([host]) => host,
    ),
    ...firstThree(
      stuckWork(run),
      (work) => stuckPart(run, work, look),
      ({ host }) => host,
    ),
    ...knownPart(run, look),
    ...askedWork(run).map((work) => instructions(run, work)),
  ];
}

/** Of the first failure; those of other hosts mostly are the same, and the thread has each. */
function knownPart(run: Run, { recognise }: CardOptions): KnownBlock[] {
  const [work] = failedWorks(run);
  const lines = work === undefined ? [] : briefFailureLines(run, work, recognise);
  return lines.length === 0 ? [] : [sectionBlock(...lines)];
}

const failedWorks = (run: Run): Work[] =>
  stuckWork(run).filter((work) => hostStep(run, work).status === 'failed');

/** What the card has no room for: the whole command, the end of the output, and all that is known of the failure. */
export function moreBlocks(run: Run, recognise: RecogniseFailure | undefined): KnownBlock[] {
  const [work] = stuckWork(run);
  if (work === undefined) return [];
  const state = hostStep(run, work);
  const { command, exit } = state.failure ?? {};
  const known = state.status === 'failed' ? knownFailureLines(run, work, recognise) : [];
  const tail = lastLinesAsCode(state.tail ?? '', { lines: 12, max: 1800 });
  return [
    sectionBlock(`*${heading(run, work, state)}*`),
    ...(command === undefined
      ? []
      : [
          sectionBlock(
            ...codeLines(cutText(shown(command, state, run, work), 2000)),
            exit === undefined ? undefined : `exit ${exit}`,
          ),
        ]),
    ...(tail === '' ? [] : [sectionBlock(tail)]),
    ...(known.length === 0 ? [] : [sectionBlock(...known)]),
  ];
}

function firstThree<T>(
  all: readonly T[],
  draw: (one: T) => SectionBlock,
  name: (one: T) => string,
): SectionBlock[] {
  const rest = all.slice(3);
  return [
    ...all.slice(0, 3).map(draw),
    ...(rest.length === 0
      ? []
      : [sectionBlock(`and ${rest.length} more: ${oneLineMrkdwn(fewNames(rest.map(name), 12))}`)]),
  ];
}

type Refusal = [host: string, problem: { reason: string; hint: string }];

const refusals = (run: Run): Refusal[] =>
  [...run.checks].flatMap(([host, { problem }]) =>
    problem === undefined ? [] : [[host, problem]],
  );

const refused = (host: string, { reason, hint }: Refusal[1]): SectionBlock =>
  sectionBlock(
    `*✗ Not ready: ${oneLineMrkdwn(host)}*  ·  ${oneLineMrkdwn(reason, 600)}`,
    ways(hint),
  );

const stuckPart = (run: Run, work: Work, look: CardOptions): SectionBlock =>
  hostStep(run, work).status === 'unknown' ? unknown(run, work, look) : failed(run, work, look);

function failed(run: Run, work: Work, { recognise }: CardOptions): SectionBlock {
  const state = hostStep(run, work);
  const { failure = {} } = state;
  const { exit, command } = failure;
  const cause = causeLine(state.tail ?? '');
  const took =
    state.startedAt === undefined || state.finishedAt === undefined
      ? ''
      : `after ${durationBetween(state.startedAt, state.finishedAt)}`;
  const attempt = attemptOf(state) === 1 ? '' : `attempt ${attemptOf(state)}`;
  const [first = ''] =
    command === undefined ? [] : codeLines(cutText(oneLine(shown(command, state, run, work)), 100));
  const ended = [first, exit === undefined ? '' : `exit ${exit}`];
  // What is known says what can be done, and says it better.
  const isKnown = recognise !== undefined && fixesOf(run, work, recognise) > 0;
  return sectionBlock(
    [`*${heading(run, work, state)}*`, took, attempt].filter(Boolean).join('  ·  '),
    cause === undefined ? undefined : `*Why*  ${inlineCode(cause, 300)}`,
    ended.filter(Boolean).join('  ·  ') || undefined,
    failureReason(run, work, failure),
    isKnown ? undefined : ways(failureHint(work, failure)),
  );
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

function heading(run: Run, work: Work, { status }: HostStep): string {
  const verb = status === 'stopped' ? '■ Stopped' : '✗ Failed';
  const what = work.phase === 'undo' ? 'undoing ' : '';
  return `${verb}: ${what}${oneLineMrkdwn(stepOf(run, work.step).title, 150)}, on ${oneLineMrkdwn(work.host)}`;
}

/** The command that failed, with its arguments in sight: a long script is named as in the plan. */
function shown(command: string, { commands }: HostStep, run: Run, work: Work): string {
  const all = commands ?? stepOf(run, work.step).apply;
  const failing = all.find(({ words }) => toShell(words) === command);
  return failing === undefined ? command : briefCommandLine(failing.words);
}

const ways = (hint: string): string | undefined =>
  hint === '' ? undefined : `*You can*  ${oneLineMrkdwn(hint, 500)}`;

function unknown(run: Run, work: Work, { now, dates }: CardOptions): SectionBlock {
  const { evidence, lostAt, alive = [], tail } = hostStep(run, work);
  const title = oneLineMrkdwn(stepOf(run, work.step).title, 150);
  const what = work.phase === 'undo' ? 'undoing ' : '';
  const silent =
    lostAt === undefined
      ? undefined
      : `link lost ${timeText(lostAt, dates, now)}, silent for ${durationBetween(lostAt, now)}`;
  return sectionBlock(
    [`*? Unknown: ${what}${title}, on ${oneLineMrkdwn(work.host)}*`, silent]
      .filter(Boolean)
      .join('  ·  '),
    `*Evidence*  ${oneLineMrkdwn(evidence ?? 'none', 700)}`,
    lastLinesAsCode(tail ?? '', { lines: 3, max: 500 }) || undefined,
    lostAt === undefined
      ? '*Hopscotch*  does nothing by itself, and runs nothing a second time'
      : '*Hopscotch*  asks the host again and again, and runs nothing a second time',
    `*You can*  ${advice(work.host, { isSilent: lostAt !== undefined, isAlive: alive.length > 0 })}`,
  );
}

function advice(host: string, { isSilent, isAlive }: { isSilent: boolean; isAlive: boolean }) {
  if (isAlive) return `End it by hand on ${oneLineMrkdwn(host)}, then abort again.`;
  return isSilent
    ? `Look at the console of ${oneLineMrkdwn(host)}; when it answers, this resolves itself.`
    : `Look on ${oneLineMrkdwn(host)} whether it finished, then say what you found.`;
}

/** What the person is asked to do: words of the runbook. */
function instructions(run: Run, work: Work): SectionBlock {
  const step = stepOf(run, work.step);
  const manual = Manual.catch({}).parse(step.params);
  const { instructions: forth, proof } = step.asks ?? manual;
  const undo = manual.undo ?? (step.undoByPerson === '' ? undefined : step.undoByPerson);
  const todo = (work.phase === 'undo' ? undo : forth) ?? step.title;
  const done = work.phase === 'undo' ? run.apply[work.step]?.get(work.host)?.proof : undefined;
  const lines = todo.split('\n').map((line) => `> ${oneLineMrkdwn(line, 500)}`);
  return sectionBlock(
    `*For a person: ${work.phase === 'undo' ? 'undo ' : ''}${oneLineMrkdwn(step.title, 150)}*`,
    ...(lines.length <= 12 ? lines : [...lines.slice(0, 12), '> …']).map((line) =>
      cutText(line, 200),
    ),
    done && `*When it was done*  ${mention(done.by)} pasted: ${oneLineMrkdwn(done.text, 300)}`,
    proof === undefined ? undefined : `*Then paste*  ${oneLineMrkdwn(proof, 300)}`,
  );
}

const Manual = z.looseObject({
  instructions: z.string().optional(),
  proof: z.string().optional(),
  undo: z.string().optional(),
});
