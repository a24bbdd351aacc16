import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { productEntrance } from './entrance.ts';

/** One process of the product, as its supervisor starts it, or all of it. */
export interface PartProcess {
  readonly output: () => string;
  readonly exited: Promise<number | null>;
  readonly stop: () => Promise<void>;
}

/** At trace: what may be in a log at all is in it. */
export async function startPart(
  part: 'bot-process' | 'worker-process' | 'all',
  env: Readonly<Record<string, string>>,
): Promise<PartProcess> {
  const dir = mkdtempSync(join(tmpdir(), 'part-'));
  const child = spawn(process.execPath, [...(await productEntrance()), part], {
    env: {
      PATH: process.env['PATH'] ?? '',
      DATA_DIR: dir,
      LOG_LEVEL: 'trace',
      HOPSCOTCH_KEY: Buffer.alloc(32, 7).toString('base64'),
      SLACK_BOT_TOKEN: 'xoxb-planted-bot-token',
      SLACK_APP_TOKEN: 'xapp-planted-app-token',
      SLACK_API_URL: 'http://127.0.0.1:1/api/',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : null));
  return {
    output: () => output,
    exited,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      const killer = setTimeout(() => child.kill('SIGKILL'), 20_000);
      await exited;
      clearTimeout(killer);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
