import type { Logger } from 'pino';
import { slowNews } from '../../run/durations/slow.ts';
import { again } from '../again.ts';
import type { RunStore } from '../store.ts';
import type { LearnedTimes } from './run-times-store.ts';

interface Options {
  readonly store: Pick<RunStore, 'active' | 'load' | 'append'>;
  readonly times: Pick<LearnedTimes, 'of'>;
  /** Ms of the clock that the log goes by. */
  readonly nowMs: () => number;
  readonly log: Logger;
  readonly everyMs?: number;
}

/** Notes in the log of each active run what takes over twice its usual time, until what it answers is called. */
export const watchSlowSteps = ({ everyMs = 2000, ...options }: Options): (() => void) =>
  again(
    () => noteSlowSteps(options),
    everyMs,
    (error) => options.log.warn({ err: error }, 'looking for slow steps'),
  );

/** Any number of processes may do so: whoever is second finds it noted. */
async function noteSlowSteps({
  store,
  times,
  nowMs,
  log,
}: Omit<Options, 'everyMs'>): Promise<void> {
  for (const id of await store.active()) {
    try {
      const run = await store.load(id);
      const known = await times.of(run.plan.cloud);
      const at = new Date(nowMs()).toISOString();
      if (slowNews(run, known, at) === undefined) continue;
      await store.append(id, (state) => slowNews(state, known, at));
    } catch (error) {
      // The log of one run may be broken, or of a newer version.
      log.debug({ runId: id, err: error }, 'nothing is noted of how long its steps take');
    }
  }
}
