import { runUnderFailovers } from '../support/processes/failed-over-run.ts';
import { pairBehindAddress, pairBehindSentinel } from '../support/servers/redis-pair.ts';

// Fails Redis over again and again under a run, behind an address that moves and behind Sentinel, and says how soon the run
// wrote on the new primary: `npm run test:failover -- 10`.
const times = Number(process.argv[2] ?? 10);
for (const [name, start] of [
  ['address', pairBehindAddress],
  ['Sentinel', pairBehindSentinel],
] as const) {
  const pair = await start();
  try {
    const { run, recoveredMs, ledger, log } = await runUnderFailovers({ pair, times });
    const wanted = Array.from({ length: times * 3 + 3 }, (_, step) => String(step));
    const isWhole = JSON.stringify(ledger) === JSON.stringify(wanted);
    const leaks = log.match(/planted-password|"args"/g)?.length ?? 0;
    process.stdout.write(
      [
        `${name}: ${times} failovers, run ${run.ended?.outcome}`,
        `${ledger.length} steps ran of ${wanted.length}, ${isWhole ? 'each once' : 'NOT each once'}`,
        `recovered after ${recoveredMs.join(', ')} ms (at most ${Math.max(...recoveredMs)})`,
        `log ${log.length} bytes, ${leaks} planted passwords or arguments in it`,
        '',
      ].join('; '),
    );
    process.stdout.write('\n');
    if (!isWhole || leaks > 0 || Math.max(...recoveredMs) > 5000) process.exitCode = 1;
  } finally {
    await pair.stop();
  }
}
process.exit();
