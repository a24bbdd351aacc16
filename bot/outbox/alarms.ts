import type { Redis } from 'ioredis';

/** While a run stands in it, somebody has to be woken for that one, and every other post of every run lets that go first. */
const waitingKey = 'hopscotch:alarms-waiting';
/** It goes by itself with a process that dies. */
const waitingMs = 3000;

export interface AlarmLane {
  /** Whether an alarm of any run waits for Slack. */
  readonly isWaiting: () => Promise<boolean>;
  readonly wait: (run: string) => Promise<void>;
  /** Those of other runs still wait. */
  readonly done: (run: string) => Promise<void>;
}

export const openAlarmLane = (redis: Pick<Redis, 'eval' | 'zrem'>): AlarmLane => ({
  isWaiting: async () => Number(await redis.eval(COUNT, 1, waitingKey)) > 0,
  wait: async (run) => {
    await redis.eval(WAIT, 1, waitingKey, run, waitingMs);
  },
  done: async (run) => {
    await redis.zrem(waitingKey, run);
  },
});

// By Redis's own clock: processes on several machines put runs there.
const NOW = `local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000)`;
const WAIT = `${NOW} redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1]) redis.call('PEXPIRE', KEYS[1], ARGV[2])`;
const COUNT = `${NOW} return redis.call('ZCOUNT', KEYS[1], now, '+inf')`;
