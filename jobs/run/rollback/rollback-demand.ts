import { createHash } from 'node:crypto';
import type { ChangedThing } from '../../../handlers/contract/deed.ts';
import { type PlanStep, plannedDeed } from '../plan.ts';
import { type ProposedRollback, type Run, hostStep } from '../run.ts';
import { type RollbackPlan, planRollback } from './rollback.ts';

/** What a rollback takes of people. */
export interface RollbackDemand {
  /** Two once a schema or a host has moved: one asks, another one confirms. */
  readonly people: 1 | 2;
  /** What whoever asks has to type, where something stays that no rollback undoes. */
  readonly phrase?: string;
}

/** How long who asked waits for a second person before going alone, where the cloud's file does not say. */
export const aloneAfterMs = 10 * 60_000;

/** The one place that says what a rollback takes. Pure: button, word, form and every other door ask here. */
export function rollbackDemand(
  run: Run,
  { barrier }: Pick<RollbackPlan, 'barrier'>,
): RollbackDemand {
  if (barrier !== undefined)
    return { people: 2, phrase: `${run.plan.cloud} keeps ${barrier.id}`.toLowerCase() };
  return { people: hasMoved(run) ? 2 : 1 };
}

/** Whether a schema, rows or packages are not what they were before the run. */
const hasMoved = (run: Run): boolean =>
  run.plan.steps.some((step) => movesCloud(step) && begunHosts(run, step).length > 0);

const begunHosts = (run: Run, { id, hosts }: PlanStep): string[] =>
  hosts.filter((host) => hostStep(run, { phase: 'apply', step: id, host }).began);

const moving: ReadonlySet<ChangedThing> = new Set(['schema', 'data', 'package']);

const movesCloud = (step: PlanStep): boolean =>
  step.exit !== 'reversible' ||
  (plannedDeed(step)?.changes.some(({ what }) => moving.has(what)) ?? false);

/** Whether somebody typed the phrase, however it was spaced, quoted and written in capitals. */
export const isPhrase = (typed: string | undefined, phrase: string): boolean =>
  plainWords(typed ?? '') === plainWords(phrase);

const plainWords = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/["'`“”„‘’‚«»]/g, '')
    .replaceAll(/[‐‑‒–—―]/g, '-')
    .replaceAll(/\s+/g, ' ')
    .trim();

/** Short, and another one whenever anything has begun since, or a rollback to there would undo something else. */
export function rollbackMark(run: Run, to?: string): string {
  const { steps, barrier, to: first } = planRollback(run, to);
  const undone = steps.map(({ step, hosts }) => [step.id, hosts]);
  const begun = run.plan.steps.map((step) => begunHosts(run, step));
  return createHash('sha256')
    .update(JSON.stringify([first, undone, barrier?.id, begun, run.planHash]))
    .digest('hex')
    .slice(0, 16);
}

/** Whether something has begun since a rollback was asked for. */
export const isOutdated = (run: Run, { to, mark }: ProposedRollback): boolean =>
  mark !== rollbackMark(run, to);
