import type { Redis } from 'ioredis';

/** While this stands, somebody has to be woken, and every other post of every run lets that go first. */
const waitingKey = 'hopscotch:alarms-waiting';
/** It goes by itself with a process that dies. */
const waitingMs = 3000;

export interface AlarmLane {
  /** Whether an alarm waits for Slack. */
  readonly isWaiting: () => Promise<boolean>;
  readonly wait: () => Promise<void>;
  readonly done: () => Promise<void>;
}

export const openAlarmLane = (redis: Redis): AlarmLane => ({
  isWaiting: async () => (await redis.exists(waitingKey)) === 1,
  wait: async () => {
    await redis.set(waitingKey, '1', 'PX', waitingMs);
  },
  done: async () => {
    await redis.del(waitingKey);
  },
});
