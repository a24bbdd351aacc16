import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ratioText, spreadText } from './figures.ts';
import { ledgerLines, wrongInLedger } from './ledger.ts';
import { type MeasuredProduct, startMeasuredProduct } from './measured-product.ts';
import { measureOutput } from './measured-output.ts';
import { measurePeople } from './measured-acks.ts';
import { measurePlanning } from './measured-planning.ts';
import { type MeasuredRun, measureRun } from './measured-run.ts';
import { type StandInHosts, startPretendHosts, startStandInHosts } from './stand-in-hosts.ts';

// From the press on Approve to the end of a run, beside raw ssh2 in the same round. `npm run bench -- 30x50 1x200 --rounds 5`:
// 30 steps on 50 hosts, then one step on 200. Each run is proved by a ledger that its steps write.
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    /** After so many seconds no round of a size begins but its first. */
    seconds: { type: 'string', default: 'Infinity' },
    /** Where each process leaves a CPU profile of itself. */
    profile: { type: 'string' },
    /** Hosts that only speak as hosts do: what is measured is ours alone. */
    pretend: { type: 'boolean', default: false },
  },
});
const asked = positionals.length === 0 ? ['10x50', '1x200', '30x1', 'acks'] : positionals;
/** `200MB`: one step that prints so much. */
const outputs = asked.flatMap((text) => /^\d+(?=MB$)/.exec(text) ?? []);
const sizes = asked
  .filter((text) => /^\d+x\d+$/.test(text))
  .map((text) => {
    const [steps = 1, hosts = 1] = text.split('x').map(Number);
    return { text, steps, hosts };
  });
type Size = (typeof sizes)[number];

interface Round {
  readonly raw: { readonly wallSeconds: number; readonly cpuSeconds: number };
  readonly cold: MeasuredRun & Far;
  /** The same once more, over connections that stay open. */
  readonly next: MeasuredRun & Far;
  readonly peaks: Readonly<Record<string, number>>;
}
interface Far {
  readonly farSeconds: number;
}

const endMs = performance.now() + Number(values.seconds) * 1000;
const dir = mkdtempSync(join(tmpdir(), 'hop-bench-'));
const startHosts = values.pretend ? startPretendHosts : startStandInHosts;
const hosts = await startHosts(dir, Math.max(50, ...sizes.map((size) => size.hosts)));
try {
  if (asked.includes('planning')) process.stdout.write(await measurePlanning());
  if (asked.includes('acks')) process.stdout.write(await measurePeople(join(dir, 'acks'), hosts));
  for (const [index, megabytes] of outputs.map(Number).entries())
    process.stdout.write(await measureOutput(join(dir, `output-${index}`), hosts, megabytes));
  for (const size of sizes) {
    const rounds: Round[] = [];
    const isTime = (round: number): boolean => round === 0 || performance.now() < endMs;
    for (let round = 0; round < Number(values.rounds) && isTime(round); round += 1)
      rounds.push(await measureRound(size, round));
    report(size, rounds);
  }
} finally {
  await hosts.stop();
  rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

async function measureRound(size: Size, round: number): Promise<Round> {
  const some = { ...hosts, addresses: hosts.addresses.slice(0, size.hosts) };
  const raw = measureRaw(some, size);
  const product = await startMeasuredProduct(join(dir, `${size.text}-${round}`), values.profile);
  try {
    product.addCloud('bench', hosts, size.hosts);
    const cold = await measureOurs(product, some, size);
    const next = await measureOurs(product, some, size);
    const found = { raw, cold, next, peaks: product.peaks() };
    process.stdout.write(`${JSON.stringify({ size: size.text, round, ...found })}\n`);
    return found;
  } finally {
    await product.stop();
    hosts.tidy();
  }
}

function newLedger(): string {
  const path = join(dir, 'ledger');
  writeFileSync(path, '');
  chmodSync(path, 0o666);
  return path;
}

function checkLedger(path: string, some: StandInHosts, { steps }: Size): void {
  const wrong = wrongInLedger(readFileSync(path, 'utf8'), { hosts: some.addresses, steps });
  if (wrong !== undefined) throw new Error(`the ledger does not hold: ${wrong}`);
}

function measureRaw(some: StandInHosts, size: Size): Round['raw'] {
  const ledger = newLedger();
  const work = join(dir, 'work.json');
  writeFileSync(work, JSON.stringify({ ...some, steps: ledgerLines(ledger, size.steps) }));
  const program = join(import.meta.dirname, '../dist/bench/raw-ssh2.js');
  const said = execFileSync(process.execPath, [program, work], { encoding: 'utf8' });
  checkLedger(ledger, some, size);
  return JSON.parse(said);
}

async function measureOurs(
  product: MeasuredProduct,
  some: StandInHosts,
  size: Size,
): Promise<MeasuredRun & Far> {
  const ledger = newLedger();
  product.addRunbook('bench', ledgerLines(ledger, size.steps));
  const before = hosts.farSeconds();
  const run = await measureRun(product, { cloud: 'bench', runbook: 'bench' });
  checkLedger(ledger, some, size);
  return { ...run, farSeconds: hosts.farSeconds() - before };
}

function report({ text, steps, hosts: count }: Size, rounds: readonly Round[]): void {
  const rawWall = rounds.map(({ raw }) => raw.wallSeconds);
  const rawCpu = rounds.map(({ raw }) => raw.cpuSeconds);
  const lines = [`${text}: raw ssh2 ${spreadText(rawWall)} s, CPU ${spreadText(rawCpu)} s`];
  for (const which of ['cold', 'next'] as const) {
    const runs = rounds.map((round) => round[which]);
    const wall = runs.map(({ wallMs }) => wallMs / 1000);
    const cpu = runs.map(({ cpuSeconds }) => cpuSeconds);
    const each = (seconds: number): number => (seconds * 1000) / (steps * count);
    lines.push(
      `  ${which}: ${spreadText(wall)} s, ${ratioText(wall, rawWall)} of raw; CPU ${spreadText(cpu)} s, ${ratioText(cpu, rawCpu)} of raw`,
      `    a host-step: ${spreadText(wall.map(each))} ms, CPU ${spreadText(cpu.map(each))} ms, on hosts ${spreadText(runs.map(({ farSeconds }) => each(farSeconds)))} ms`,
      `    to the approval: ${spreadText(runs.map(({ askedMs }) => askedMs / 1000))} s`,
    );
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}
