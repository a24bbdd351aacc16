import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startMeasuredProduct } from './measured-product.ts';
import { measureRun } from './measured-run.ts';
import { commandSteps } from './work.ts';
import type { StandInHosts } from './stand-in-hosts.ts';

/** Lines of 79 characters. */
const line = 'x'.repeat(79);
const printing = (megabytes: number): string => `yes ${line} | head -c ${megabytes * 1_000_000}`;

interface ReadOutput {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakMB: number;
}

/** One step that prints a lot, beside a program that reads its lines from raw ssh2. */
export async function measureOutput(
  dir: string,
  hosts: StandInHosts,
  megabytes: number,
): Promise<string> {
  const one = { ...hosts, addresses: hosts.addresses.slice(0, 1) };
  const product = await startMeasuredProduct(dir);
  try {
    const work = join(dir, 'work.json');
    writeFileSync(work, JSON.stringify({ ...one, steps: [printing(megabytes)], readsLines: true }));
    const program = join(import.meta.dirname, '../dist/bench/raw-ssh2.js');
    const raw: ReadOutput = JSON.parse(
      execFileSync(process.execPath, [program, work], { encoding: 'utf8' }),
    );
    product.addCloud('bench', hosts, 1);
    product.addRunbook('bench', commandSteps([printing(megabytes)]), { outputLimit: '4GiB' });
    const { wallMs, cpuByPart, outcome } = await measureRun(product, {
      cloud: 'bench',
      runbook: 'bench',
    });
    const { 'worker-process': cpu = Number.NaN } = cpuByPart;
    const { 'worker-process': peak = Number.NaN } = product.peaks();
    const wall = wallMs / 1000;
    return `${megabytes} MB, ${outcome}: ${wall.toFixed(2)} s, worker's CPU ${cpu.toFixed(2)} s, ${peak} MB at most; reading lines ${raw.wallSeconds.toFixed(2)} s, CPU ${raw.cpuSeconds.toFixed(2)} s, ${raw.peakMB} MB: ${(wall / raw.wallSeconds).toFixed(2)} and ${(cpu / raw.cpuSeconds).toFixed(2)} of it\n`;
  } finally {
    await product.stop();
    hosts.tidy();
  }
}
