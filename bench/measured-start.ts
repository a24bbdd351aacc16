import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { packEndedRuns } from '../jobs/redis/archive/packed-runs.ts';
import { openRunStore } from '../jobs/redis/store.ts';
import { chainHash, eventsKey } from '../jobs/redis/stored/entries.ts';
import { planKey } from '../jobs/redis/stored/plans.ts';
import { pretendPeople } from '../sandbox/slack/people.ts';
import { ratioText, spreadText } from './figures.ts';
import { startMeasuredProduct } from './measured-product.ts';
import { measureRun, until } from './measured-run.ts';
import { settledMs } from './rounds.ts';
import type { StandInHosts } from './stand-in-hosts.ts';
import { newWork } from './work.ts';

const [steps, hostCount] = [10, 6];
const starts = 5;

/** The start and the first `/upgrade status` with one finished run in the store, and with so many. */
export async function measureStart(
  dir: string,
  hosts: StandInHosts,
  count: number,
): Promise<string> {
  const data = join(dir, 'product');
  const some = { ...hosts, addresses: hosts.addresses.slice(0, hostCount) };
  const first = await startMeasuredProduct(data);
  const work = newWork('command', { hosts: some, steps, nth: 0 });
  first.addCloud('bench', hosts, hostCount);
  first.addRunbook('bench', work.steps);
  const { run } = await measureRun(first, { cloud: 'bench', runbook: 'bench' });
  const wrong = work.wrong();
  await first.stop();
  if (wrong !== undefined) throw new Error(`the ledger does not hold: ${wrong}`);
  const one = await measuredStarts(data);
  const filling = await startMeasuredProduct(data);
  for (let nth = 1; nth < count; nth += 1) await copyRun(filling.redis, run, nth);
  await packAll(filling.redis);
  await filling.stop();
  const many = await measuredStarts(data);
  hosts.tidy();
  return [
    `start with ${many.runs} runs of ${steps * hostCount} host-steps: ${spreadText(many.readyMs, 0)} ms, ${ratioText(many.readyMs, one.readyMs)} of that with ${one.runs}; ${starts} starts each`,
    `  first status at once: ${spreadText(many.atOnceMs, 0)} ms; with ${one.runs}: ${spreadText(one.atOnceMs, 0)} ms`,
    `  first status ${settledMs} ms later: ${spreadText(many.settledMs, 0)} ms; with ${one.runs}: ${spreadText(one.settledMs, 0)} ms`,
    '',
  ].join('\n');
}

async function measuredStarts(data: string) {
  const [readyMs, atOnceMs, laterMs]: [number[], number[], number[]] = [[], [], []];
  let runs = 0;
  for (let start = 0; start < 2 * starts; start += 1) {
    const product = await startMeasuredProduct(data);
    readyMs.push(product.readyMs);
    if (start % 2 === 1) await sleep(settledMs);
    (start % 2 === 1 ? laterMs : atOnceMs).push(await firstStatus(product.workspace.control));
    runs = await product.redis.zcard('hopscotch:runs');
    await product.stop();
  }
  return { readyMs, atOnceMs, settledMs: laterMs, runs };
}

const inTwoHours = (): number => Date.now() + 2 * 3_600_000;

/** As an hour after their end, which is the most of what a store has. */
async function packAll(redis: Redis): Promise<void> {
  const parts = { redis, store: openRunStore(redis), nowMs: inTwoHours };
  while ((await packEndedRuns({ ...parts, log: pino({ level: 'silent' }) })) > 0);
}

type Control = Awaited<ReturnType<typeof startMeasuredProduct>>['workspace']['control'];

async function firstStatus(control: Control): Promise<number> {
  const beganMs = performance.now();
  await control.command({ user: pretendPeople.ann.id, text: 'status' });
  await until(30_000, async () =>
    (await control.messages()).find(({ ephemeral_to: to }) => to === pretendPeople.ann.id),
  );
  return performance.now() - beganMs;
}

/** Another finished run with the same log, under an id of its own. */
async function copyRun(redis: Redis, run: string, nth: number): Promise<void> {
  const id = (0x10_00_00 + nth).toString(16);
  const entries = await redis.xrange(eventsKey(run), '-', '+');
  const plan = await redis.getBuffer(planKey(run));
  const score = await redis.zscore('hopscotch:runs', run);
  const writing = redis.pipeline();
  let hash = '';
  for (const [entry, [, json = '']] of entries) {
    const own = json.replace(`"run":"${run}"`, `"run":"${id}"`);
    hash = chainHash(hash, own);
    writing.xadd(eventsKey(id), entry, 'event', own, 'hash', hash);
  }
  if (plan !== null) writing.set(planKey(id), plan);
  writing.zadd('hopscotch:runs', Number(score) - nth * 60_000, id);
  await writing.exec();
}
