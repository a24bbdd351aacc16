import { rollbackLine, rollbackLineAfterGate } from '../../bot/views/card/rollback-line.ts';
import { stuckWork } from '../../jobs/run/decide.ts';
import type { Plan, PlanStep } from '../../jobs/run/plan.ts';
import { rollbackDemand } from '../../jobs/run/rollback/rollback-demand.ts';
import { planRollback } from '../../jobs/run/rollback/rollback.ts';
import { type Run, stepOf } from '../../jobs/run/run.ts';
import { junoDifferences, type JunoSnapshot } from '../../sandbox/juno/snapshot.ts';
import type { RunningEngine } from '../support/processes/running.ts';
import { approveGate, settleRun, runTroubles } from './drive.ts';
import { type FrozenCloud, putBackLog } from './frozen.ts';
import type { DrillLab } from './lab.ts';
import { confirmRollback, pressButton, rollbackButton, typeUpgrade } from './press.ts';

/** Whether the step fails with its work done, or before any of it. */
export type RollbackWord = 'after' | 'before';

export interface Drill {
  /** How the path ended before the rollback. */
  readonly end: 'failed' | 'nothing to do there';
  /** What the dialog of Roll back asked; the card's words about the fix where there was no such button. */
  readonly promise: string;
  /** What differs from where Roll back should have led. */
  readonly differences: readonly string[];
  /** The one-way step that ends the rollback. */
  readonly barrier?: string;
  /** The step that it led back to, where that was not the start. */
  readonly to?: string;
}

/** What a drill needs beside the step: a cloud that stands just before it, and how the cloud was earlier. */
export interface DrillPlace {
  readonly running: RunningEngine;
  readonly lab: DrillLab;
  readonly run: string;
  readonly frozen: FrozenCloud;
  readonly start: JunoSnapshot;
  /** How the cloud was before each step. */
  readonly snapshots: ReadonlyMap<string, JunoSnapshot>;
  /** How the cloud was right after each one-way step. */
  readonly afterOneWay: ReadonlyMap<string, JunoSnapshot>;
}

/** Lets a step fail on every host. Throws where the run stops elsewhere, or where it was not warned of a one-way step. */
export async function failStep(
  { running, lab, run, frozen }: DrillPlace,
  step: string,
  way: RollbackWord,
): Promise<{ there: Run; end: Drill['end'] }> {
  await putBackLog(running, frozen, failingAt(lab.plan, step, way));
  const asked = await running.store.load(run);
  const warning = rollbackLineAfterGate(asked, step);
  if (stepOf(asked, step).exit === 'oneWay' && !warning.includes('no rollback reaches'))
    throw new Error(`the approval of ${step} says: ${warning}`);
  const there = await approveGate(running, asked, step);
  const stops = stuckWork(there);
  if (stops.some((work) => work.step !== step)) throw new Error(runTroubles(there));
  return { there, end: stops.length > 0 ? 'failed' : 'nothing to do there' };
}

/**
 * Lets a step fail, presses the card's Roll back and compares the cloud with its start, or with how it was after the one-way
 * step that ends the rollback. Throws where the card promises something else.
 */
export async function backToStart(
  place: DrillPlace,
  step: string,
  way: RollbackWord,
): Promise<Drill> {
  const { there, end } = await failStep(place, step, way);
  const { to, barrier } = planRollback(there);
  const button = rollbackButton(there);
  const promise = button?.confirm?.text?.text ?? rollbackLine(there);
  if (button !== undefined)
    await isBack(
      place,
      phraseFor(there) === ''
        ? await pressButton(button, place.running, place.lab)
        : await typeUpgrade(`rollback ${place.run}${phraseFor(there)}`, place.running, place.lab),
    );
  if (
    (button === undefined) !== (to === undefined) ||
    isOneWay(promise) !== (barrier !== undefined)
  )
    throw new Error(`back to ${to}, not beyond ${barrier?.id}, but the card says: ${promise}`);
  const differences = await differencesAt(place, barrier?.id);
  return { end, promise, differences, ...(barrier === undefined ? {} : { barrier: barrier.id }) };
}

/**
 * Lets a step fail, types `rollback RUN STEP` and compares the cloud with how it was before the step, or before the backup
 * that alone restores what the step changed.
 */
export async function backToStep(
  place: DrillPlace,
  step: string,
  way: RollbackWord,
): Promise<Drill> {
  const { running, lab, run, snapshots } = place;
  const { there, end } = await failStep(place, step, way);
  const to = planRollback(there, step).needs?.id ?? step;
  if (end === 'failed')
    await isBack(
      place,
      await typeUpgrade(`rollback ${run} ${to}${phraseFor(there, to)}`, running, lab),
    );
  const differences = junoDifferences(snapshots.get(to) ?? {}, await lab.juno.snapshot());
  return { end, promise: `back to before ${to}`, differences, to };
}

/** What has to be typed behind a one-way step. */
function phraseFor(run: Run, to?: string): string {
  const { phrase } = rollbackDemand(run, planRollback(run, to));
  return phrase === undefined ? '' : ` confirm ${phrase}`;
}

const isOneWay = (promise: string): boolean => promise.includes('is one-way');

/** Waits for the end of the rollback. */
async function isBack({ running, lab, run }: DrillPlace, answer: string): Promise<void> {
  if ((await running.store.load(run)).proposed !== undefined)
    await confirmRollback(run, running, lab);
  const back = await settleRun(running, run);
  if (stuckWork(back).length > 0) throw new Error(runTroubles(back));
  if (back.ended?.outcome !== 'rolledBack' && back.paused === undefined)
    throw new Error(`asked to roll back, the product said: ${answer}`);
}

/** A one-way step that has failed itself leaves what nobody promised: there is nothing to compare it with. */
async function differencesAt(
  { lab, start, afterOneWay }: DrillPlace,
  barrier: string | undefined,
): Promise<string[]> {
  const goal = barrier === undefined ? start : afterOneWay.get(barrier);
  return goal === undefined ? [] : junoDifferences(goal, await lab.juno.snapshot());
}

const failingAt = (plan: Plan, id: string, way: RollbackWord): Plan => ({
  ...plan,
  steps: plan.steps.map((step) => (step.id === id ? failing(step, way) : step)),
});

const failing = (step: PlanStep, way: RollbackWord): PlanStep => ({
  ...step,
  apply: [...(way === 'after' ? step.apply : []), { words: ['false'] }],
});
