// Prints how much people read before they approve, beside the goals, and exits 1 where one is not met.
import { mostSummaryCharacters } from '../../../../bot/views/plan/approval.ts';
import { mostReadingCharacters, readingMessages } from '../../../../bot/views/reading/messages.ts';
import { readPlan } from '../../../../jobs/reading/reading.ts';
import { planImpact } from '../../../../openstack/upgrade/impact.ts';
import { approvalsOf, readingCharacters, summaryCharacters } from './approvals-of.ts';
import { type MeasuredPlan, measuredPlans } from './measured-plans.ts';

interface Measured {
  readonly what: string;
  readonly value: number;
  readonly goal: number;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const most = (numbers: readonly number[]): number => Math.max(0, ...numbers);

function measured({ name, plan, known }: MeasuredPlan): Measured[] {
  const approvals = approvalsOf(plan, known);
  const whole = wholeReading(plan);
  const characters = approvals.map(({ reading }) => readingCharacters(reading));
  const files = most(approvals.map(({ fileBytes }) => fileBytes));
  say(
    `${name}: ${plan.steps.length} steps, ${approvals.length} approvals; their readings ${characters.reduce((a, b) => a + b, 0)} characters together; largest file ${files} bytes`,
  );
  return [
    {
      what: `${name}: longest summary, characters`,
      value: most(approvals.map(summaryCharacters)),
      goal: mostSummaryCharacters,
    },
    {
      what: `${name}: longest reading of an approval`,
      value: most(characters),
      goal: mostReadingCharacters,
    },
    {
      what: `${name}: messages behind an approval, beside the file`,
      value: most(approvals.map(({ reading }) => reading.length)),
      goal: 2,
    },
    {
      what: `${name}: reading of the whole plan, characters`,
      value: readingCharacters(whole),
      goal: mostReadingCharacters,
    },
    { what: `${name}: messages of it`, value: whole.length, goal: 2 },
  ];
}

function wholeReading(plan: MeasuredPlan['plan']) {
  const { parts } = readPlan(plan);
  return readingMessages(
    'All of it',
    parts.map((part, index) => ({ part, earlier: parts.slice(0, index) })),
  );
}

/**
 * The median of several times, in milliseconds of processor time: it is one thread, so that is how long it takes on an idle
 * machine, and other programs don't disturb it.
 */
function timed({ plan, known }: MeasuredPlan): number {
  const times = Array.from({ length: 7 }, () => {
    const began = processorMs();
    planImpact(readPlan(plan).steps, known);
    wholeReading(plan);
    return processorMs() - began;
  });
  return times.toSorted((a, b) => a - b)[3] ?? Infinity;
}

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const plans = measuredPlans();
const results = plans.flatMap(measured);
const biggest = plans.toSorted((a, b) => b.plan.steps.length - a.plan.steps.length)[0];
if (biggest !== undefined)
  results.push({
    what: `${biggest.name}: drawing the whole reading, ms of processor (median of 7)`,
    value: Math.round(timed(biggest)),
    goal: 300,
  });

const missed = results.filter(({ value, goal }) => value > goal);
for (const { what, value, goal } of results)
  say(`${value <= goal ? 'met   ' : 'MISSED'}  ${what}: ${value} (at most ${goal})`);
say(
  missed.length === 0
    ? 'every goal is met'
    : `${missed.length} of ${results.length} goals are missed`,
);
process.exitCode = missed.length === 0 ? 0 : 1;
