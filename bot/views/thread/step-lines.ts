import type { RunEvent, Work } from '../../../jobs/run/events.ts';
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
import { type EventLine, hostNames, workTitle } from './line.ts';

/** What an event about a step on a host says beside its stage; undefined for one of which the stage says all. */
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
    case 'StepUnchanged':
    case 'StepSucceeded':
      return undefined;
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

const groupOf = (kind: string, { phase, step, attempt }: Work): string =>
  `${kind}.${phase}.${step}.${attempt}`;

const doneLine = (event: OfType<'ProofGiven'>, { what, key }: Drawing): EventLine => ({
  key: key('done'),
  group: groupOf('done', event.work),
  lines: [
    `✓ ${what}: ${mention(event.by)} did it`,
    ...codeLines(cutText(event.proof, 1000)).slice(0, 20),
  ],
});

const failedLine = (
  event: OfType<'StepFailed'>,
  { run, what, took = '', key }: Drawing,
): EventLine => ({
  key: key('failed'),
  group: groupOf('failed', event.work),
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
  const said = (status: string, line: string): EventLine => ({
    key: status === 'stopped' ? key(status) : nth(status),
    group: groupOf(status, event.work),
    lines: [line],
  });
  switch (event.type) {
    case 'StepUnknown':
      return said('unknown', `? ${what}: outcome unknown. ${oneLineMrkdwn(event.evidence, 1000)}`);
    case 'Reattached': {
      const where = `${timeText(event.at, dates)} at byte ${event.fromByte}`;
      const why = oneLineMrkdwn(event.reason);
      const line = `${what}: re-attached ${where} (${why}), nothing was run twice`;
      return { key: nth('reattached'), group: 'reattached', lines: [line] };
    }
    case 'StepStopped': {
      if (event.alive.length === 0 && event.unseen === undefined)
        return said('stopped', `■ ${what}: ended, nothing of it runs any more`);
      return said('alive', `? ${what}: ${oneLineMrkdwn(state.evidence ?? '', 1000)}`);
    }
  }
}
