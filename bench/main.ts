import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measurePeople } from './measured-acks.ts';
import { measureCards } from './measured-card.ts';
import { measureOutput } from './measured-output.ts';
import { measurePlanning } from './measured-planning.ts';
import { measureStart } from './measured-start.ts';
import { type Bench, measureRounds } from './rounds.ts';
import { type Row, benchHelp, rowOf } from './rows.ts';
import { startPretendHosts, startStandInHosts } from './stand-in-hosts.ts';

// From the press on Approve to the end of a run, beside raw ssh2 in the same round, and what else people wait for. Each run is
// proved by a ledger that its steps write.
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: 'Infinity' },
    profile: { type: 'string' },
    pretend: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const asked = positionals.length === 0 ? ['10x50', '1x200', '30x1', 'acks'] : positionals;
const rows = asked.map((text) => rowOf(text));
const unknown = asked.find((_text, index) => rows[index] === undefined);
if (values.help || unknown !== undefined) {
  process.stdout.write(unknown === undefined ? benchHelp : `what is ${unknown}?\n\n${benchHelp}`);
  process.exit(values.help ? 0 : 1);
}

const endMs = performance.now() + Number(values.seconds) * 1000;
const isTime = (round: number): boolean =>
  round === 0 || (round < Number(values.rounds) && performance.now() < endMs);
const sizes = rows.flatMap((row) => (row?.is === 'size' ? [row.size] : []));
const dir = mkdtempSync(join(tmpdir(), 'hop-bench-'));
// In memory: ext4 without a journal, as on small virtual machines, looks at each inode deleted in the last minutes whenever it
// makes a file, so that hosts would become slower with each round (docs/performance.md).
const memory = '/dev/shm';
const hostsDir = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'hop-bench-hosts-'));
const hosts = await (values.pretend ? startPretendHosts : startStandInHosts)(hostsDir, {
  count: Math.max(50, ...sizes.map((size) => size.hosts)),
  haveFolders: sizes.some(({ kind }) => kind === 'file'),
});
const bench: Bench = { dir, hosts, profile: values.profile };
try {
  for (const [index, row] of rows.entries())
    if (row !== undefined) process.stdout.write(await measured(row, join(dir, `row-${index}`)));
} finally {
  await hosts.stop();
  for (const path of [dir, hostsDir])
    rmSync(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

function measured(row: Row, own: string): Promise<string> {
  switch (row.is) {
    case 'size':
      return measureRounds(bench, row.size, isTime);
    case 'output':
      return measureOutput(own, hosts, row.megabytes);
    case 'runs':
      return measureStart(own, hosts, row.count);
    case 'acks':
      return measurePeople(own, hosts);
    case 'card':
      return measureCards(own, hosts);
    case 'planning':
      return measurePlanning();
  }
}
