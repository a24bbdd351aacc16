import type { Button } from '@slack/types';
import { wayOut, wayOutAfter } from '../../bot/views/way-out.ts';
import { stuck } from '../../jobs/decide.ts';
import type { Plan, PlanStep } from '../../jobs/plan.ts';
import { wayBack } from '../../jobs/rollback.ts';
import { stepOf } from '../../jobs/run.ts';
import { compareSnapshots, type Snapshot } from '../../sandbox/juno/snapshot.ts';
import type { Running } from '../support/running.ts';
import { approve, settle, troubles } from './drive.ts';
import { type Frozen, putBackLog } from './frozen.ts';
import type { Lab } from './lab.ts';
import { press, rollbackButton } from './press.ts';

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
}

/** What a drill needs beside the step: a cloud that stands just before it, and how the cloud was earlier. */
export interface Place {
  readonly running: Running;
  readonly lab: Lab;
  readonly run: string;
  readonly frozen: Frozen;
  readonly start: Snapshot;
  /** How the cloud was right after each one-way step. */
  readonly afterOneWay: ReadonlyMap<string, Snapshot>;
}

/**
 * Lets a step fail on every host, presses the card's Roll back and compares the cloud with its start, or with how it was
 * after the one-way step that ends the way back. Throws where the run stops elsewhere or the card promises something else.
 */
export async function drill(place: Place, step: string, way: Way): Promise<Drill> {
  const { running, lab, run, frozen } = place;
  await putBackLog(running, frozen, failingAt(lab.plan, step, way));
  const asked = await running.store.load(run);
  const warning = wayOutAfter(asked, step);
  if (stepOf(asked, step).exit === 'oneWay' && !warning.includes('there is no way back'))
    throw new Error(`the approval of ${step} says: ${warning}`);
  const there = await approve(running, asked, step);
  const stops = stuck(there);
  if (stops.some((work) => work.step !== step)) throw new Error(troubles(there));
  const { to, barrier } = wayBack(there);
  const button = rollbackButton(there);
  const promise = button?.confirm?.text?.text ?? wayOut(there);
  if (button !== undefined) await goBack(place, button);
  if (
    (button === undefined) !== (to === undefined) ||
    isOneWay(promise) !== (barrier !== undefined)
  )
    throw new Error(`back to ${to}, not beyond ${barrier?.id}, but the card says: ${promise}`);
  const end = stops.length > 0 ? 'failed' : 'nothing to do there';
  const differences = await differencesAt(place, barrier?.id);
  return { end, promise, differences, ...(barrier === undefined ? {} : { barrier: barrier.id }) };
}

const isOneWay = (promise: string): boolean => promise.includes('is one-way');

async function goBack({ running, lab, run }: Place, button: Button): Promise<void> {
  const answer = await press(button, running, lab);
  const back = await settle(running, run);
  if (stuck(back).length > 0) throw new Error(troubles(back));
  const isBack = back.ended?.outcome === 'rolledBack' || back.paused !== undefined;
  if (!isBack) throw new Error(`Roll back was pressed: ${answer}`);
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
