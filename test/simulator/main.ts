import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { realCore } from './core.ts';
import { type HistoryCounts, playHistory } from './history.ts';
import { anyHistory } from './moves.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    path: { type: 'string' },
  },
});
const [numRuns, seed] = [Number(values.runs), Number(values.seed)];
const counts: HistoryCounts = new Map();
const begunMs = performance.now();
const result = fc.check(
  fc.property(anyHistory, (history) => playHistory(realCore, history, counts)),
  { numRuns, seed, ...(values.path === undefined ? {} : { path: values.path }) },
);
const seconds = ((performance.now() - begunMs) / 1000).toFixed(1);
const say = (line: string): boolean => process.stdout.write(`${line}\n`);
say(`${result.numRuns} histories in ${seconds} s, seed ${seed}`);
for (const [what, times] of [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)))
  say(`  ${String(times).padStart(7)}  ${what}`);
if (result.failed) {
  say(fc.defaultReportMessage(result) ?? '');
  say(String(result.errorInstance));
  say(`again: npm run simulate -- --seed ${seed} --path ${result.counterexamplePath ?? ''}`);
  process.exitCode = 1;
} else {
  say('0 broken promises');
}
