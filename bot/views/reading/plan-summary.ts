import { OperatorError } from '../../../handlers/contract/errors.ts';
import type { Cloud } from '../../../jobs/files/cloud.ts';
import { planLeaving } from '../../../jobs/reading/leaving.ts';
import type { ReadStep } from '../../../jobs/reading/steps.ts';
import { planOddities } from '../../../jobs/reading/unusual.ts';
import type { Plan } from '../../../jobs/run/plan.ts';
import type { PlanOddity } from '../../../jobs/run/review.ts';
import type { Knowledge } from '../../../openstack/knowledge/knowledge.ts';
import { planImpact } from '../../../openstack/upgrade/impact.ts';
import { countText, cutText, oneLineMrkdwn } from '../text.ts';
import { doesParts } from './does-line.ts';
import { type KnownImpact, impactLine, outagesLine } from './impact-line.ts';
import { leavingLine } from './leaving-line.ts';
import { unusualLines } from './unusual-lines.ts';

/** A cloud as its file is now, and what is known of OpenStack: what a plan means for its users follows from both. */
export interface KnownCloud {
  readonly cloud: Cloud;
  readonly knowledge: Knowledge;
}

/** What a summary is about: some steps of a plan. */
export interface SummarySubject {
  readonly plan: Plan;
  /** Every step of the plan. */
  readonly all: readonly ReadStep[];
  readonly steps: readonly ReadStep[];
  /** Absent: the cloud's file can't be read. */
  readonly known?: KnownCloud | undefined;
  /** Was said before, in an earlier approval. */
  readonly saidNotes?: readonly string[];
  /** What else is unusual about the plan, by the numbers of its steps as it stands now. */
  readonly oddities?: readonly PlanOddity[];
  /** Of the rehearsal, in words; absent where nothing is to be said of it. */
  readonly rehearsed?: string | undefined;
}

/** All that a summary says, uncut, for it to take from and for the thread to have whole. */
export interface SummaryFacts {
  readonly impact: string;
  /** Which API is down from which step to which; empty where none is. */
  readonly outages: string;
  readonly does: readonly string[];
  readonly rollback: string;
  readonly rehearsed?: string;
  readonly unusual: readonly string[];
  /** What is known of trouble with these steps: a note an entry, not escaped. */
  readonly notes: readonly string[];
}

export function summaryFacts(subject: SummarySubject): SummaryFacts {
  const { plan, steps, saidNotes = [], rehearsed } = subject;
  const impact = impactOf(subject);
  return {
    impact: impactLine(impact, steps),
    outages: outagesLine(impact, steps),
    does: doesParts(steps),
    rollback: leavingLine(planLeaving(plan, steps)),
    ...(rehearsed === undefined ? {} : { rehearsed }),
    unusual: unusualLines(odditiesOf(subject)),
    notes: (steps[0]?.step.notes ?? []).filter((note) => !saidNotes.includes(note)),
  };
}

/** Of outages also those that began before these steps, or end after them. */
function impactOf({ all, steps, known }: SummarySubject): KnownImpact {
  if (known === undefined) return 'no file';
  if (known.cloud.services === undefined) return 'no services';
  try {
    return { ...planImpact(all, known), touches: planImpact(steps, known).touches };
  } catch (error) {
    if (error instanceof OperatorError) return 'no services';
    throw error;
  }
}

/** Those of these steps; what is about no step is said with the first. */
function odditiesOf({ all, steps, known, oddities = [] }: SummarySubject): PlanOddity[] {
  const numbers = new Set(steps.map(({ number }) => number));
  const shown = known === undefined ? [] : planOddities(all, known.cloud);
  const own = withoutRepeats([...shown, ...oddities]).flatMap((oddity): PlanOddity[] => {
    if (!('steps' in oddity)) return numbers.has(1) ? [oddity] : [];
    const those = oddity.steps.filter((number) => numbers.has(number));
    return those.length === 0 ? [] : [{ ...oddity, steps: those }];
  });
  return [...new Map(own.map((oddity) => [JSON.stringify(oddity), oddity])).values()];
}

/** That its address is another one says nothing more of an archive that stands alone already. */
function withoutRepeats(oddities: readonly PlanOddity[]): PlanOddity[] {
  const sources = new Set(
    oddities.flatMap((oddity) => (oddity.code === 'source' ? oddity.steps : [])),
  );
  return oddities.filter(
    (oddity) =>
      oddity.code !== 'changed' ||
      oddity.setting !== 'uri' ||
      oddity.steps.some((number) => !sources.has(number)),
  );
}

/** How much of it is said: less and less, until it fits. */
export interface SummaryCut {
  readonly does: number;
  readonly unusual: number;
  readonly known: number;
  /** The longest line. */
  readonly line: number;
}

export const summaryCuts: readonly SummaryCut[] = [
  { does: 20, unusual: 6, known: 2, line: 300 },
  { does: 9, unusual: 5, known: 1, line: 200 },
  { does: 6, unusual: 4, known: 1, line: 140 },
  { does: 4, unusual: 3, known: 0, line: 110 },
  { does: 3, unusual: 2, known: 0, line: 90 },
];

/** The summary in lines, cut so that a person sees what was left out. */
export function summaryLines(facts: SummaryFacts, cut: SummaryCut): string[] {
  const { impact, does, rollback, rehearsed, unusual, notes } = facts;
  return [
    `*Impact*  ${cutText(impact, cut.line)}`,
    `*Does*  ${few(does, cut.does).join(' · ')}`,
    `*Rollback*  ${cutText(rollback, cut.line)}`,
    ...(rehearsed === undefined ? [] : [`*Rehearsed*  ${cutText(rehearsed, cut.line)}`]),
    ...unusualPart(unusual, cut),
    ...knownPart(notes, cut),
  ];
}

function unusualPart(unusual: readonly string[], cut: SummaryCut): string[] {
  if (unusual.length === 0) return ['*Unusual*  nothing unusual'];
  const [first = '', ...rest] = few(
    unusual.map((line) => cutText(line, cut.line)),
    cut.unusual,
  );
  return [`*Unusual*  ${first}`, ...rest.map((line) => `• ${line}`)];
}

function knownPart(notes: readonly string[], cut: SummaryCut): string[] {
  if (notes.length === 0) return [];
  const heads = notes.slice(0, cut.known).map((note) => oneLineMrkdwn(headOf(note), cut.line));
  const rest = notes.length - heads.length;
  const more =
    heads.length === 0
      ? [`${countText(rest, 'thing')} to know, in the thread`]
      : rest === 0
        ? []
        : [`${rest} more, in the thread`];
  return [`*Known*  ${[...heads, ...more].join(' · ')}`];
}

/** Its first sentence. */
const headOf = (note: string): string => /^.{1,160}?\.(?= )/s.exec(note)?.[0] ?? note;

const few = (all: readonly string[], most: number): string[] =>
  all.length <= most
    ? [...all]
    : [...all.slice(0, most), `${all.length - most} more, in the thread`];
