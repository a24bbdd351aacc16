import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
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
// whether anything secret is logged: `npm run measure:outage -- 5 [WORDS]` for five minutes each, four at the same time
// (AT_ONCE), of those whose name holds the words. All is logged at trace, for the secrets; what is counted is that of info.
const minutes = Number(process.argv[2] ?? 5);
const wanted = process.argv.slice(3).join(' ');
const atOnce = Number(process.env['AT_ONCE'] ?? 4);
const chosen = Object.entries(outages).filter(([name]) => name.includes(wanted));

/** What repeats is said once more after 10 s and a minute, and then so often until the day is over. */
const repeatsADay = 14;

interface Measured {
  readonly name: string;
  readonly outage: Outage;
  readonly edge: EdgeProduct;
  readonly sizes: number[];
  /** Where in its log the outage begins. */
  readonly begun: number;
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
  const stop = async (): Promise<void> => {
    // Part of it has ended already.
    const stopped = Promise.all(all.map(({ edge }) => edge.stop().catch(() => {})));
    await Promise.race([stopped, sleep(30_000)]);
  };
  const end = (): void => void stop().then(() => process.exit(1));
  process.once('SIGTERM', end);
  try {
    await measureAll(some, all);
  } finally {
    await stop();
    process.off('SIGTERM', end);
  }
}

async function measureAll(
  some: readonly (readonly [string, Outage])[],
  all: Measured[],
): Promise<void> {
  for (const [name, outage] of some) {
    const edge = await startEdgeProduct({ level: 'trace', isRunning: true, ...outage.needs }).catch(
      (error: unknown) => void process.stdout.write(`${name}: not played, ${String(error)}\n`),
    );
    if (edge !== undefined)
      all.push({ name, outage, edge, sizes: [], begun: edge.product.output().length });
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

/** What it logs at info. */
function linesOf({ product }: EdgeProduct, from = 0): string[] {
  const lines = product.output().slice(from).split('\n');
  return lines.filter((line) => !/^\{"level":[12]0,/.test(line));
}

function sizeOf(edge: EdgeProduct): number {
  return linesOf(edge).join('\n').length;
}

async function tell({ name, outage, edge, sizes, begun }: Measured): Promise<void> {
  const [from = 0, middle = 0, to = 0] = sizes;
  const lines = linesOf(edge, begun);
  const repeated = new Map(
    lines.map((line) => [line.replaceAll(/\d+/g, '#').slice(0, 400), line.length]),
  );
  const ofRepeats = [...repeated.values()].reduce((sum, size) => sum + size * repeatsADay, 0);
  const rate = (to - middle) / (minutes / 2);
  const day = to - from + rate * (24 * 60 - minutes) + ofRepeats;
  const events = await eventsOf(edge.redis);
  const isSaid = outage.says.test(lines.join('\n') + events);
  const leaks = plantedIn(edge).length;
  process.stdout.write(
    `${name}: ${to - from} bytes in ${minutes} minutes, ${to - middle} of them in the second half; ${Math.round(day / 1000)} kB a day; ${isSaid ? 'said' : 'NOT SAID'}; ${leaks} lines with secrets of ${edge.product.output().split('\n').length} at trace\n`,
  );
  const kept = process.env['KEEP'];
  if (kept !== undefined)
    await writeFile(
      join(kept, `${name.replaceAll(/\W+/g, '-')}.log`),
      `${lines.join('\n')}\n${events}\n`,
    );
  if (day > 1_000_000 || leaks > 0 || !isSaid) process.exitCode = 1;
}
