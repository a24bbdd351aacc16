import { standing } from '../../../jobs/run/act.ts';
import type { Recognise } from '../../../openstack/repair/signature.ts';
import type { Run } from '../../../jobs/run/run.ts';
import { type Message, actions, context, header, numbered, section } from '../blocks.ts';
import { cardButtons } from './buttons.ts';
import {
  type Look,
  linkLines,
  nextLine,
  nowLines,
  progressLine,
  toleratedLine,
} from './card-lines.ts';
import { endLines } from './end-lines.ts';
import { situation } from './situation.ts';
import { type Dates, code, mention, mentions, plain, when } from '../text.ts';
import { troubleBlocks } from './trouble.ts';
import { wayOut } from './way-out.ts';

/** The one message that a run owns. `now` is for durations; the card has no clock of its own. */
export function runCard(
  run: Run,
  now: string,
  dates: Dates = 'slack',
  recognise?: Recognise,
): Message {
  const look: Look = { now, dates, recognise };
  const blocks = [
    header(`${MARKS[markOf(run)]}${titleOf(run)}`),
    section(progressLine(run), ...lines(run, look)),
    ...troubleBlocks(run, look),
    context(whoLine(run, look)),
    ...actions(cardButtons(run)),
  ];
  return { text: summary(run), blocks: numbered(`${run.id}.card`, blocks) };
}

/** One line of plain words, for notifications and screen readers. */
const summary = (run: Run): string => `${plain(titleOf(run), 250)}: ${plain(standing(run), 500)}`;

/** `Restart nova · staging`. Not escaped. */
export const titleOf = ({ plan }: Pick<Run, 'plan'>): string => `${plan.title} · ${plan.cloud}`;

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
export const markFor = (run: Run): string => MARKS[markOf(run)];

function markOf(run: Run): Mark {
  switch (situation(run)) {
    case 'ended':
      return ended(run);
    case 'stuck':
      return isAnyFailed(run) ? 'bad' : 'unknown';
    case 'rollingBack':
      return 'back';
    case 'asked':
    case 'aborting':
    case 'paused':
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
      Object.values(hosts).some(({ status }) => status === 'failed' || status === 'stopped'),
    ),
  );

function lines(run: Run, look: Look): (string | undefined)[] {
  const tolerated = toleratedLine(run);
  return [
    ...(run.ended === undefined ? labelled('Now', nowLines(run, look)) : endLines(run, look)),
    ...labelled('Link', linkLines(run, look)),
    ...labelled('Note', tolerated === undefined ? [] : [tolerated]),
    `*Way out*  ${wayOut(run)}`,
    ...(run.ended === undefined ? [`*Next*  ${nextLine(run)}`] : []),
  ];
}

const labelled = (name: string, all: readonly string[]): string[] =>
  all.map((line, index) => (index === 0 ? `*${name}*  ${line}` : line));

function whoLine(run: Run, { now, dates }: Look): string {
  const approvals = run.plan.steps.flatMap(({ id }) => run.gates[id]?.approvals ?? []);
  const last = approvals.at(-1);
  return [
    `${mention(run.requestedBy)} started it ${when(run.requestedAt, dates, now)}`,
    ...(last === undefined
      ? []
      : [`${mentions(approvals.map(({ by }) => by))} approved ${when(last.at, dates, now)}`]),
    `run ${code(run.id)}`,
    `plan ${code(run.planHash.slice(0, 6))}`,
    plain(run.plan.environment),
  ].join('  ·  ');
}
