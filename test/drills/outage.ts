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
// (AT_ONCE), of those whose name matches the words. All is logged at trace, for the secrets; what is counted is that of info.
const minutes = Number(process.argv[2] ?? 5);
const wanted = new RegExp(process.argv.slice(3).join(' '));
const atOnce = Number(process.env['AT_ONCE'] ?? 4);
const chosen = Object.entries(outages).filter(([name]) => wanted.test(name));

/** What repeats is said once more after 10 s and a minute, and then so often until the day is over. */
const repeatsADay = 14;

interface Measured {
  readonly name: string;
  readonly outage: Outage;
  readonly edge: EdgeProduct;
  /** How long its log was as the outage began, after half of the time, and in the end. */
  readonly marks: number[];
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
    if (edge !== undefined) all.push({ name, outage, edge, marks: [] });
  }
  const note = (): void =>
    all.forEach(({ edge, marks }) => marks.push(edge.product.output().length));
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
function infoIn(output: string): string[] {
  return output.split('\n').filter((line) => line !== '' && !/^\{"level":[12]0,/.test(line));
}

/** What makes two lines the same. */
function kindOf(line: string): string {
  return line.replaceAll(/"repeated":\d+,"inSeconds":\d+,|\d+/g, '#').slice(0, 400);
}

function bytesOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length + 1, 0);
}

async function tell({ name, outage, edge, marks }: Measured): Promise<void> {
  const [from, middle, to] = marks;
  const output = edge.product.output();
  const [first, second] = [infoIn(output.slice(from, middle)), infoIn(output.slice(middle, to))];
  const lines = [...first, ...second];
  const known = new Set(first.map(kindOf));
  // Said again without being counted, as by a process that was started again: this goes on.
  const steady = second.filter((line) => known.has(kindOf(line)) && !line.includes('"repeated":'));
  const kinds = [...new Map(lines.map((line) => [kindOf(line), line])).values()];
  const rate = bytesOf(steady) / (minutes / 2);
  const day = bytesOf(lines) + rate * (24 * 60 - minutes) + bytesOf(kinds) * repeatsADay;
  const events = await eventsOf(edge.redis);
  const isSaid = outage.says.test(lines.join('\n') + events);
  const leaks = plantedIn(edge).length;
  process.stdout.write(
    `${name}: ${bytesOf(lines)} bytes in ${minutes} minutes, ${bytesOf(second)} of them in the second half; ${Math.round(day / 1000)} kB a day; ${isSaid ? 'said' : 'NOT SAID'}; ${leaks} lines with secrets of ${output.split('\n').length} at trace\n`,
  );
  const kept = process.env['KEEP'];
  if (kept !== undefined)
    await writeFile(
      join(kept, `${name.replaceAll(/\W+/g, '-')}.log`),
      `${lines.join('\n')}\n${events}\n`,
    );
  if (day > 1_000_000 || leaks > 0 || !isSaid) process.exitCode = 1;
}
