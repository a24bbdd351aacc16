import { parentPort, workerData } from 'node:worker_threads';
import { Redis } from 'ioredis';
import { openClock } from '../clock.ts';
import { beatForWorkers } from '../pulse.ts';
import { keptOptions } from '../reach/connection.ts';
import type { JobsByOwner, KeptLocks } from './keep-locks.ts';
import { renewLocks, watchAbandoned, watchTurns } from './renew-locks.ts';

/** Far below what a lock lasts, so that two attempts may be lost. */
const everyMs = 1000;
// Runs as a thread of the process whose locks it renews.
const { where, owners, beats, turns }: KeptLocks = workerData;
const redis = new Redis({
  ...keptOptions(where),
  maxRetriesPerRequest: 0,
  enableOfflineQueue: false,
});
// The connections of the process itself say what is wrong with Redis.
redis.on('error', () => {});
const isTurning = watchTurns();
const abandonedOf = watchAbandoned();
const abandoned = new Map<string, readonly string[]>();
let inHand: JobsByOwner = {};
parentPort?.on('message', (now: JobsByOwner) => (inHand = now));
const clock = openClock(redis);
let stopBeating: (() => void) | undefined;
let isAsking = false;

setInterval(() => {
  const isAlive = isTurning(Atomics.load(turns, 0), performance.now());
  if (isAlive && beats) stopBeating ??= beatForWorkers(redis, clock);
  if (!isAlive) {
    stopBeating?.();
    stopBeating = undefined;
  }
  if (!isAlive || isAsking) return;
  isAsking = true;
  void renewAll()
    .then(() => parentPort?.postMessage('renewed'))
    .catch(() => {})
    .finally(() => (isAsking = false));
}, everyMs);

async function renewAll(): Promise<void> {
  for (const [queue, owner] of Object.entries(owners)) {
    const mine = await renewLocks(redis, queue, owner, abandoned.get(owner));
    const now = { inHand: new Set(inHand[owner]), turns: Atomics.load(turns, 0) };
    abandoned.set(owner, abandonedOf(owner, mine, now));
  }
}
