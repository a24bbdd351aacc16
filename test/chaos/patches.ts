/** A fault that once was, put back into the product by changing one place, and the tests that have to notice. */
export interface FaultPatch {
  readonly fault: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** The file of tests, and words of the title where not all of it is needed. */
  readonly caughtBy: readonly [file: string, title?: string];
}

export const faultPatches: readonly FaultPatch[] = [
  {
    fault: 'a cloud stays locked by a log that is broken',
    file: 'jobs/redis/scripts/embedded.ts',
    from: "redis.call('DEL', KEYS[1], KEYS[2])\\nlocal hosts",
    to: "redis.call('DEL', KEYS[2])\\nlocal hosts",
    caughtBy: ['test/bot/desk/unlock.int.test.ts', 'broken log'],
  },
  {
    fault: 'a cloud file that is broken refuses to abort',
    file: 'bot/desk/rights.ts',
    from: 'if (error instanceof OperatorError && run.access !== undefined) return error;',
    to: '',
    caughtBy: ['test/bot/desk/unlock.int.test.ts', 'cloud file cannot be read'],
  },
  {
    fault: 'two clouds run at once on one machine with two addresses',
    file: 'jobs/worker/steps.ts',
    from: 'await store.holdMachine(run, { host, hostKey });',
    to: '',
    caughtBy: ['test/jobs/worker/host-keys.int.test.ts'],
  },
  {
    fault: 'a card says that a step runs while no worker is alive',
    file: 'jobs/redis/pulse.ts',
    from: 'return nowMs - sinceMs > deadMs ?',
    to: 'return nowMs < 0 ?',
    caughtBy: ['test/jobs/redis/pulse.int.test.ts'],
  },
  {
    fault: 'sudo that allows too little passes the check of a host',
    file: 'jobs/remote/ready.ts',
    from: '|| fail ${toShell([refusal])}',
    to: '|| : ${toShell([refusal])}',
    caughtBy: ['test/jobs/remote/ready.int.test.ts', 'does not allow what the plan runs'],
  },
  {
    fault: 'a signed request that is an hour ahead is taken',
    file: 'bot/slack/http.ts',
    from: 'if (!(Math.abs(nowMs() / 1000 - at) <= mostOffS))',
    to: 'if (!(nowMs() / 1000 - at <= mostOffS))',
    caughtBy: ['test/bot/slack/http.int.test.ts'],
  },
  {
    fault: 'records stay on hosts that no run checks any more',
    file: 'jobs/worker/housekeeping.ts',
    from: 'await store.recent(runsLookedAt)',
    to: 'await store.active()',
    caughtBy: ['test/jobs/worker/housekeeping.int.test.ts'],
  },
  {
    fault: 'a busy worker loses its locks',
    file: 'jobs/redis/leases/scripts/embedded.ts',
    from: "redis.call('PEXPIRE', lock, ARGV[3])",
    to: '',
    caughtBy: ['test/jobs/redis/leases/keep-locks.int.test.ts'],
  },
  {
    fault: 'a worker is not told that it has lost a lock',
    file: 'jobs/redis/queues/open-worker.ts',
    from: 'async (job, token, signal) => {',
    to: 'async (...[job, token, signal]) => {',
    caughtBy: ['test/jobs/redis/queue.int.test.ts', 'is told'],
  },
  {
    fault: 'what both Redis and a host have forgotten begins again',
    file: 'jobs/worker/recall.ts',
    from: '...(lost && { lost })',
    to: '',
    caughtBy: ['test/jobs/worker/recall.int.test.ts', 'forgotten as well'],
  },
];
