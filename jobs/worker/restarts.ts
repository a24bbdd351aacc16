import type { Redis } from 'ioredis';
import type { RunStore } from '../redis/store.ts';

const key = 'hopscotch:store';

export interface RestartWatch {
  /** Whether the store was started anew, asked now. */
  readonly look: () => Promise<void>;
  /** Resolves at once while the connection has not broken since the last look: nothing is decided before that look. */
  readonly noticed: () => Promise<void>;
}

export function watchRestarts(redis: Redis, runs: Telling): RestartWatch {
  let isSure = false;
  redis.on('close', () => (isSure = false));
  const look = async (): Promise<void> => {
    await noticeRestart(redis, runs);
    isSure = true;
  };
  return { look, noticed: async () => (isSure ? undefined : look()) };
}

interface Telling {
  readonly store: Pick<RunStore, 'active' | 'append'>;
  readonly now: () => string;
}

/**
 * Tells every run when its store was started anew or another one took its place since the last call of anybody: the last that
 * was written may be gone. Redis draws a new id at each start.
 */
async function noticeRestart(redis: Redis, { store, now }: Telling): Promise<void> {
  const id = /^run_id:(\w+)/m.exec(await redis.info('server').catch(() => ''))?.[1];
  const known = await redis.get(key);
  if (id === undefined || known === id) return;
  if (known !== null) {
    for (const run of await store.active())
      await store
        .append(run, (state) =>
          state.ended === undefined && state.restarted?.store !== id
            ? { type: 'StoreRestarted', at: now(), store: id }
            : undefined,
        )
        // The log of one run may be broken, or of a newer version; the others are told.
        .catch(() => {});
  }
  await redis.set(key, id);
}
