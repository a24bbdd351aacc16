import { readPlan, type ReadPart } from '../../../jobs/reading/reading.ts';
import type { Plan } from '../../../jobs/run/plan.ts';
import type { Message } from '../blocks.ts';
import { type PartToRead, readingMessages } from '../reading/messages.ts';
import { type KnownCloud, type SummaryFacts, summaryFacts } from '../reading/plan-summary.ts';
import type { ReadingDepth } from '../reading/rows.ts';
import { countText, oneLineMrkdwn } from '../text.ts';

/** What a plan does, part by part, as its approvals will show it: in at most two messages. */
export function planReading(plan: Plan, known: KnownCloud): Message[] {
  const { parts, steps } = readPlan(plan);
  const read = parts.map((part, index): PartToRead => {
    const earlier = parts.slice(0, index);
    const saidNotes = earlier.flatMap((other) => other.steps[0]?.step.notes ?? []);
    const facts = summaryFacts({ plan, all: steps, steps: part.steps, known, saidNotes });
    return { part, earlier, above: above(part, index + 1, facts) };
  });
  return readingMessages(`What ${oneLineMrkdwn(plan.title, 200)} does`, read);
}

/** What is said of the whole plan before its parts. */
export function wholePlanLines(plan: Plan, known: KnownCloud): string[] {
  const { steps } = readPlan(plan);
  const { impact, unusual } = summaryFacts({ plan, all: steps, steps, known });
  const [first = 'nothing unusual', ...rest] = unusual;
  const more = rest.length > MOST_UNUSUAL ? [`… and ${rest.length - MOST_UNUSUAL} more`] : [];
  return [
    `*Impact*  ${impact}`,
    `*Unusual*  ${first}`,
    ...rest.slice(0, MOST_UNUSUAL).map((line) => `• ${line}`),
    ...more,
  ];
}

const MOST_UNUSUAL = 5;

const above =
  (part: ReadPart, number: number, { impact, rollback, notes }: SummaryFacts) =>
  (depth: ReadingDepth): string[] => {
    const needed = part.needed === 0 ? 'no approval' : countText(part.needed, 'approval');
    const known = notes.length === 0 ? '' : ` · ${countText(notes.length, 'thing')} to know`;
    return [
      `*Part ${number}: steps ${part.from}–${part.to}* · ${needed}${known}`,
      ...(depth === 'steps' || depth === 'stages'
        ? [`Impact: ${impact}`, `Rollback: ${rollback}`]
        : []),
    ];
  };
