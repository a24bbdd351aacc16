import type { JunoSnapshot } from '../../sandbox/juno/snapshot.ts';
import type { RunningEngine } from '../support/processes/running.ts';
import { type Drill, type RollbackWord, backToStart, backToStep } from './drill.ts';
import { approveGate, askedGate, settleRun, runTroubles } from './drive.ts';
import { type FrozenCloud, forgetStep, freezeCloud, putBackLog, thawCloud } from './frozen.ts';
import type { DrillLab } from './lab.ts';

export interface WantedDrills {
  readonly step: string;
  readonly ways: readonly RollbackWord[];
  /** Where Roll back is to lead. */
  readonly back: 'start' | 'step';
}

export interface DrillRow extends Partial<Drill> {
  readonly step: string;
  readonly way: RollbackWord;
  readonly seconds: number;
  /** Why the drill was not played to its end. */
  readonly problem?: string;
}

/**
 * Walks the path once. Before each wanted step the world is kept; there the step fails, Roll back leads back, and the kept
 * world takes the place of what that has led to.
 */
export async function walkPath(
  running: RunningEngine,
  lab: DrillLab,
  wanted: readonly WantedDrills[],
  tell: (row: DrillRow) => void = () => {},
): Promise<DrillRow[]> {
  const rows: DrillRow[] = [];
  const start = await lab.juno.snapshot();
  const [afterOneWay, snapshots] = [
    new Map<string, JunoSnapshot>(),
    new Map<string, JunoSnapshot>(),
  ];
  const run = await running.begin(lab.plan);
  let now = await settleRun(running, run);
  const last = lab.plan.steps.findLastIndex(({ id }) => wanted.some(({ step }) => step === id));
  for (const { id, exit, isBackup } of lab.plan.steps.slice(0, last + 1)) {
    const here = wanted.filter(({ step }) => step === id);
    if (isBackup === true) snapshots.set(id, await lab.juno.snapshot());
    const frozen = here.length === 0 ? undefined : await freezeCloud(lab, running, run);
    if (frozen !== undefined) {
      snapshots.set(id, frozen.snapshot);
      const place = { running, lab, run, frozen, start, snapshots, afterOneWay };
      for (const { back, ways } of here)
        for (const way of ways) {
          const begun = Date.now();
          const go = back === 'start' ? backToStart : backToStep;
          const found = await go(place, id, way).catch((error: unknown) => ({
            problem: error instanceof Error ? error.message : String(error),
          }));
          const seconds = Math.round((Date.now() - begun) / 100) / 10;
          const row: DrillRow = { step: id, way, seconds, ...found };
          rows.push(row);
          tell(row);
          await putBack({ running, lab, run, frozen }, row);
        }
    }
    now = await approveGate(running, await running.store.load(run), id);
    if (askedGate(now) === id || (askedGate(now) === undefined && now.ended === undefined))
      throw new Error(`the upgrade path stopped at ${id}: ${runTroubles(now)}`);
    if (exit === 'oneWay') afterOneWay.set(id, await lab.juno.snapshot());
  }
  // Another path may take the cloud, or one of its name, from here.
  if (now.ended === undefined) {
    await running.append(run, { type: 'AbortRequested', by: 'UANN' });
    await running.until(run, 'ended', ({ ended }) => ended !== undefined);
  }
  return rows;
}

interface Kept {
  readonly running: RunningEngine;
  readonly lab: DrillLab;
  readonly run: string;
  readonly frozen: FrozenCloud;
}

/** A cloud that a drill has led back to where it was can stay; only the hosts' diaries of the step have to go. */
async function putBack({ running, lab, run, frozen }: Kept, row: DrillRow): Promise<void> {
  if (row.to === row.step && row.differences?.length === 0)
    await forgetStep(lab, `${run}.${row.step}`);
  else await thawCloud(lab, frozen);
  await putBackLog(running, frozen, lab.plan);
}
