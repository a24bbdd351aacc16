import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { type Logger, pino } from 'pino';
import type { RunEvent } from '../../../jobs/run/events.ts';
import { type Plan, planHash } from '../../../jobs/run/plan.ts';
import type { PlanReview } from '../../../jobs/run/review.ts';
import { openQueues, patientRedis } from '../../../jobs/redis/queue.ts';
import { type RedisServer, startRedisServer } from '../../../jobs/redis/server.ts';
import type { Run } from '../../../jobs/run/run.ts';
import { type RunStore, openRunStore } from '../../../jobs/redis/store.ts';
import { type RunningWorker, startWorker } from '../../../jobs/worker/worker.ts';
import type { SshTarget } from '../../../jobs/ssh/target.ts';

/** A real Redis with a real worker in this process, and what a test needs to drive runs. */
export interface RunningEngine {
  readonly redis: RedisServer;
  /** Where Redis keeps its files. */
  readonly redisDir: string;
  readonly store: RunStore;
  readonly connect: () => Redis;
  readonly startWorker: () => RunningWorker;
  /** Starts a run of these steps on these hosts, as `ann`; its approvals are still to be given. */
  readonly begin: (plan: Plan, review?: PlanReview) => Promise<string>;
  readonly approve: (run: string) => Promise<void>;
  readonly append: (run: string, event: Wanted) => Promise<Run>;
  /** Resolves with the state as soon as it is as wanted; rejects with the state after a minute. */
  readonly until: (run: string, what: string, isSo: (run: Run) => boolean) => Promise<Run>;
  readonly stop: () => Promise<void>;
}

type Wanted = RunEvent extends infer E ? (E extends { at: string } ? Omit<E, 'at'> : never) : never;

export const shortPatience = { silentMs: 3000, connectMs: 6000, retryMs: 200, graceMs: 2000 };

export async function runningEngine(
  log: Logger = pino({ level: process.env['LOG_LEVEL'] ?? 'silent' }),
): Promise<RunningEngine> {
  const dir = await mkdtemp(join(tmpdir(), 'hopscotch-'));
  const redis = await startRedisServer({ dir: join(dir, 'redis') });
  const connections: Redis[] = [];
  const workers: RunningWorker[] = [];
  const connect = (): Redis => {
    const connection = new Redis({ ...redis.options, ...patientRedis });
    connection.on('error', () => {});
    connections.push(connection);
    return connection;
  };
  const main = connect();
  const queues = openQueues(main);
  const store = openRunStore(main, (run) => queues.decide(run));
  const now = (): string => new Date().toISOString();
  const until: RunningEngine['until'] = (id, what, isSo) => stateOf(store, id, what, isSo);
  const append: RunningEngine['append'] = async (id, event) =>
    (await store.append(id, () => ({ ...event, at: now() }))).run;
  return {
    redis,
    redisDir: join(dir, 'redis'),
    store,
    connect,
    startWorker: () => {
      const worker = startWorker({ connect, log, patience: shortPatience, sweepMs: 500 });
      workers.push(worker);
      return worker;
    },
    begin: async (plan, review) => {
      const run = Math.random().toString(16).slice(2, 8).padEnd(6, '0');
      await store.create({
        type: 'RunRequested',
        at: now(),
        run,
        by: 'UANN',
        plan,
        planHash: planHash(plan),
        ...(review && { review }),
      });
      return run;
    },
    append,
    approve: async (id) => {
      const state = await until(id, 'asking', isAsking);
      const gate = Object.keys(state.gates).at(-1) ?? '';
      await append(id, { type: 'ApprovalGiven', gate, by: 'UBEN', planHash: state.planHash });
    },
    until,
    stop: async () => {
      await Promise.all(workers.map((worker) => worker.drain()));
      await queues.close();
      for (const connection of connections) connection.disconnect();
      await redis.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

const isAsking = (run: Run): boolean =>
  Object.values(run.gates).some(
    (gate) => gate.requestedAt !== undefined && gate.approvals.length === 0,
  );

async function stateOf(
  store: RunStore,
  id: string,
  what: string,
  isSo: (run: Run) => boolean,
): Promise<Run> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const state = await store.load(id).catch(() => undefined);
    if (state !== undefined && isSo(state)) return state;
    if (Date.now() > deadline) throw new Error(`not ${what}: ${JSON.stringify(state, null, 1)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

interface PlannedStep {
  readonly id: string;
  readonly kind?: string;
  readonly params: unknown;
  readonly exit?: 'reversible' | 'oneWay';
  readonly apply?: readonly { words: string[]; stdin?: string }[];
  readonly timeoutMs?: number;
  readonly batch?: number;
  readonly maxFailures?: number;
}

/** A plan of steps on targets; the first step asks for one approval. */
export const planOn = (
  targets: Readonly<Record<string, SshTarget>>,
  steps: readonly PlannedStep[],
): Plan => ({
  title: 'A test',
  cloud: 'test',
  environment: 'verification',
  channel: 'C0TEST',
  runbook: 'test',
  become: false,
  targets,
  steps: steps.map((step, index) => ({
    title: step.id,
    kind: 'command',
    hosts: Object.keys(targets),
    exit: 'reversible',
    doer: 'host',
    batch: Object.keys(targets).length,
    maxFailures: 0,
    timeoutMs: 60_000,
    ...(index === 0 ? { gate: 1 } : {}),
    ...step,
    apply: (step.apply ?? []).map((command) => ({ ...command })),
  })),
});
