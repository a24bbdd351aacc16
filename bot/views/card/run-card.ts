import { runStanding } from '../../../jobs/run/act.ts';
import type { KnownTimes } from '../../../jobs/run/durations/estimates.ts';
import type { RecogniseFailure } from '../../../openstack/repair/signature.ts';
import type { Run } from '../../../jobs/run/run.ts';
import {
  type Message,
  actionsBlocks,
  contextBlock,
  headerBlock,
  withBlockIds,
  sectionBlock,
} from '../blocks.ts';
import { shownButtons } from './buttons.ts';
import {
  type CardOptions,
  linkLines,
  nextLine,
  nowLines,
  progressLine,
  toleratedLine,
} from './card-lines.ts';
import { endLines } from './end-lines.ts';
import { servingLines } from './serving-lines.ts';
import { situation } from './situation.ts';
import { type DateStyle, inlineCode, mention, mentions, oneLineMrkdwn, timeText } from '../text.ts';
import { troubleBlocks } from './trouble.ts';
import { proposedLines, rollbackLine } from './rollback-line.ts';

/** The one message that a run owns. `now` is for durations; the card has no clock of its own. */
export function runCard(
  run: Run,
  now: string,
  dates: DateStyle = 'slack',
  recognise?: RecogniseFailure,
  noWorkerSince?: string,
  times?: KnownTimes,
): Message {
  const look: CardOptions = { now, dates, recognise, noWorkerSince, times };
  const state = sectionBlock(progressLine(run, look), ...lines(run, look));
  const trouble = troubleBlocks(run, look);
  // Whoever is woken reads the cause first.
  const isFirst = situation(run) === 'stuck';
  const blocks = [
    headerBlock(`${MARKS[markOf(run)]}${cardTitle(run)}`),
    ...(isFirst ? [...trouble, state] : [state, ...trouble]),
    contextBlock(whoLine(run, look)),
    ...actionsBlocks(shownButtons(run, look)),
  ];
  return { text: summary(run), blocks: withBlockIds(`${run.id}.card`, blocks) };
}

/** One line of plain words, for notifications and screen readers. */
const summary = (run: Run): string =>
  `${oneLineMrkdwn(cardTitle(run), 250)}: ${oneLineMrkdwn(runStanding(run), 500)}`;

/** `Restart nova · staging`. Not escaped. */
export const cardTitle = ({ plan }: Pick<Run, 'plan'>): string => `${plan.title} · ${plan.cloud}`;

type Mark = 'good' | 'bad' | 'unknown' | 'stopped' | 'back' | 'none';

const MARKS: Readonly<Record<Mark, string>> = {
  good: '✓ ',
  bad: '✗ ',
  unknown: '? ',
  stopped: '■ ',
  back: '↩ ',
  none: '',
};

/** The mark in front of a run's title: whether somebody has to do something, and how it ended. */
export const runMark = (run: Run): string => MARKS[markOf(run)];

function markOf(run: Run): Mark {
  switch (situation(run)) {
    case 'ended':
      return ended(run);
    case 'stuck':
      return isAnyFailed(run) ? 'bad' : 'unknown';
    case 'rollingBack':
      return 'back';
    case 'proposed':
    case 'asked':
    case 'aborting':
    case 'paused':
    case 'held':
    case 'checking':
    case 'approval':
    case 'running':
      return 'none';
  }
}

function ended(run: Run): Mark {
  switch (run.ended?.outcome) {
    case 'succeeded':
      return 'good';
    case 'rolledBack':
      return 'back';
    case 'refused':
      return 'bad';
    case 'rejected':
    case 'aborted':
      return 'stopped';
    case undefined:
      return 'none';
  }
}

const isAnyFailed = (run: Run): boolean =>
  [run.apply, run.undo].some((steps) =>
    Object.values(steps).some((hosts) =>
      [...hosts.values()].some(({ status }) => status === 'failed' || status === 'stopped'),
    ),
  );

function lines(run: Run, look: CardOptions): (string | undefined)[] {
  const tolerated = toleratedLine(run);
  return [
    ...(run.ended === undefined ? labelled('Now', nowLines(run, look)) : endLines(run, look)),
    ...labelled('Link', linkLines(run, look)),
    ...labelled('Note', tolerated === undefined ? [] : [tolerated]),
    ...labelled('Cloud', servingLines(run, look)),
    `*Rollback*  ${rollbackLine(run, look.times)}`,
    ...proposedLines(run, look),
    ...(run.ended === undefined ? [`*Next*  ${nextLine(run)}`] : []),
  ];
}

const labelled = (name: string, all: readonly string[]): string[] =>
  all.map((line, index) => (index === 0 ? `*${name}*  ${line}` : line));

function whoLine(run: Run, { now, dates }: CardOptions): string {
  const approvals = run.plan.steps.flatMap(({ id }) => run.gates[id]?.approvals ?? []);
  const last = approvals.at(-1);
  return [
    `${mention(run.requestedBy)} started it ${timeText(run.requestedAt, dates, now)}`,
    ...(last === undefined
      ? []
      : [`${mentions(approvals.map(({ by }) => by))} approved ${timeText(last.at, dates, now)}`]),
    `run ${inlineCode(run.id)}`,
    `plan ${inlineCode(run.planHash.slice(0, 6))}`,
    oneLineMrkdwn(run.plan.environment),
  ].join('  ·  ');
}
