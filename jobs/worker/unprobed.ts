import type { Redis } from 'ioredis';
import { isProbed } from '../redis/pulse.ts';
import type { RunStore } from '../redis/store.ts';
import { unprobedEvent } from '../run/serving/news.ts';

interface Options {
  readonly redis: Pick<Redis, 'exists'>;
  readonly store: Pick<RunStore, 'load' | 'append'>;
  readonly now: () => string;
}

/**
 * Says in the log of a run whose cloud was probed that it no longer is, once no process has done so at two looks in a row:
 * what was found before that would otherwise stand as how it is.
 */
export function watchUnprobed({ redis, store, now }: Options): (run: string) => Promise<void> {
  const missing = new Map<string, string>();
  return async (run) => {
    if (await isProbed(redis, run)) {
      missing.delete(run);
      return;
    }
    const at = now();
    const since = missing.get(run);
    if (since === undefined) {
      missing.set(run, at);
      return;
    }
    if (unprobedEvent(await store.load(run), { at, since }) !== undefined)
      await store.append(run, (state) => unprobedEvent(state, { at, since }));
  };
}
