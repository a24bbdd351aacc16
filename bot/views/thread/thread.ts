import type { RunEvent } from '../../../jobs/run/events.ts';
import { evolve, fold } from '../../../jobs/run/fold.ts';
import type { RecogniseFailure } from '../../../openstack/repair/signature.ts';
import { type Run, isCurrent } from '../../../jobs/run/run.ts';
import { type Message, withBlockIds, sectionBlock } from '../blocks.ts';
import { knownFailureLines } from '../card/known-failure.ts';
import { planLines } from '../plan/plan.ts';
import { type DateStyle, cutText } from '../text.ts';
import type { EventLine } from './line.ts';
import { runEventLine } from './run-lines.ts';
import { stepEventLine } from './step-lines.ts';

export interface ThreadLine extends Message {
  /** The same for the same line of the same run, however often the list is made. */
  readonly key: string;
}

interface ThreadLooks {
  readonly dates?: DateStyle;
  readonly recognise?: RecogniseFailure | undefined;
}

/**
 * What the thread of a run says, in order: one entry per finished step and host, and per word of a person. A longer log
 * gives the same entries and more.
 */
export function threadLines(
  [first, ...rest]: readonly RunEvent[],
  looks: ThreadLooks = {},
): readonly ThreadLine[] {
  if (first === undefined) return [];
  return rest.reduce((thread, event) => threadAfter(thread, event, looks), threadBefore(first))
    .lines;
}

/** A run and what its thread says so far. */
export interface RunThread {
  readonly run: Run;
  readonly lines: readonly ThreadLine[];
}

/** That of a run which has just begun. */
export function threadBefore(first: RunEvent): RunThread {
  const run = fold([first]);
  return { run, lines: [entry(run, { key: 'plan', lines: planLines(run) })] };
}

/** That after one more event. */
export function threadAfter(
  { run: before, lines }: RunThread,
  event: RunEvent,
  { dates = 'slack', recognise }: ThreadLooks,
): RunThread {
  const run = evolve(before, event);
  const line = eventLine({ before, run, dates }, event);
  if (line === undefined) return { run, lines };
  const known = event.type === 'StepFailed' ? knownFailureLines(run, event.work, recognise) : [];
  return { run, lines: [...lines, entry(run, line, known)] };
}

interface Moment {
  readonly before: Run;
  readonly run: Run;
  readonly dates: DateStyle;
}

function eventLine({ before, run, dates }: Moment, event: RunEvent): EventLine | undefined {
  if (!('work' in event)) return runEventLine(before, run, event);
  // An event about an attempt that is over changes nothing, so it says nothing.
  return isCurrent(before, event.work) ? stepEventLine(run, event, dates) : undefined;
}

function entry(run: Run, { key, lines }: EventLine, known: readonly string[] = []): ThreadLine {
  const all = lines.filter((line) => line !== undefined && line !== '');
  return {
    key,
    text: cutText(all[0] ?? '', 1000),
    blocks: withBlockIds(`${run.id}.thread.${key}`, [
      sectionBlock(...all),
      ...(known.length === 0 ? [] : [sectionBlock(...known)]),
    ]),
  };
}
