import type { RunEvent, Work } from '../../jobs/run/events.ts';
import { outcomeTexts } from '../../jobs/run/act.ts';
import { stuckWork } from '../../jobs/run/decide.ts';
import { evolve, fold } from '../../jobs/run/fold.ts';
import type { RecogniseFailure } from '../../openstack/repair/signature.ts';
import { type Run, hostStep, isCurrent, stepOf } from '../../jobs/run/run.ts';
import { type Message, withBlockIds, sectionBlock } from './blocks.ts';
import { knownFailureLines } from './card/known-failure.ts';
import { planLines } from './plan/plan.ts';
import { isBareExit } from './card/situation.ts';
import {
  type DateStyle,
  durationBetween,
  inlineCode,
  codeLines,
  cutText,
  fewNames,
  lastLinesAsCode,
  mention,
  oneLineMrkdwn,
  sizeText,
  timeText,
} from './text.ts';

export interface ThreadLine extends Message {
  /** The same for the same line of the same run, however often the list is made. */
  readonly key: string;
  /** Whether the channel should see it, too. */
  readonly broadcast?: boolean;
}

/**
 * What the thread of a run says, in order: one entry per finished step and host, and per word of a person. A longer log
 * gives the same entries and more.
 */
export function threadLines(
  events: readonly RunEvent[],
  {
    dates = 'slack',
    recognise,
  }: { readonly dates?: DateStyle; readonly recognise?: RecogniseFailure | undefined } = {},
): ThreadLine[] {
  const [first, ...rest] = events;
  if (first === undefined) return [];
  let run = fold([first]);
  const drawn = [entry(run, { key: 'plan', lines: planLines(run) })];
  for (const event of rest) {
    const before = run;
    run = evolve(before, event);
    const line = lineOf(before, run, event, dates);
    if (line === undefined) continue;
    const known = event.type === 'StepFailed' ? knownFailureLines(run, event.work, recognise) : [];
    drawn.push(entry(run, line, known));
  }
  return drawn;
}

interface Line {
  readonly key: string;
  readonly lines: readonly (string | undefined)[];
  readonly broadcast?: boolean;
}

function entry(
  run: Run,
  { key, lines, broadcast }: Line,
  known: readonly string[] = [],
): ThreadLine {
  const all = lines.filter((line) => line !== undefined && line !== '');
  return {
    key,
    text: cutText(all[0] ?? '', 1000),
    blocks: withBlockIds(`${run.id}.thread.${key}`, [
      sectionBlock(...all),
      ...(known.length === 0 ? [] : [sectionBlock(...known)]),
    ]),
    ...(broadcast === undefined ? {} : { broadcast }),
  };
}

function lineOf(before: Run, run: Run, event: RunEvent, dates: DateStyle): Line | undefined {
  if ('work' in event) {
    // An event about an attempt that is over changes nothing, so it says nothing.
    return isCurrent(before, event.work) ? workLine(before, run, event, dates) : undefined;
  }
  const nth = (name: string): string => `${name}.${run.version}`;
  switch (event.type) {
    case 'RunRequested':
    case 'HostReady':
    case 'ApprovalRequested':
      return undefined;
    case 'HostRefused':
      return {
        key: `refused.${event.host}`,
        lines: [
          `✗ ${oneLineMrkdwn(event.host)} is not ready: ${oneLineMrkdwn(event.reason, 1000)}`,
          oneLineMrkdwn(event.hint, 1000),
        ],
      };
    case 'ApprovalGiven':
      return line(
        nth('approved'),
        `${mention(event.by)} approved before ${titleOf(run, event.gate)}  ·  plan ${inlineCode(event.planHash.slice(0, 6))}`,
      );
    case 'Rejected':
      return line(
        nth('rejected'),
        `${mention(event.by)} rejected before ${titleOf(before, event.gate)}: ${oneLineMrkdwn(event.reason, 1000)}${left(before, run)}`,
      );
    case 'Paused':
      return line(
        nth('paused'),
        `${mention(event.by)} paused the run; what runs now runs to its end`,
      );
    case 'Resumed':
      return line(nth('resumed'), `${mention(event.by)} resumed the run`);
    case 'AbortRequested':
      return line(nth('abort'), `${mention(event.by)} aborts the run`);
    case 'RetryRequested':
      return line(
        nth('retry'),
        `${mention(event.by)} asked for another attempt at ${doing(run, event)} on ${hosts(event.hosts)}`,
      );
    case 'SkipRequested':
      return line(
        nth('skip'),
        `${mention(event.by)} skipped ${doing(run, event)} on ${hosts(event.hosts)}: ${oneLineMrkdwn(event.reason, 1000)}`,
      );
    case 'WayOutChosen':
      return {
        key: nth('way'),
        lines: [
          `${mention(event.by)} chose a way out: *${oneLineMrkdwn(event.title, 200)}*. Once approved, it runs:`,
          ...event.steps
            .slice(0, 12)
            .map((step) => `• ${oneLineMrkdwn(step.title, 150)}, on ${hosts(step.hosts)}`),
          ...(event.steps.length > 12 ? [`… and ${event.steps.length - 12} more`] : []),
        ],
      };
    case 'RollbackRequested':
      return line(
        nth('rollback'),
        `↩ ${mention(event.by)} rolls the run back to before ${titleOf(run, event.to)}`,
      );
    case 'Rewound':
      return line(
        nth('rewound'),
        `↩ Back to before ${titleOf(run, event.to)}; the run is paused there`,
      );
    case 'RunEnded':
      return {
        ...line(
          nth('ended'),
          `${event.outcome === 'succeeded' ? '✓' : '■'} Run ${inlineCode(run.id)} ${outcomeTexts[event.outcome]}, after ${durationBetween(run.requestedAt, event.at)}`,
        ),
        broadcast: true,
      };
  }
}

