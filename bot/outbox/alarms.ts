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

/** `now`: ms of the clock that all processes go by. */
export const openAlarmLane = (redis: Redis, now: () => number): AlarmLane => ({
  isWaiting: async () => (await redis.zcount(waitingKey, now(), '+inf')) > 0,
  wait: async (run) => {
    const until = now() + waitingMs;
    await redis.multi().zadd(waitingKey, until, run).pexpire(waitingKey, waitingMs).exec();
  },
  done: async (run) => {
    await redis.zrem(waitingKey, run);
  },
});
