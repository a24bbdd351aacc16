// What the thread that renews locks has to know of BullMQ: it loads nothing else of queues and runs.

/** BullMQ's key prefix; queue names are short because BullMQ puts it in front. */
export const queuePrefix = 'hopscotch:queue';

/**
 * How long a job stays with a process that has ended, or that was stopped, before another one may take it. It is renewed every
 * second, and who looks for lost jobs does so every second: so it is followed again within five, without a supervisor.
 */
export const lockMs = 4400;