const left = (before: Run, run: Run): string =>
  run.ways.length < before.ways.length ? '. The way out is left; the failed step waits again' : '';

type WorkEvent = Extract<RunEvent, { work: Work }>;

function workLine(before: Run, run: Run, event: WorkEvent, dates: DateStyle): Line | undefined {
  const { work } = event;
  const state = hostStep(run, work);
  const what = `${doing(run, work)} on ${hosts([work.host])}`;
  const took =
    state.startedAt === undefined ? '' : `  ·  ${durationBetween(state.startedAt, event.at)}`;
  const key = (status: string): string =>
    `${work.phase}.${work.step}.${work.host}.${work.attempt}.${status}`;
  const alarm =
    stuckWork(before).length === 0 && stuckWork(run).length > 0 ? { broadcast: true } : {};
  switch (event.type) {
    case 'StepStarted':
    case 'PersonAsked':
    case 'LinkLost':
      return undefined;
    case 'StepUnchanged':
      return line(
        key('unchanged'),
        work.phase === 'undo'
          ? `✓ ${titleOf(run, work.step)} on ${hosts([work.host])}: nothing to put back`
          : `✓ ${what}: unchanged, it was done already`,
      );
    case 'StepSucceeded':
      return {
        key: key('succeeded'),
        lines: [
          `✓ ${work.phase === 'undo' ? `restored what ${titleOf(run, work.step)} changed on ${hosts([work.host])}` : what}${took}`,
          changes(state.changes),
          lastLinesAsCode(event.tail, { lines: 6, max: 1200 }),
          more(event),
        ],
      };
    case 'StepFailed':
      return {
        key: key('failed'),
        lines: [
          `✗ ${what}${event.exit === undefined ? '' : `  ·  exit ${event.exit}`}${took}`,
          ...(event.command === undefined
            ? []
            : codeLines(cutText(event.command, 300)).slice(0, 4)),
          isBareExit(run, work, event) ? undefined : oneLineMrkdwn(event.reason, 500),
          lastLinesAsCode(event.tail, { lines: 10, max: 1200 }),
        ],
        ...alarm,
      };
    case 'StepUnknown':
      return {
        ...line(
          `${key('unknown')}.${run.version}`,
          `? ${what}: outcome unknown. ${oneLineMrkdwn(event.evidence, 1000)}`,
        ),
        ...alarm,
      };
    case 'Reattached':
      return line(
        `${key('reattached')}.${run.version}`,
        `${what}: re-attached ${timeText(event.at, dates)} at byte ${event.fromByte} (${oneLineMrkdwn(event.reason)}), nothing was run twice`,
      );
    case 'ProofGiven':
      return {
        key: key('done'),
        lines: [
          `✓ ${what}: ${mention(event.by)} did it`,
          ...codeLines(cutText(event.proof, 1000)).slice(0, 20),
        ],
      };
    case 'StepStopped':
      return event.alive.length === 0 && event.unseen === undefined
        ? line(key('stopped'), `■ ${what}: ended, nothing of it runs any more`)
        : {
            ...line(
              `${key('alive')}.${run.version}`,
              `? ${what}: ${oneLineMrkdwn(state.evidence ?? '', 1000)}`,
            ),
            ...alarm,
          };
  }
}

const line = (key: string, text: string): Line => ({ key, lines: [text] });

const titleOf = (run: Run, step: string): string =>
  `*${oneLineMrkdwn(stepOf(run, step).title, 150)}*`;

const doing = (run: Run, { phase, step }: Pick<Work, 'phase' | 'step'>): string =>
  `${phase === 'undo' ? 'undoing ' : ''}${titleOf(run, step)}`;

const hosts = (names: readonly string[]): string => oneLineMrkdwn(fewNames(names, 12), 1000);

/** What the step changed, as its handler says it: a few lines. */
function changes(text: string | undefined): string | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const all = codeLines(cutText(text.trimEnd(), 700));
  return [...all.slice(0, 8), ...(all.length > 8 ? ['…'] : [])].join('\n');
}

function more({
  tail,
  sizeBytes,
}: Extract<RunEvent, { type: 'StepSucceeded' }>): string | undefined {
  return sizeBytes > Buffer.byteLength(tail) || tail.trimEnd().split('\n').length > 6
    ? `the end of ${sizeText(sizeBytes)} of output`
    : undefined;
}
