import { setTimeout as sleep } from 'node:timers/promises';
import {
  type EdgeProduct,
  outages,
  plantedIn,
  startEdgeProduct,
} from '../support/processes/outage.ts';

// Lets each edge of the product fail and stay so, and says how much is logged: `npm run measure:outage -- 10 [WORDS]` for ten
// minutes each, at the same time, of those whose name holds the words. What a day costs is reckoned from the second half, in
// which nothing is new.
const minutes = Number(process.argv[2] ?? 10);
const wanted = process.argv.slice(3).join(' ');
const chosen = Object.entries(outages).filter(([name]) => name.includes(wanted));

const all: [string, EdgeProduct][] = [];
for (const [name] of chosen) all.push([name, await startEdgeProduct('info')]);
const sizes = (): number[] => all.map(([, { product }]) => product.output().length);

const before = sizes();
for (const [name, product] of all) await outages[name]?.(product);
await sleep(minutes * 30_000);
const half = sizes();
await sleep(minutes * 30_000);
const end = sizes();

for (const [index, [name, product]] of all.entries()) {
  const [from = 0, middle = 0, to = 0] = [before[index], half[index], end[index]];
  const day = to - from + ((to - middle) / (minutes / 2)) * (24 * 60 - minutes);
  process.stdout.write(
    `${name}: ${to - from} bytes in ${minutes} minutes, ${to - middle} of them in the second half; ${Math.round(day / 1000)} kB a day; ${plantedIn(product).length} lines with secrets\n`,
  );
  if (day > 1_000_000 || plantedIn(product).length > 0) process.exitCode = 1;
}
// Part of it has ended already.
const stopped = Promise.all(all.map(([, product]) => product.stop().catch(() => {})));
await Promise.race([stopped, sleep(30_000)]);
process.exit();
