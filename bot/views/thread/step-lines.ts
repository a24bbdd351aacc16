import { sizeText } from '../../../jobs/files/sizes.ts';
import type { RunEvent } from '../../../jobs/run/events.ts';
import type { StepEvent } from '../../../jobs/run/fold-step.ts';
import { type HostStep, type Run, hostStep } from '../../../jobs/run/run.ts';
import { failureReason } from '../card/failure-text.ts';
import {
  type DateStyle,
  durationBetween,
  codeLines,
  cutText,
  lastLinesAsCode,
  mention,
  oneLineMrkdwn,
  timeText,
} from '../text.ts';
import { type EventLine, boldStepTitle, hostNames, singleLine, workTitle } from './line.ts';

/** What an event about a step on a host says; undefined for one that says nothing. */
export function stepEventLine(run: Run, event: StepEvent, dates: DateStyle): EventLine | undefined {
  const { work } = event;
  const state = hostStep(run, work);
  const drawing: Drawing = {
    run,
    dates,
    state,
    what: `${workTitle(run, work)} on ${hostNames([work.host])}`,
    took: state.startedAt && `  ·  ${durationBetween(state.startedAt, event.at)}`,
    key: (status) => `${work.phase}.${work.step}.${work.host}.${work.attempt}.${status}`,
  };
  switch (event.type) {
    case 'StepStarted':
    case 'PersonAsked':
    case 'LinkLost':
      return undefined;
    case 'StepUnchanged':
    case 'StepSucceeded':
    case 'ProofGiven':
      return doneLine(event, drawing);
    case 'StepFailed':
      return failedLine(event, drawing);
    case 'StepUnknown':
    case 'Reattached':
    case 'StepStopped':
      return uncertainLine(event, drawing);
  }
}

interface Drawing {
  readonly run: Run;
  readonly dates: DateStyle;
  readonly state: HostStep;
  /** The step and its host. */
  readonly what: string;
  readonly took: string | undefined;
  readonly key: (status: string) => string;
}

type OfType<T extends StepEvent['type']> = Extract<RunEvent, { type: T }>;

function doneLine(
  event: OfType<'StepUnchanged' | 'StepSucceeded' | 'ProofGiven'>,
  { run, state, what, took = '', key }: Drawing,
): EventLine {
  const { phase, step, host } = event.work;
  const isBack = phase === 'undo';
  switch (event.type) {
    case 'StepUnchanged':
      return singleLine(
        key('unchanged'),
        isBack
          ? `✓ ${boldStepTitle(run, step)} on ${hostNames([host])}: nothing to put back`
          : `✓ ${what}: unchanged, it was done already`,
      );
    case 'StepSucceeded': {
      const restored = `restored what ${boldStepTitle(run, step)} changed on ${hostNames([host])}`;
      return {
        key: key('succeeded'),
        lines: [
          `✓ ${isBack ? restored : what}${took}`,
          changeLines(state.changes),
          lastLinesAsCode(event.tail, { lines: 6, max: 1200 }),
          moreOutput(event),
        ],
      };
    }
    case 'ProofGiven':
      return {
        key: key('done'),
        lines: [
          `✓ ${what}: ${mention(event.by)} did it`,
          ...codeLines(cutText(event.proof, 1000)).slice(0, 20),
        ],
      };
  }
}

const failedLine = (
  event: OfType<'StepFailed'>,
  { run, what, took = '', key }: Drawing,
): EventLine => ({
  key: key('failed'),
  lines: [
    `✗ ${what}${event.exit === undefined ? '' : `  ·  exit ${event.exit}`}${took}`,
    ...(event.command === undefined ? [] : codeLines(cutText(event.command, 300)).slice(0, 4)),
    failureReason(run, event.work, event),
    lastLinesAsCode(event.tail, { lines: 10, max: 1200 }),
  ],
});

/** What may come more than once for one attempt, so that its key has the number of the event. */
function uncertainLine(
  event: OfType<'StepUnknown' | 'Reattached' | 'StepStopped'>,
  { run, dates, state, what, key }: Drawing,
): EventLine {
  const nth = (status: string): string => `${key(status)}.${run.version}`;
  switch (event.type) {
    case 'StepUnknown': {
      const evidence = oneLineMrkdwn(event.evidence, 1000);
      return singleLine(nth('unknown'), `? ${what}: outcome unknown. ${evidence}`);
    }
    case 'Reattached': {
      const where = `${timeText(event.at, dates)} at byte ${event.fromByte}`;
      const why = oneLineMrkdwn(event.reason);
      return singleLine(
        nth('reattached'),
        `${what}: re-attached ${where} (${why}), nothing was run twice`,
      );
    }
    case 'StepStopped': {
      if (event.alive.length === 0 && event.unseen === undefined)
        return singleLine(key('stopped'), `■ ${what}: ended, nothing of it runs any more`);
      const evidence = oneLineMrkdwn(state.evidence ?? '', 1000);
      return singleLine(nth('alive'), `? ${what}: ${evidence}`);
    }
  }
}

/** What the step changed, as its handler says it: a few lines. */
function changeLines(text: string | undefined): string | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const all = codeLines(cutText(text.trimEnd(), 700));
  return [...all.slice(0, 8), ...(all.length > 8 ? ['…'] : [])].join('\n');
}

function moreOutput({ tail, sizeBytes }: OfType<'StepSucceeded'>): string | undefined {
  return sizeBytes > Buffer.byteLength(tail) || tail.trimEnd().split('\n').length > 6
    ? `the end of ${sizeText(sizeBytes)} of output`
    : undefined;
}
