import type { Logger } from 'pino';
import type { Run } from '../run/run.ts';

/** Decisions about the runs that this process moves on: the way to a job and back would be longer than the work between two steps. */
export interface Deciding {
  /** Does not wait for the decision: whoever appends could be waited for by it. */
  readonly decide: (run: Run) => void;
  /** Resolves once what was asked for by now is decided. */
  readonly settled: () => Promise<void>;
}

/**
 * `advance` is called with the newest state of each run, for one at a time: what comes meanwhile is decided together. Where it
 * fails `again` has a job ask for it; and what a process that dies had not decided, the sweep of another one asks for.
 */
export function openDeciding(
  advance: (state: Run) => Promise<unknown>,
  { again, log }: { readonly again: (run: string) => Promise<void>; readonly log: Logger },
): Deciding {
  const newest = new Map<string, Run>();
  const under = new Map<string, Promise<void>>();
  const work = async (id: string): Promise<void> => {
    // What is appended within the same turn of the event loop is decided together.
    await Promise.resolve();
    for (;;) {
      const state = newest.get(id);
      newest.delete(id);
      if (state === undefined) break;
      await advance(state).catch(async (error: unknown) => {
        log.warn({ runId: id, err: error }, 'deciding about a run');
        await again(id).catch(() => {});
      });
    }
    under.delete(id);
  };
  return {
    decide: (run) => {
      if ((newest.get(run.id)?.version ?? 0) < run.version) newest.set(run.id, run);
      if (!under.has(run.id)) under.set(run.id, work(run.id));
    },
    settled: async () => {
      while (under.size > 0) await Promise.all(under.values());
    },
  };
}
