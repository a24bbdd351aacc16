import { wayOut, wayOutAfter } from '../../bot/views/card/way-out.ts';
import { stuck } from '../../jobs/run/decide.ts';
import type { Plan, PlanStep } from '../../jobs/run/plan.ts';
import { wayBack } from '../../jobs/run/rollback.ts';
import { type Run, stepOf } from '../../jobs/run/run.ts';
import { compareSnapshots, type Snapshot } from '../../sandbox/juno/snapshot.ts';
import type { Running } from '../support/processes/running.ts';
import { approve, settle, troubles } from './drive.ts';
import { type Frozen, putBackLog } from './frozen.ts';
import type { Lab } from './lab.ts';
import { press, rollbackButton, type } from './press.ts';

/** Whether the step fails with its work done, or before any of it. */
export type Way = 'after' | 'before';

export interface Drill {
  /** How the road ended before the way back. */
  readonly end: 'failed' | 'nothing to do there';
  /** What the dialog of Roll back asked; the card's words about the way out where there was no such button. */
  readonly promise: string;
  /** What differs from where Roll back should have led. */
  readonly differences: readonly string[];
  /** The one-way step that ends the way back. */
  readonly barrier?: string;
  /** The step that it led back to, where that was not the start. */
  readonly to?: string;
}

/** What a drill needs beside the step: a cloud that stands just before it, and how the cloud was earlier. */
export interface Place {
  readonly running: Running;
  readonly lab: Lab;
  readonly run: string;
  readonly frozen: Frozen;
  readonly start: Snapshot;
  /** How the cloud was before each step. */
  readonly snapshots: ReadonlyMap<string, Snapshot>;
  /** How the cloud was right after each one-way step. */
  readonly afterOneWay: ReadonlyMap<string, Snapshot>;
}

/** Lets a step fail on every host. Throws where the run stops elsewhere, or where it was not warned of a one-way step. */
export async function fail(
  { running, lab, run, frozen }: Place,
  step: string,
  way: Way,
): Promise<{ there: Run; end: Drill['end'] }> {
  await putBackLog(running, frozen, failingAt(lab.plan, step, way));
  const asked = await running.store.load(run);
  const warning = wayOutAfter(asked, step);
  if (stepOf(asked, step).exit === 'oneWay' && !warning.includes('there is no way back'))
    throw new Error(`the approval of ${step} says: ${warning}`);
  const there = await approve(running, asked, step);
  const stops = stuck(there);
  if (stops.some((work) => work.step !== step)) throw new Error(troubles(there));
  return { there, end: stops.length > 0 ? 'failed' : 'nothing to do there' };
}

/**
 * Lets a step fail, presses the card's Roll back and compares the cloud with its start, or with how it was after the one-way
 * step that ends the way back. Throws where the card promises something else.
 */
export async function backToStart(place: Place, step: string, way: Way): Promise<Drill> {
  const { there, end } = await fail(place, step, way);
  const { to, barrier } = wayBack(there);
  const button = rollbackButton(there);
  const promise = button?.confirm?.text?.text ?? wayOut(there);
  if (button !== undefined) await isBack(place, await press(button, place.running, place.lab));
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
export async function backToStep(place: Place, step: string, way: Way): Promise<Drill> {
  const { running, lab, run, snapshots } = place;
  const { there, end } = await fail(place, step, way);
  const to = wayBack(there, step).needs?.id ?? step;
  if (end === 'failed') await isBack(place, await type(`rollback ${run} ${to}`, running, lab));
  const differences = compareSnapshots(snapshots.get(to) ?? {}, await lab.juno.snapshot());
  return { end, promise: `back to before ${to}`, differences, to };
}

const isOneWay = (promise: string): boolean => promise.includes('is one-way');

/** Waits for the end of the way back. */
async function isBack({ running, run }: Place, answer: string): Promise<void> {
  const back = await settle(running, run);
  if (stuck(back).length > 0) throw new Error(troubles(back));
  if (back.ended?.outcome !== 'rolledBack' && back.paused === undefined)
    throw new Error(`asked to roll back, the product said: ${answer}`);
}

/** A one-way step that has failed itself leaves what nobody promised: there is nothing to compare it with. */
async function differencesAt(
  { lab, start, afterOneWay }: Place,
  barrier: string | undefined,
): Promise<string[]> {
  const goal = barrier === undefined ? start : afterOneWay.get(barrier);
  return goal === undefined ? [] : compareSnapshots(goal, await lab.juno.snapshot());
}

const failingAt = (plan: Plan, id: string, way: Way): Plan => ({
  ...plan,
  steps: plan.steps.map((step) => (step.id === id ? failing(step, way) : step)),
});

const failing = (step: PlanStep, way: Way): PlanStep => ({
  ...step,
  apply: [...(way === 'after' ? step.apply : []), { words: ['false'] }],
});
