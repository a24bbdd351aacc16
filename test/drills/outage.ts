import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { outages } from '../support/outages/all.ts';
import {
  type EdgeProduct,
  eventsOf,
  plantedIn,
  startEdgeProduct,
  typeSomething,
} from '../support/outages/edge-product.ts';
import type { Outage } from '../support/outages/outage.ts';

// Lets each edge of the product fail under a run and stay so, and says how much is logged, whether it is said what fails, and
// whether anything secret is logged: `npm run measure:outage -- 10 [WORDS]` for ten minutes each, four at the same time, of
// those whose name holds the words. What a day costs is reckoned from the second half, in which nothing is new.
const minutes = Number(process.argv[2] ?? 10);
const wanted = process.argv.slice(3).join(' ');
const level = process.env['LEVEL'] === 'trace' ? 'trace' : 'info';
const atOnce = Number(process.env['AT_ONCE'] ?? 4);
const chosen = Object.entries(outages).filter(([name]) => name.includes(wanted));

interface Measured {
  readonly name: string;
  readonly outage: Outage;
  readonly edge: EdgeProduct;
  readonly sizes: number[];
}

// Built once for all of them, as in a run of the tests.
const cache = join(import.meta.dirname, '../../node_modules/.cache/hopscotch-tests');
await mkdir(cache, { recursive: true });
const share = await mkdtemp(join(cache, 'drill-'));
process.env['TESTS_SHARE'] = share;
for (let from = 0; from < chosen.length; from += atOnce)
  await measure(chosen.slice(from, from + atOnce));
await rm(share, { recursive: true, force: true });
process.exit();

async function measure(some: readonly (readonly [string, Outage])[]): Promise<void> {
  const all: Measured[] = [];
  try {
    await measureAll(some, all);
  } finally {
    // Part of it has ended already.
    const stopped = Promise.all(all.map(({ edge }) => edge.stop().catch(() => {})));
    await Promise.race([stopped, sleep(30_000)]);
  }
}

async function measureAll(
  some: readonly (readonly [string, Outage])[],
  all: Measured[],
): Promise<void> {
  for (const [name, outage] of some) {
    const edge = await startEdgeProduct({ level, isRunning: true, ...outage.needs });
    all.push({ name, outage, edge, sizes: [] });
  }
  const note = (): void => all.forEach(({ edge, sizes }) => sizes.push(sizeOf(edge)));
  note();
  await Promise.all(all.map(({ outage, edge }) => outage.make(edge)));
  for (let half = 0; half < 2; half += 1) {
    await Promise.all(all.map(({ edge }) => typeSomething(edge)));
    await sleep(minutes * 30_000);
    note();
  }
  for (const one of all) await tell(one);
}

function sizeOf({ product }: EdgeProduct): number {
  return product.output().length;
}

async function tell({ name, outage, edge, sizes }: Measured): Promise<void> {
  const [from = 0, middle = 0, to = 0] = sizes;
  const day = to - from + ((to - middle) / (minutes / 2)) * (24 * 60 - minutes);
  const since = edge.product.output().slice(from);
  const isSaid = outage.says.test(since + (await eventsOf(edge.redis)));
  const leaks = plantedIn(edge).length;
  process.stdout.write(
    `${name}: ${to - from} bytes in ${minutes} minutes, ${to - middle} of them in the second half; ${Math.round(day / 1000)} kB a day; ${isSaid ? 'said' : 'NOT SAID'}; ${leaks} lines with secrets\n`,
  );
  if (process.env['SHOW'] !== undefined)
    process.stdout.write(`${since}\n${await eventsOf(edge.redis)}\n`);
  if (day > 1_000_000 || leaks > 0 || !isSaid) process.exitCode = 1;
}
