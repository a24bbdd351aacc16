import type { RunEvent } from './events.ts';
import { ongoingWork, stuckWork } from './decide.ts';
import { type Plan, type PlanStep, planHash } from './plan.ts';
import { type Run, hostStep, isPassed, stepOf } from './run.ts';

/** A fix of a failure: what to run, and what to do then with the step that failed. */
export interface Fix {
  readonly title: string;
  /** The first is the gate of all. */
  readonly steps: readonly PlanStep[];
  readonly after: 'retry' | 'skip';
}

export interface FailedStep {
  readonly step: PlanStep;
  readonly hosts: readonly string[];
}

/** The step that a run stands still at because it failed. Absent where something still runs, or may still run. */
export function failedStep(run: Run): FailedStep | undefined {
  if (run.ended !== undefined || run.aborting !== undefined || run.rollback !== undefined)
    return undefined;
  const works = stuckWork(run);
  const [first] = works;
  const isOne = works.every(
    (work) => work.step === first?.step && hostStep(run, work).status === 'failed',
  );
  return first === undefined || !isOne || ongoingWork(run).length > 0
    ? undefined
    : { step: stepOf(run, first.step), hosts: works.map(({ host }) => host) };
}

interface Choice {
  readonly by: string;
  readonly at: string;
}

/**
 * What choosing a fix puts into the log: its steps, and the failed one once more where it is tried again. They take at
 * least the approvals that the failed step took.
 */
export function fixChosen(
  run: Run,
  { step: failed }: FailedStep,
  { title, steps: lead, after }: Fix,
  { by, at }: Choice,
): Extract<RunEvent, { type: 'WayOutChosen' }> {
  const { plan } = run;
  const behind = plan.steps.findIndex(({ id }) => id === failed.id) + 1;
  const earlier = plan.steps.slice(0, behind).findLast(({ gate }) => gate !== undefined)?.gate ?? 1;
  const way = run.fixesChosen + 1;
  const taken = new Set<string>();
  const steps = [...lead, ...(after === 'retry' ? [onceMore(run, failed)] : [])].map(
    ({ gate, ...step }, index) => ({
      ...step,
      id: freeId(step.again ?? step.id, { way, taken }),
      way,
      ...(index === 0 ? { gate: Math.max(gate ?? 1, earlier) } : {}),
    }),
  );
  const whole: Plan = { ...plan, steps: plan.steps.toSpliced(behind, 0, ...steps) };
  return {
    type: 'WayOutChosen',
    at,
    by,
    step: failed.id,
    title,
    steps,
    planHash: planHash(whole),
  };
}

/** Where it failed, and where its turn had not come. */
function onceMore(run: Run, step: PlanStep): PlanStep {
  const hosts = step.hosts.filter(
    (host) => !isPassed(hostStep(run, { phase: 'apply', step: step.id, host })),
  );
  const title = step.again === undefined ? `Again: ${step.title}`.slice(0, 150) : step.title;
  return {
    ...step,
    again: step.again ?? step.id,
    title,
    hosts,
    batch: Math.min(step.batch, hosts.length),
  };
}

interface Naming {
  readonly way: number;
  readonly taken: Set<string>;
}

/** `liberty-nova-schema-w1`: no other fix of this run has it, nor has one that was left again. */
function freeId(wanted: string, { way, taken }: Naming): string {
  for (let count = 1; ; count += 1) {
    const end = `-w${way}${count === 1 ? '' : `-${count}`}`;
    const id = `${wanted.slice(0, 40 - end.length).replace(/-$/, '')}${end}`;
    if (taken.has(id)) continue;
    taken.add(id);
    return id;
  }
}
