import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { openLog } from '../../../jobs/log/log.ts';
import { openQueues, patientRedis } from '../../../jobs/redis/queue.ts';
import { requireRedis } from '../../../jobs/redis/reach/check.ts';
import { openRedis } from '../../../jobs/redis/reach/connection.ts';
import { redisOptions } from '../../../jobs/redis/reach/url.ts';
import { type RunStore, openRunStore } from '../../../jobs/redis/store.ts';
import { planHash } from '../../../jobs/run/plan.ts';
import type { Run } from '../../../jobs/run/run.ts';
import { startWorker } from '../../../jobs/worker/worker.ts';
import { eventually } from '../eventually.ts';
import type { RedisPair } from '../servers/redis-pair.ts';
import { startTestSshd } from '../servers/sshd.ts';
import { planOn, shortPatience } from './running.ts';

/** What became of a run under which Redis failed over some times. */
export interface FailedOverRun {
  readonly run: Run;
  /** From the moment that the new primary took writes until the run had written there, for each failover. */
  readonly recoveredMs: readonly number[];
  /** The same, from the moment that the old primary was told to go, died or froze. */
  readonly awayMs: readonly number[];
  /** What the steps wrote on their host, in order. */
  readonly ledger: readonly string[];
  readonly log: string;
  /** What the Sentinels said about each failover that took more than 5 s. */
  readonly slow: readonly string[];
}

interface Options {
  readonly pair: RedisPair;
  readonly times: number;
}

export const stepsFor = (times: number): number => times * 6 + 3;

/**
 * Runs steps of half a second, one after the other, and fails Redis over between them. While the servers get ready for the
 * next time, the step at hand waits.
 */
export async function runUnderFailovers({ pair, times }: Options): Promise<FailedOverRun> {
  const sshd = await startTestSshd();
  let said = '';
  const log = openLog({ name: 'worker', level: 'trace', write: (line) => (said += line) });
  const where = redisOptions(pair.url);
  await requireRedis(where, log);
  const connections: Redis[] = [];
  const connect = (): Redis => {
    const connection = openRedis(where, patientRedis, log);
    connections.push(connection);
    return connection;
  };
  const main = connect();
  const queues = openQueues(main);
  const store = openRunStore(main, (run) => queues.decide(run));
  const worker = startWorker({ connect, log, patience: shortPatience, sweepMs: 1000 });
  try {
    const id = await begin(store, sshd, stepsFor(times));
    const pass = join(sshd.home, 'pass');
    const [recoveredMs, awayMs]: [number[], number[]] = [[], []];
    const slow: string[] = [];
    for (let time = 0; time < times; time += 1) {
      await pair.ready();
      writeFileSync(pass, '');
      await grownSince(store, id, (await store.load(id)).version + 1);
      const faultAt = await pair.failOver();
      const from = Date.now();
      await writtenOn(pair, id);
      recoveredMs.push(Date.now() - from);
      awayMs.push(Date.now() - faultAt);
      if (Date.now() - faultAt > 5000)
        slow.push(`at ${new Date(faultAt).toISOString()}`, ...pair.story(faultAt - 3000));
      rmSync(pass);
      await pair.mend();
    }
    writeFileSync(pass, '');
    const run = await eventually(
      async () => {
        const state = await store.load(id);
        return state.ended !== undefined && state;
      },
      60_000 + stepsFor(times) * 3000,
    );
    // Folds the whole log anew: a lost or changed event is refused.
    await store.events(id);
    const ledger = readFileSync(join(sshd.home, 'ledger'), 'utf8').trim().split('\n');
    return { run, recoveredMs, awayMs, ledger, log: said, slow };
  } finally {
    await worker.drain();
    await queues.close();
    for (const connection of connections) connection.disconnect();
    await sshd.stop();
  }
}

async function begin(
  store: RunStore,
  sshd: Awaited<ReturnType<typeof startTestSshd>>,
  steps: number,
): Promise<string> {
  const words = (step: number) => [
    'sh',
    '-c',
    `until [ -e "$HOME/pass" ]; do sleep 0.1; done; sleep 0.5; echo ${step} >>"$HOME/ledger"`,
  ];
  const plan = planOn(
    { cmp01: sshd.target() },
    Array.from({ length: steps }, (_, step) => ({
      id: `s${step}`,
      params: { run: words(step) },
      apply: [{ words: words(step) }],
    })),
  );
  const now = (): string => new Date().toISOString();
  const run = 'f0f0f0';
  await store.create({
    type: 'RunRequested',
    at: now(),
    run,
    by: 'UANN',
    plan,
    planHash: planHash(plan),
  });
  const asked = await eventually(async () => {
    const state = await store.load(run);
    return Object.keys(state.gates).length > 0 && state;
  }, 60_000);
  const [gate = ''] = Object.keys(asked.gates);
  const approval = { type: 'ApprovalGiven', gate, by: 'UBEN', planHash: asked.planHash } as const;
  await store.append(run, () => ({ ...approval, at: now() }));
  return run;
}

const grownSince = (store: RunStore, run: string, version: number): Promise<unknown> =>
  eventually(async () => (await store.load(run)).version > version, 60_000);

/** Waits until the run has grown on the new primary itself. */
async function writtenOn(pair: RedisPair, run: string): Promise<void> {
  const look = pair.primary().client();
  const length = (): Promise<number> => look.xlen(`hopscotch:run:${run}:events`);
  const before = await length();
  await eventually(async () => (await length()) > before, 60_000);
  look.disconnect();
}
