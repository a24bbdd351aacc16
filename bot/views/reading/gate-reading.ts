import { type ReadPart, readPart } from '../../../jobs/reading/reading.ts';
import { type ReadStep, readSteps } from '../../../jobs/reading/steps.ts';
import { stepsBehindGate } from '../../../jobs/run/gate-steps.ts';
import type { PlanOddity } from '../../../jobs/run/review.ts';
import type { Run } from '../../../jobs/run/run.ts';
import { type DateStyle, countText, oneLineMrkdwn, timeText } from '../text.ts';
import { type KnownCloud, type SummaryFacts, summaryFacts } from './plan-summary.ts';

/** What one approval of a run lets happen, read. */
export interface GateReading {
  readonly part: ReadPart;
  /** What earlier approvals of the run were asked for, in the order of the plan. */
  readonly earlier: readonly ReadPart[];
  /** Every step of the run. */
  readonly steps: readonly ReadStep[];
}

export function readGate(run: Run, gate: string): GateReading {
  const steps = stepsOfRun(run);
  const behind = (one: string): ReadPart => {
    const ids = new Set(stepsBehindGate(run, one).map(({ id }) => id));
    return readPart(steps.filter(({ step }) => ids.has(step.id)));
  };
  const index = run.plan.steps.findIndex(({ id }) => id === gate);
  const before = run.plan.steps
    .slice(0, index)
    .filter(({ id }) => (run.gates[id]?.approvals.length ?? 0) > 0);
  return { part: behind(gate), earlier: before.map(({ id }) => behind(id)), steps };
}

/** What the summary of an approval is made of; what earlier ones of the run said is left out. */
export function gateFacts(
  run: Run,
  { part, earlier, steps }: GateReading,
  known: KnownCloud | undefined,
  dates: DateStyle = 'slack',
): SummaryFacts {
  return summaryFacts({
    plan: run.plan,
    all: steps,
    steps: part.steps,
    known,
    oddities: [...reviewedOddities(run), ...fixOddities(part.steps)],
    // It was said with the first approval.
    rehearsed: earlier.length > 0 ? undefined : rehearsedText(run, dates),
    saidNotes: earlier.flatMap((other) => other.steps[0]?.step.notes ?? []),
  });
}

/** What was found when the run began, by the numbers that its steps have now: fixes may have come between them. */
function reviewedOddities({ review, plan, fixes }: Run): PlanOddity[] {
  const planned = fixes[0]?.plan ?? plan;
  const numbers = new Map(plan.steps.map(({ id }, index) => [id, index + 1]));
  return (review?.oddities ?? []).map((oddity) =>
    'steps' in oddity
      ? {
          ...oddity,
          steps: oddity.steps.flatMap(
            (number) => numbers.get(planned.steps[number - 1]?.id ?? '') ?? [],
          ),
        }
      : oddity,
  );
}

/** Steps that a fix brought into the run, and that nobody approved before. */
const fixOddities = (steps: readonly ReadStep[]): PlanOddity[] =>
  steps
    .filter(({ step }) => step.way !== undefined && step.again === undefined)
    .map(({ number, says }) => ({ code: 'added', steps: [number], says, than: 'approval' }));

function rehearsedText({ review, plan, requestedAt }: Run, dates: DateStyle): string | undefined {
  if (review === undefined) return undefined;
  const { rehearsed } = review;
  if (rehearsed === undefined)
    return plan.environment === 'production' ? 'no run of it elsewhere came to its end' : undefined;
  const { run, cloud, at, steps, isRolledBack } = rehearsed;
  const back = isRolledBack ? ', then rolled back' : ', not rolled back';
  return `on ${oneLineMrkdwn(cloud, 60)}, ${timeText(at, dates, requestedAt)}: ${countText(steps, 'step')}${back} (run ${run})`;
}

const lately = new Map<string, readonly ReadStep[]>();
const mostKept = 4;

/** Runs are published again and again, and reading a large plan takes a while. */
function stepsOfRun({ plan, planHash }: Run): readonly ReadStep[] {
  const found = lately.get(planHash) ?? readSteps(plan);
  lately.delete(planHash);
  lately.set(planHash, found);
  const [oldest] = lately.keys();
  if (lately.size > mostKept && oldest !== undefined) lately.delete(oldest);
  return found;
}
