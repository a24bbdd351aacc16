import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startRedisServer } from '../jobs/redis/server.ts';
import { startWorkspace } from '../sandbox/slack/slack.ts';
import { type Acks, acksText, measureAcks } from './acks.ts';
import { ledgerLines } from './ledger.ts';
import { startMeasuredProduct } from './measured-product.ts';
import { measureRun } from './measured-run.ts';
import { commandSteps } from './work.ts';
import type { StandInHosts } from './stand-in-hosts.ts';

const idleCount = 300;

/** What people wait for: beside Bolt that only adds a job, idle, and while 30 steps run on 50 hosts. */
export async function measurePeople(dir: string, hosts: StandInHosts): Promise<string> {
  const reference = await acksOfReference(join(dir, 'reference'));
  const product = await startMeasuredProduct(join(dir, 'product'));
  try {
    const { workspace } = product;
    const idle = await measureAcks(workspace, (count) => count >= idleCount);
    product.addCloud('bench', hosts, 50);
    product.addRunbook('bench', commandSteps(ledgerLines(join(dir, 'ledger'), 30)));
    let isOver = false;
    const running = measureRun(product, { cloud: 'bench', runbook: 'bench' }).finally(
      () => (isOver = true),
    );
    const [busy] = await Promise.all([measureAcks(workspace, () => isOver, 50), running]);
    const ratio = (of: keyof Acks): string => (idle[of] / reference[of]).toFixed(2);
    return [
      `acks: Bolt and one add ${acksText(reference)}`,
      `  idle ${acksText(idle)}: ${ratio('p50')} and ${ratio('p99')} of it`,
      `  in 30x50, from the command to its end, ${acksText(busy)}`,
      '',
    ].join('\n');
  } finally {
    await product.stop();
    hosts.tidy();
  }
}

async function acksOfReference(dir: string): Promise<Acks> {
  for (const path of [dir, join(dir, 'redis')]) mkdirSync(path, { recursive: true });
  const workspace = await startWorkspace({ dir: join(dir, 'slack') });
  const redis = await startRedisServer({ dir: join(dir, 'redis') });
  const program = join(import.meta.dirname, '../dist/bench/bolt-add.js');
  const bolt = spawn(process.execPath, [program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      SLACK_BOT_TOKEN: workspace.botToken,
      SLACK_APP_TOKEN: workspace.appToken,
      SLACK_API_URL: workspace.apiUrl,
      REDIS: join(dir, 'redis/redis.sock'),
    },
  });
  try {
    await once(bolt.stdout, 'data');
    return await measureAcks(workspace, (count) => count >= idleCount);
  } finally {
    const ended = once(bolt, 'exit');
    bolt.kill('SIGTERM');
    await ended;
    await redis.stop();
    await workspace.stop();
  }
}
