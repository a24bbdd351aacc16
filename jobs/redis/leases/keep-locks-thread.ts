import { parentPort, workerData } from 'node:worker_threads';
import { Redis } from 'ioredis';
import { openClock } from '../clock.ts';
import { beatForWorkers } from '../pulse.ts';
import { keptOptions } from '../reach/connection.ts';
import type { KeptLocks } from './keep-locks.ts';
import { renewLocks, watchTurns } from './renew-locks.ts';

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
  void renewLocks(redis, owners)
    .then(() => parentPort?.postMessage('renewed'))
    .catch(() => {})
    .finally(() => (isAsking = false));
}, everyMs);
