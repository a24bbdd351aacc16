import type { Work } from '../../../jobs/run/events.ts';
import { type Run, stepOf } from '../../../jobs/run/run.ts';
import { fewNames, oneLineMrkdwn } from '../text.ts';

/** What an event says in the thread, before it is laid out. */
export interface EventLine {
  /** The same for the same event of the same run. */
  readonly key: string;
  /** Lines of one group that come one after the other stand in one message, and nothing that it says goes away. */
  readonly group?: string;
  readonly lines: readonly (string | undefined)[];
}

export const singleLine = (key: string, text: string): EventLine => ({ key, lines: [text] });

export const boldStepTitle = (run: Run, step: string): string =>
  `*${oneLineMrkdwn(stepOf(run, step).title, 150)}*`;

export const workTitle = (run: Run, { phase, step }: Pick<Work, 'phase' | 'step'>): string =>
  `${phase === 'undo' ? 'undoing ' : ''}${boldStepTitle(run, step)}`;

export const hostNames = (names: readonly string[]): string =>
  oneLineMrkdwn(fewNames(names, 12), 1000);
