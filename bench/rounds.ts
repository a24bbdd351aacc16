import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ratioText, spreadText } from './figures.ts';
import { type MeasuredProduct, startMeasuredProduct } from './measured-product.ts';
import { type MeasuredRun, measureRun } from './measured-run.ts';
import type { StandInHosts } from './stand-in-hosts.ts';
import { type BenchWork, type WorkKind, newWork } from './work.ts';

/** After its start a product makes ready for the first plan: nobody types in the second in which it starts. */
export const settledMs = 4000;

/** So many steps of a kind on so many hosts. */
export interface BenchSize {
  readonly text: string;
  readonly kind: WorkKind;
  readonly steps: number;
  readonly hosts: number;
}

export interface Bench {
  readonly dir: string;
  readonly hosts: StandInHosts;
  /** Where each process leaves a CPU profile of itself. */
  readonly profile: string | undefined;
}

interface Round {
  readonly raw: { readonly wallSeconds: number; readonly cpuSeconds: number } & Far;
  readonly cold: MeasuredRun & Far;
  /** The same once more, over connections that stay open. */
  readonly next: MeasuredRun & Far;
  readonly peaks: Readonly<Record<string, number>>;
}
interface Far {
  /** Processor seconds on the hosts. */
  readonly farSeconds: number;
}

/** Whole runs, beside raw ssh2 in the same round; as text. `isTime`: whether the round of this number begins. */
export async function measureRounds(
  bench: Bench,
  size: BenchSize,
  isTime: (round: number) => boolean,
): Promise<string> {
  const rounds: Round[] = [];
  for (let round = 0; isTime(round); round += 1)
    rounds.push(await measureRound(bench, size, round));
  return report(size, rounds);
}

async function measureRound(bench: Bench, size: BenchSize, round: number): Promise<Round> {
  const { dir, hosts, profile } = bench;
  const some = { ...hosts, addresses: hosts.addresses.slice(0, size.hosts) };
  const work = (nth: number): BenchWork =>
    newWork(size.kind, { hosts: some, steps: size.steps, nth: 3 * round + nth });
  const raw = measureRaw(bench, some, work(0));
  const name = `${size.kind}-${size.steps}x${size.hosts}-${round}`;
  const product = await startMeasuredProduct(join(dir, name), profile);
  try {
    product.addCloud('bench', hosts, size.hosts);
    await sleep(settledMs);
    const cold = await measureOurs(bench, product, work(1));
    const next = await measureOurs(bench, product, work(2));
    const found = { raw, cold, next, peaks: product.peaks() };
    process.stdout.write(`${JSON.stringify({ size: size.text, round, ...found })}\n`);
    return found;
  } finally {
    await product.stop();
    hosts.tidy();
  }
}

function checkWork({ wrong }: BenchWork): void {
  const what = wrong();
  if (what !== undefined) throw new Error(`the ledger does not hold: ${what}`);
}

function measureRaw({ dir, hosts }: Bench, some: StandInHosts, work: BenchWork): Round['raw'] {
  const path = join(dir, 'work.json');
  writeFileSync(path, JSON.stringify({ ...some, steps: work.lines }));
  const program = join(import.meta.dirname, '../dist/bench/raw-ssh2.js');
  const before = hosts.farSeconds();
  const said = execFileSync(process.execPath, [program, path], { encoding: 'utf8' });
  checkWork(work);
  return { ...JSON.parse(said), farSeconds: hosts.farSeconds() - before };
}

async function measureOurs(
  { hosts }: Bench,
  product: MeasuredProduct,
  work: BenchWork,
): Promise<MeasuredRun & Far> {
  product.addRunbook('bench', work.steps);
  const before = hosts.farSeconds();
  const run = await measureRun(product, { cloud: 'bench', runbook: 'bench' });
  checkWork(work);
  return { ...run, farSeconds: hosts.farSeconds() - before };
}

function report({ text, steps, hosts: count }: BenchSize, rounds: readonly Round[]): string {
  const rawWall = rounds.map(({ raw }) => raw.wallSeconds);
  const rawCpu = rounds.map(({ raw }) => raw.cpuSeconds);
  const each = (seconds: number): number => (seconds * 1000) / (steps * count);
  const rawFar = rounds.map(({ raw }) => each(raw.farSeconds));
  const lines = [
    `${text}: raw ssh2 ${spreadText(rawWall)} s, CPU ${spreadText(rawCpu)} s, on hosts ${spreadText(rawFar)} ms a host-step`,
  ];
  for (const which of ['cold', 'next'] as const) {
    const runs = rounds.map((round) => round[which]);
    const wall = runs.map(({ wallMs }) => wallMs / 1000);
    const cpu = runs.map(({ cpuSeconds }) => cpuSeconds);
    lines.push(
      `  ${which}: ${spreadText(wall)} s, ${ratioText(wall, rawWall)} of raw; CPU ${spreadText(cpu)} s, ${ratioText(cpu, rawCpu)} of raw`,
      `    a host-step: ${spreadText(wall.map(each))} ms, CPU ${spreadText(cpu.map(each))} ms, on hosts ${spreadText(runs.map(({ farSeconds }) => each(farSeconds)))} ms`,
      `    to the approval: ${spreadText(runs.map(({ askedMs }) => askedMs / 1000))} s`,
    );
  }
  return `${lines.join('\n')}\n`;
}
