import { stuck } from '../../jobs/decide.ts';
import type { Plan, PlanStep } from '../../jobs/plan.ts';
import { wayBack } from '../../jobs/rollback.ts';
import { type Run, hostStep } from '../../jobs/run.ts';
import type { Running } from '../support/running.ts';

/** Whether the step fails with its work done, or before any of it. */
export type Way = 'after' | 'before';

/** The plan up to a step that fails on every host. */
export function failingAt(plan: Plan, id: string, way: Way): Plan {
  const end = plan.steps.findIndex((step) => step.id === id) + 1;
  return {
    ...plan,
    steps: plan.steps.slice(0, end).map((step) => (step.id === id ? failing(step, way) : step)),
  };
}

const failing = (step: PlanStep, way: Way): PlanStep => ({
  ...step,
  apply: [...(way === 'after' ? step.apply : []), { words: ['false'] }],
});

export interface Drill {
  /** How the road ended before the way back: the step's failure, or another end that nobody wanted. */
  readonly end: string;
  /** Why the way back stopped; absent when it came to its end. */
  readonly problem?: string;
  /** The one-way step that ends the way back. */
  readonly barrier?: string;
}

/** Runs a plan to where it stops, giving every approval, and rolls back as far as the plan allows. */
export async function drill(running: Running, plan: Plan): Promise<Drill> {
  const id = await running.begin(plan);
  const there = await drive(running, id);
  const last = plan.steps.at(-1)?.id;
  const end =
    there.ended?.outcome === 'succeeded'
      ? 'nothing to do there'
      : stuck(there).every(({ step }) => step === last)
        ? 'failed'
        : troubles(there);
  const { to, barrier } = wayBack(there);
  const about = barrier === undefined ? {} : { barrier: barrier.id };
  if (to === undefined) {
    await abort(running, there);
    return { end, ...about };
  }
  await running.append(id, { type: 'RollbackRequested', by: 'UANN', to });
  const back = await drive(running, id);
  const isBack = back.ended?.outcome === 'rolledBack' || back.paused !== undefined;
  await abort(running, back);
  return isBack ? { end, ...about } : { end, ...about, problem: troubles(back) };
}

/** Lets go of the cloud, so that another run can have it. */
async function abort(running: Running, { id, ended }: Run): Promise<void> {
  if (ended !== undefined) return;
  await running.append(id, { type: 'AbortRequested', by: 'UANN' });
  await running.until(id, 'ended', (run) => run.ended !== undefined);
}

/** Approves and answers whatever the run asks for, until it ends, rests, or waits for a decision. */
async function drive(running: Running, id: string): Promise<Run> {
  for (;;) {
    const run = await running.store.load(id);
    if (run.ended !== undefined || run.paused !== undefined || stuck(run).length > 0) return run;
    const refused = Object.entries(run.checks).find(([, { problem }]) => problem !== undefined);
    if (refused !== undefined) throw new Error(`${refused[0]}: ${refused[1].problem?.reason}`);
    await answer(running, run);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function answer(running: Running, run: Run): Promise<void> {
  for (const [gate, { requestedAt, approvals }] of Object.entries(run.gates))
    if (requestedAt !== undefined && approvals.length === 0)
      for (const by of ['UBEN', 'UCHIE'])
        await running.append(run.id, {
          type: 'ApprovalGiven',
          gate,
          by,
          planHash: run.planHash,
        });
  for (const phase of ['apply', 'undo'] as const)
    for (const { id: step, hosts } of run.plan.steps)
      for (const host of hosts) {
        const { status, attempt } = hostStep(run, { phase, step, host });
        if (status === 'asked')
          await running.append(run.id, {
            type: 'ProofGiven',
            work: { phase, step, host, attempt },
            by: 'UANN',
            proof: 'done',
          });
      }
}

const troubles = (run: Run): string =>
  stuck(run)
    .map((work) => {
      const { failure, evidence, status, tail = '' } = hostStep(run, work);
      const why = failure?.reason ?? evidence ?? status;
      return `${work.phase} ${work.step} on ${work.host}: ${why}\n${tail.split('\n').slice(-8).join('\n')}`;
    })
    .join('\n');
