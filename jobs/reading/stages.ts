import type { ChangedThing, StepDeed } from '../../handlers/contract/deed.ts';
import { fewNames } from '../../handlers/words/counts.ts';
import { ANY_HOST } from './neutral.ts';
import type { ReadStep } from './steps.ts';
import type { TurnUnit } from './turns.ts';

/** What several steps do, in words, and where: how many command lines that is, and how it can be left. */
export interface StageLine {
  readonly says: string;
  /** Numbers on the card, in order. */
  readonly steps: readonly number[];
  readonly hosts: readonly string[];
  readonly commands: number;
  readonly isOneWay: boolean;
  /** Hosts at a time, where that is fewer than there are. */
  readonly batch?: number;
  /** Failed hosts that it goes on with. */
  readonly maxFailures?: number;
}

/** Steps in a row that serve one purpose, or one service. */
export interface PlanStage {
  readonly hop?: string;
  readonly purposes: readonly string[];
  readonly services: readonly string[];
  readonly lines: readonly StageLine[];
}

/** Units in a row that serve one purpose, or else one service: whichever reaches further. */
export function planStages(units: readonly TurnUnit<ReadStep>[]): PlanStage[] {
  const places = units.map(({ members }) => placeOf(members[0]));
  const stages: PlanStage[] = [];
  for (let index = 0; index < units.length;) {
    const [byPurpose, byService] = (['purpose', 'service'] as const).map((by) =>
      reachOf(places, index, by),
    );
    const end = index + Math.max(byPurpose ?? 1, byService ?? 1);
    const own = places.slice(index, end);
    const hop = own[0]?.hop;
    stages.push({
      ...(hop === undefined ? {} : { hop }),
      purposes: [...new Set(own.map(({ purpose }) => purpose))],
      services: [...new Set(own.flatMap(({ service }) => service ?? []))],
      lines: linesOf(units.slice(index, end)),
    });
    index = end;
  }
  return stages;
}

interface Place {
  readonly hop?: string | undefined;
  readonly service?: string | undefined;
  readonly purpose: string;
}

/** As the planner says; a step of an operator's runbook by what it changes. */
function placeOf(read: ReadStep | undefined): Place {
  if (read === undefined) return { purpose: 'look' };
  const { hop, service, purpose } = read.step;
  return { hop: hop?.to, service, purpose: purpose ?? purposeOf(read.deed) };
}

const purposeOf = ({ changes }: StepDeed): string => PURPOSES[changes[0]?.what ?? 'look'];

const PURPOSES: Readonly<Record<ChangedThing | 'look', string>> = {
  look: 'check',
  stop: 'stop',
  start: 'start',
  restart: 'start',
  boot: 'start',
  write: 'configure',
  remove: 'configure',
  package: 'packages',
  source: 'packages',
  backup: 'back up',
  schema: 'schema',
  data: 'data',
  drain: 'drain',
  reopen: 'reopen',
  liveMigrate: 'empty',
  coldMigrate: 'empty',
  disable: 'empty',
  enable: 'enable',
  try: 'check',
  forget: 'configure',
  run: 'run',
  person: 'by hand',
};

function reachOf(places: readonly Place[], at: number, by: 'purpose' | 'service'): number {
  const first = places[at];
  if (first?.[by] === undefined) return 1;
  const end = places.findIndex(
    (place, index) => index > at && (place[by] !== first[by] || place.hop !== first.hop),
  );
  return (end === -1 ? places.length : end) - at;
}

/** A line a unit; units in a row that do the same to other things, on the same hosts, share one. */
function linesOf(units: readonly TurnUnit<ReadStep>[]): StageLine[] {
  const lines: { says: Says; line: StageLine }[] = [];
  for (const { members } of units) {
    const [says, line] = [saysOf(members), lineOf(members)];
    const last = lines.at(-1);
    if (last === undefined || !isAlike(last, { says, line })) lines.push({ says, line });
    else lines[lines.length - 1] = joined(last, { says, line });
  }
  return lines.map(({ says, line }) => ({ ...line, says: worded(says) }));
}

/** `stop`, `nova-api` and nothing behind it. */
interface Says {
  readonly verb: string;
  readonly objects: readonly string[];
  readonly tail: string;
}

/** Steps of one shape name the same things, or else the hosts that they are about. */
function saysOf(members: readonly ReadStep[]): Says {
  const parts = members.map(({ deed }) => partsOf(deed));
  const [first] = parts;
  const { verb = '', tail = '' } = first ?? {};
  const objects = [...new Set(parts.flatMap((part) => part.objects))];
  if (objects.length === 1 && parts.every((part) => part.verb === verb && part.tail === tail))
    return { verb, tail, objects };
  const said = (members[0]?.says ?? '').replaceAll(ANY_HOST, 'HOST');
  const isOfHosts = parts.every((part) => part.verb === verb && `${verb} HOST${tail}` === said);
  return isOfHosts
    ? { verb, tail, objects: [fewNames(objects)] }
    : { verb: said, objects: [], tail: '' };
}

function partsOf({ says, changes }: StepDeed): Says {
  const name = changes.length === 1 ? (changes[0]?.name ?? '') : '';
  const index = name === '' ? -1 : says.indexOf(name);
  if (index > 0) {
    const [verb, tail] = [says.slice(0, index), says.slice(index + name.length)];
    return { verb: verb.trim(), objects: [name], tail };
  }
  const [, verb = says, object] = /^(check)(?: that)? (.+)$/.exec(says) ?? [];
  return { verb, objects: object === undefined ? [] : [object], tail: '' };
}

const worded = ({ verb, objects, tail }: Says): string =>
  `${[verb, objects.join(', ')].filter((part) => part !== '').join(' ')}${tail}`;

function lineOf(members: readonly ReadStep[]): StageLine {
  const hosts = [...new Set(members.flatMap(({ step }) => step.hosts))];
  const [first] = members;
  const batch = Math.max(...members.map(({ step }) => Math.min(step.batch, step.hosts.length)));
  const isSerial = members.some(({ step }) => step.batch < step.hosts.length);
  const maxFailures = first?.step.maxFailures ?? 0;
  return {
    says: '',
    steps: members.map(({ number }) => number),
    hosts,
    commands: members.reduce((sum, { commands }) => sum + commands, 0),
    isOneWay: first?.step.exit === 'oneWay',
    ...(isSerial ? { batch } : {}),
    ...(maxFailures > 0 ? { maxFailures } : {}),
  };
}

type Worded = { readonly says: Says; readonly line: StageLine };

const isAlike = (a: Worded, b: Worded): boolean =>
  a.says.verb === b.says.verb &&
  a.says.tail === b.says.tail &&
  a.says.objects.length > 0 &&
  b.says.objects.length > 0 &&
  a.line.isOneWay === b.line.isOneWay &&
  a.line.batch === b.line.batch &&
  a.line.maxFailures === b.line.maxFailures &&
  a.line.hosts.join(' ') === b.line.hosts.join(' ');

const joined = (a: Worded, b: Worded): Worded => ({
  says: { ...a.says, objects: [...new Set([...a.says.objects, ...b.says.objects])] },
  line: {
    ...a.line,
    steps: [...a.line.steps, ...b.line.steps],
    commands: a.line.commands + b.line.commands,
  },
});
