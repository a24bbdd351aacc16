import type { Snapshot } from '../../sandbox/juno/snapshot.ts';
import type { Running } from '../support/running.ts';
import { type Drill, type Way, drill } from './drill.ts';
import { approve, askedGate, settle, troubles } from './drive.ts';
import { freeze, putBackLog, thaw } from './frozen.ts';
import type { Lab } from './lab.ts';

export interface Wanted {
  readonly step: string;
  readonly ways: readonly Way[];
}

export interface Row extends Partial<Drill> {
  readonly step: string;
  readonly way: Way;
  readonly seconds: number;
  /** Why the drill was not played to its end. */
  readonly problem?: string;
}

/**
 * Walks the road once. Before each wanted step the world is kept; there the step fails, Roll back leads back to the start,
 * and the kept world takes the place of that one.
 */
export async function walk(
  running: Running,
  lab: Lab,
  wanted: readonly Wanted[],
  tell: (row: Row) => void = () => {},
): Promise<Row[]> {
  const rows: Row[] = [];
  const start = await lab.juno.snapshot();
  const afterOneWay = new Map<string, Snapshot>();
  const run = await running.begin(lab.plan);
  let now = await settle(running, run);
  const last = lab.plan.steps.findLastIndex(({ id }) => wanted.some(({ step }) => step === id));
  for (const { id, exit } of lab.plan.steps.slice(0, last + 1)) {
    const ways = wanted.find(({ step }) => step === id)?.ways ?? [];
    const frozen = ways.length === 0 ? undefined : await freeze(lab, running, run);
    for (const way of frozen === undefined ? [] : ways) {
      const begun = Date.now();
      const place = { running, lab, run, frozen: frozen!, start, afterOneWay };
      const found = await drill(place, id, way).catch((error: unknown) => ({
        problem: error instanceof Error ? error.message : String(error),
      }));
      const row = { step: id, way, seconds: Math.round((Date.now() - begun) / 100) / 10, ...found };
      rows.push(row);
      tell(row);
      await thaw(lab, frozen!);
      await putBackLog(running, frozen!, lab.plan);
    }
    now = await approve(running, await running.store.load(run), id);
    if (askedGate(now) === id || (askedGate(now) === undefined && now.ended === undefined))
      throw new Error(`the road stopped at ${id}: ${troubles(now)}`);
    if (exit === 'oneWay') afterOneWay.set(id, await lab.juno.snapshot());
  }
  // Another road may take the cloud, or one of its name, from here.
  if (now.ended === undefined) {
    await running.append(run, { type: 'AbortRequested', by: 'UANN' });
    await running.until(run, 'ended', ({ ended }) => ended !== undefined);
  }
  return rows;
}
