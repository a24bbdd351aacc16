import type { PlanStep } from './plan.ts';
import type { Run } from './run.ts';

/** The steps that an approval of this gate lets run: from it up to the next gate, or to the end of its fix. */
export function stepsBehindGate(run: Pick<Run, 'plan'>, gate: string): PlanStep[] {
  const { steps } = run.plan;
  const from = steps.findIndex((step) => step.id === gate);
  if (from === -1) return [];
  const next = steps.findIndex(
    (step, index) => index > from && (step.gate !== undefined || step.way !== steps[from]?.way),
  );
  return steps.slice(from, next === -1 ? undefined : next);
}

/** `step 3`, or `steps 1 to 24` for steps that follow each other: the numbers that the card shows. */
export function stepNumbers(
  { plan }: Pick<Run, 'plan'>,
  steps: readonly { readonly id: string }[],
): string {
  const numbers = steps.map(({ id }) => plan.steps.findIndex((step) => step.id === id) + 1);
  const [first = 0, last = first] = [numbers[0], numbers.at(-1)];
  return first === last ? `step ${first}` : `steps ${first} to ${last}`;
}

/** The numbers of the steps that an approval of this gate lets run. */
export const gateNumbers = (run: Pick<Run, 'plan'>, gate: string): string =>
  stepNumbers(run, stepsBehindGate(run, gate));

/** The same with the first step's title, as the place shows one: `steps 1 to 24, beginning with *stop nova-api*`. */
export const gateSteps = (run: Pick<Run, 'plan'>, gate: string, title: string): string =>
  `${gateNumbers(run, gate)}, ${stepsBehindGate(run, gate).length === 1 ? '' : 'beginning with '}${title}`;
