import { runUnderFailovers, stepsFor } from '../support/processes/failed-over-run.ts';
import { pairBehindAddress, pairBehindSentinel } from '../support/servers/redis-pair.ts';

// Fails Redis over again and again under a run, behind an address that moves and behind three Sentinels, and says how soon the
// run wrote on the new primary: `npm run test:failover -- 10 [WORDS]`, of those whose name holds the words.
const times = Number(process.argv[2] ?? 10);
const wanted = process.argv.slice(3).join(' ');

const ways = {
  'the address moves': pairBehindAddress,
  'Sentinel is told to fail over': () => pairBehindSentinel('told'),
  'Sentinel finds the primary dead': () => pairBehindSentinel('killed'),
  'Sentinel finds the primary frozen': () => pairBehindSentinel('frozen'),
};

const figures = (ms: readonly number[]): string => {
  const sorted = ms.toSorted((one, other) => one - other);
  const seconds = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  return seconds.map((each = 0) => (each / 1000).toFixed(1)).join(' / ');
};

for (const [name, start] of Object.entries(ways)) {
  if (!name.includes(wanted)) continue;
  const pair = await start();
  try {
    const { run, recoveredMs, awayMs, ledger, log, slow } = await runUnderFailovers({
      pair,
      times,
    });
    const expected = Array.from({ length: stepsFor(times) }, (_, step) => String(step));
    const isWhole = JSON.stringify(ledger) === JSON.stringify(expected);
    const leaks = log.match(/planted-password|"args"/g)?.length ?? 0;
    process.stdout.write(
      [
        `${name}: ${times} failovers, run ${run.ended?.outcome}`,
        `${ledger.length} steps ran of ${expected.length}, ${isWhole ? 'each once' : 'NOT each once'}`,
        `the run wrote again ${figures(awayMs)} s after the fault, ${figures(recoveredMs)} s after the new primary took writes (least / median / most)`,
        `log ${log.length} bytes, ${leaks} planted passwords or arguments in it\n`,
      ].join('; '),
    );
    for (const line of slow) process.stdout.write(`  ${line}\n`);
    if (!isWhole || leaks > 0 || Math.max(...recoveredMs, ...awayMs) > 5000) process.exitCode = 1;
  } finally {
    await pair.stop();
  }
}
process.exit();
