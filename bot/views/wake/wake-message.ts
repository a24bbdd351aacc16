import { outcomeTexts } from '../../../jobs/run/act.ts';
import type { RunNeed } from '../../../jobs/run/needs/needs.ts';
import { servingBreaches } from '../../../jobs/run/serving/serving.ts';
import { rollbackPrice } from '../../../jobs/run/rollback/rollback-price.ts';
import { type Run, hostStep, stepOf } from '../../../jobs/run/run.ts';
import { type Message, contextBlock, sectionBlock, withBlockIds } from '../blocks.ts';
import { priceLines } from '../rollback/price-lines.ts';
import { rollbackLine } from '../card/rollback-line.ts';
import { slowNext } from '../card/slow-step.ts';
import { firstCause } from './first-cause.ts';
import {
  type DateStyle,
  durationBetween,
  durationText,
  fewNames,
  inlineCode,
  mention,
  mentions,
  oneLineMrkdwn,
  sentenceMrkdwn,
} from '../text.ts';

export interface WakeLook {
  /** Who may do something about it, by the cloud's file: ids of people and groups. */
  readonly people: { readonly engineers: readonly string[]; readonly approvers: readonly string[] };
  /** Where the run's card stands, as a link. */
  readonly card?: string | undefined;
  readonly dates: DateStyle;
}

/** The one message that a need gets: who should look, at which cloud, what is needed, and once it is settled, who did that. */
export function wakeMessage(need: RunNeed, look: WakeLook): Message {
  const { run, settled } = need;
  const whom = mentions(peopleFor(need, look.people));
  const cloud = oneLineMrkdwn(run.plan.cloud);
  const first = `${whom}  *${cloud}* ${needText(need)}`;
  const done =
    settled === undefined || need.kind === 'ended'
      ? undefined
      : `✓ ${settled.by === undefined ? 'Settled by itself' : `Settled by ${mention(settled.by)}`} after ${durationBetween(need.at, settled.at)}`;
  const lines = [first, ...moreLines(need, look.dates)];
  const footer = [
    `run ${inlineCode(run.id)}`,
    oneLineMrkdwn(run.plan.title, 150),
    look.card === undefined ? inlineCode(`/upgrade status ${run.id}`) : `<${look.card}|Open card>`,
  ].join('  ·  ');
  const blocks = [sectionBlock(...lines, done), contextBlock(footer)];
  return {
    text: [first, done].filter(Boolean).join('\n'),
    blocks: withBlockIds(`${run.id}.wake`, blocks),
  };
}

/** Said below the message as long as nobody has settled it; it mentions nobody once more. */
export function reminderMessage(need: RunNeed, now: string): Message {
  const text = `*${oneLineMrkdwn(need.run.plan.cloud)}* still ${needText(need)}, for ${durationBetween(need.at, now)}`;
  return { text, blocks: withBlockIds(`${need.run.id}.wake`, [sectionBlock(text)]) };
}

/** Each person and group once: who started the run, and those who may. */
export function peopleFor(
  { kind, run }: RunNeed,
  { engineers, approvers }: WakeLook['people'],
): string[] {
  if (kind === 'ended') return [run.requestedBy];
  if (kind === 'approval') return approvers.filter((id) => id !== run.requestedBy);
  const all = [
    ...new Set([run.requestedBy, ...engineers, ...(kind === 'rollback' ? approvers : [])]),
  ];
  return kind === 'rollback' ? all.filter((id) => id !== run.proposed?.by) : all;
}

function needText({ kind, run, works = [] }: RunNeed): string {
  const [work] = works;
  const step = work === undefined ? '' : oneLineMrkdwn(stepOf(run, work.step).title, 150);
  const back = work?.phase === 'undo' ? 'undoing ' : '';
  const where = oneLineMrkdwn(fewNames(works.map(({ host }) => host)));
  switch (kind) {
    case 'failure':
      return `needs you: ${back}*${step}* failed on ${where}`;
    case 'unknown':
      return `needs you: nobody knows how ${back}*${step}* ended on ${where}; nothing is started again`;
    case 'manual':
      return `needs you to do by hand: ${back}*${step}* on ${where}`;
    case 'slow': {
      const usualMs = work === undefined ? undefined : hostStep(run, work).slow?.usualMs;
      return `needs a look: ${back}*${step}* takes over twice its usual ${durationText(usualMs ?? 0)} on ${where}`;
    }
    case 'approval':
      return 'needs an approval';
    case 'rollback':
      return `needs a second person: ${mention(run.proposed?.by ?? '')} wants to roll back. ${inlineCode(`/upgrade approve ${run.id}`)}`;
    case 'breach':
      return `needs you: ${oneLineMrkdwn(fewNames(servingBreaches(run)))} should stay up and does not answer; nothing more starts`;
    case 'ended':
      return endText(run);
  }
}

function endText(run: Run): string {
  const { outcome, at } = run.ended ?? { outcome: 'aborted' as const, at: run.at };
  const since = outcome === 'rolledBack' ? (run.rollback?.at ?? run.requestedAt) : run.requestedAt;
  return `${outcomeTexts[outcome]}, after ${durationBetween(since, at)}`;
}

/** Why, and how to get out. */
function moreLines(need: RunNeed, dates: DateStyle): string[] {
  const { kind, run } = need;
  if (kind === 'rollback') return rollbackLines(need, dates);
  if (kind === 'ended' || kind === 'approval') return [];
  if (kind === 'slow') return [`Next: ${slowNext(run)}`, `Rollback: ${rollbackLine(run)}`];
  const cause = kind === 'failure' ? firstCause(need) : undefined;
  return [
    ...(cause === undefined ? [] : [inlineCode(cause, 300)]),
    `Rollback: ${rollbackLine(run)}`,
  ];
}

/** The price, before anybody presses anything. */
function rollbackLines({ run, at }: RunNeed, dates: DateStyle): string[] {
  const price = rollbackPrice(run, run.proposed?.to);
  return price === undefined
    ? []
    : priceLines(price, { now: at }).map((line) => sentenceMrkdwn(line, { dates, max: 400 }));
}
