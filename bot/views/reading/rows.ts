import { capital } from '../../../handlers/words/letters.ts';
import { partLikeness } from '../../../jobs/reading/likeness.ts';
import { type ReadBlock, type ReadPart, readPart } from '../../../jobs/reading/reading.ts';
import type { PlanStage, StageLine } from '../../../jobs/reading/stages.ts';
import type { ReadStep } from '../../../jobs/reading/steps.ts';
import { countText, cutText, fewNames, oneLineMrkdwn } from '../text.ts';
import { numbersText, stepsText } from './numbers.ts';

/** A line of the reading, with all that it stands for: no command of a plan is in no row, or in two. */
export interface ReadingRow {
  /** Mrkdwn. */
  readonly text: string;
  readonly steps: readonly number[];
  /** Command lines, each counted on every host that it runs on. */
  readonly commands: number;
}

/** How much a reading says: a line for what steps do, for each stage, for each turn of hosts, or for all. */
export const readingDepths = ['steps', 'stages', 'turns', 'all'] as const;
export type ReadingDepth = (typeof readingDepths)[number];

/** What one approval lets run, in rows. What an earlier part said is not said again, but for what is different here. */
export function partRows(
  part: ReadPart,
  earlier: readonly ReadPart[],
  depth: ReadingDepth,
): ReadingRow[] {
  const like = partLikeness(part, earlier);
  if (like === undefined) return ownRows(part, depth);
  const own = new Set(like.own.map(({ number }) => number));
  const known = part.steps.filter(({ number }) => !own.has(number));
  const hosts = hostsOf(known);
  const missing =
    like.missing.length === 0
      ? ''
      : `; without ${oneLineMrkdwn(fewNames(like.missing.map(({ says }) => says)), 300)}`;
  const same: ReadingRow = {
    text: `As steps ${like.from}–${like.to}, on ${hostsText(hosts)}: ${amountText(known)}${missing}`,
    steps: known.map(({ number }) => number),
    commands: commandsOf(known),
  };
  return like.own.length === 0
    ? [same]
    : [same, heading('*Only here*'), ...ownRows(readPart(like.own), depth)];
}

const heading = (text: string): ReadingRow => ({ text, steps: [], commands: 0 });

function ownRows(part: ReadPart, depth: ReadingDepth): ReadingRow[] {
  if (depth === 'all')
    return [
      {
        text: `${stepsText(part.steps.map(({ number }) => number))} on ${hostsText(hostsOf(part.steps))}: ${amountText(part.steps)}`,
        steps: part.steps.map(({ number }) => number),
        commands: part.commands,
      },
    ];
  return part.blocks.flatMap((block) => blockRows(block, depth));
}

function blockRows(block: ReadBlock, depth: ReadingDepth): ReadingRow[] {
  const { turns, from, to, hosts, stages } = block;
  const lines = stages.flatMap((stage) => stage.lines);
  const head =
    turns === 1
      ? []
      : [heading(`*In ${turns} turns, ${from}–${to}* on ${hostsText(hosts)}, each turn:`)];
  if (depth === 'turns') return [summed(turns === 1 ? '' : `${turns} turns `, lines, hosts)];
  const isTitled = stages.length > 1 || (stages[0]?.services.length ?? 0) > 0;
  return [
    ...head,
    ...stages.flatMap((stage) =>
      depth === 'stages'
        ? [summed(`${stageName(stage)} `, stage.lines, hostsOfLines(stage.lines))]
        : [
            ...(isTitled && stage.lines.length > 1 ? [heading(`*${stageName(stage)}*`)] : []),
            ...stage.lines.map((line) => lineRow(line, turns > 1)),
          ],
    ),
  ];
}

function summed(name: string, lines: readonly StageLine[], hosts: readonly string[]): ReadingRow {
  const steps = lines.flatMap((line) => line.steps);
  const commands = lines.reduce((sum, line) => sum + line.commands, 0);
  return {
    text: `${oneLineMrkdwn(numbersText(steps), 100)}  ${oneLineMrkdwn(name, 200)} ${countText(steps.length, 'step')}, ${countText(commands, 'command')} on ${hostsText(hosts)}`,
    steps,
    commands,
  };
}

function lineRow(line: StageLine, isInTurn: boolean): ReadingRow {
  const { says, steps, hosts, commands, isOneWay, batch, maxFailures } = line;
  const notes = [
    countText(commands, 'command'),
    ...(batch === undefined ? [] : [`${batch} at a time`]),
    ...(maxFailures === undefined ? [] : [`goes on with up to ${maxFailures} failed`]),
    ...(isOneWay ? ['*one-way*'] : []),
  ];
  const where = isInTurn && hosts.length > 1 ? '' : ` · on ${hostsText(hosts)}`;
  return {
    text: `${numbersText(steps)}  ${oneLineMrkdwn(cutText(says, 260), 320)}${where} · ${notes.join(' · ')}`,
    steps,
    commands,
  };
}

const stageName = ({ hop, purposes, services }: PlanStage): string =>
  [
    ...(hop === undefined ? [] : [capital(hop)]),
    fewNames(
      purposes.map((purpose) => purpose.replaceAll('-', ' ')),
      2,
    ),
    ...(services.length === 0 ? [] : [fewNames(services, 4)]),
  ]
    .map((word) => oneLineMrkdwn(word, 80))
    .join(' · ');

const amountText = (steps: readonly ReadStep[]): string =>
  `${countText(steps.length, 'step')}, ${countText(commandsOf(steps), 'command')}`;

/** At most three by name. */
const hostsText = (hosts: readonly string[]): string =>
  oneLineMrkdwn(fewNames(hosts.toSorted(byNumber)), 300);

const byNumber = new Intl.Collator('en', { numeric: true }).compare;

const hostsOf = (steps: readonly ReadStep[]): string[] => [
  ...new Set(steps.flatMap(({ step }) => step.hosts)),
];

const hostsOfLines = (lines: readonly StageLine[]): string[] => [
  ...new Set(lines.flatMap(({ hosts }) => hosts)),
];

const commandsOf = (steps: readonly ReadStep[]): number =>
  steps.reduce((sum, { commands }) => sum + commands, 0);
