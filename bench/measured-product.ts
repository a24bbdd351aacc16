import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { stringify } from 'yaml';
import { pretendPeople, upgradesChannel } from '../sandbox/slack/people.ts';
import { type LocalWorkspace, startWorkspace } from '../sandbox/slack/slack.ts';
import { commandLine, peakMemory, timeOfTree, treeOf } from './processor-time.ts';
import type { BenchStep } from './work.ts';
import type { StandInHosts } from './stand-in-hosts.ts';

/** The built product in a workspace of its own, with the processor time of each of its processes. */
export interface MeasuredProduct {
  readonly workspace: LocalWorkspace;
  /** How long its start took. */
  readonly readyMs: number;
  readonly redis: Redis;
  readonly addCloud: (name: string, hosts: StandInHosts, count: number) => void;
  /** `rest`: what else its steps have. */
  readonly addRunbook: (name: string, steps: readonly BenchStep[], rest?: object) => void;
  /** Processor seconds until now: of `bot`, `worker`, `redis` and all that there is beside them. */
  readonly seconds: () => Readonly<Record<string, number>>;
  /** Most memory at once, in MB, by process. */
  readonly peaks: () => Readonly<Record<string, number>>;
  readonly stop: () => Promise<void>;
}

/** `profileDir`: where each process leaves a CPU profile of itself when it ends. */
export async function startMeasuredProduct(
  dir: string,
  profileDir?: string,
): Promise<MeasuredProduct> {
  const [clouds, runbooks] = [join(dir, 'clouds'), join(dir, 'runbooks')];
  for (const path of [clouds, runbooks]) mkdirSync(path, { recursive: true });
  const workspace = await startWorkspace({ dir: join(dir, 'slack') });
  // A folder may see many starts.
  const log = join(dir, `product-${Date.now()}.log`);
  const beganMs = performance.now();
  const main = begin({ dir, workspace, log, profileDir });
  await ready(main, log);
  const readyMs = performance.now() - beganMs;
  const redis = new Redis(join(dir, 'data/redis/redis.sock'));
  const pid = main.pid ?? 0;
  return {
    workspace,
    readyMs,
    redis,
    addCloud: (name, hosts, count) =>
      writeFileSync(join(clouds, `${name}.yaml`), stringify(cloudOf(name, hosts, count))),
    addRunbook: (name, steps, rest = {}) =>
      writeFileSync(join(runbooks, `${name}.yaml`), stringify(runbookOf(name, steps, rest))),
    seconds: () => {
      const parts: Record<string, number> = {};
      let rest = timeOfTree(pid);
      for (const part of treeOf(pid)) {
        const name = partOf(part.pid);
        if (name === undefined) continue;
        parts[name] = (parts[name] ?? 0) + part.seconds;
        rest -= part.seconds;
      }
      return { ...parts, rest };
    },
    peaks: () => {
      const peaks: Record<string, number> = {};
      for (const part of treeOf(pid)) {
        const name = partOf(part.pid);
        if (name !== undefined) peaks[name] = Math.max(peaks[name] ?? 0, peakMemory(part.pid));
      }
      return peaks;
    },
    stop: async () => {
      redis.disconnect();
      main.kill('SIGTERM');
      if (main.exitCode === null && main.signalCode === null) await once(main, 'exit');
      await workspace.stop();
    },
  };
}

function partOf(pid: number): string | undefined {
  const line = commandLine(pid);
  return ['bot-process', 'worker-process', 'redis-server'].find((word) => line.includes(word));
}

interface Begin {
  readonly dir: string;
  readonly workspace: LocalWorkspace;
  readonly log: string;
  readonly profileDir: string | undefined;
}

function begin({ dir, workspace, log: path, profileDir }: Begin) {
  const log = openSync(path, 'a');
  const profile =
    profileDir === undefined
      ? []
      : ['--cpu-prof', '--cpu-prof-interval=500', `--cpu-prof-dir=${profileDir}`];
  const main = spawn(process.execPath, [...profile, 'dist/main.js'], {
    cwd: join(import.meta.dirname, '..'),
    stdio: ['ignore', log, log],
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      SLACK_BOT_TOKEN: workspace.botToken,
      SLACK_APP_TOKEN: workspace.appToken,
      SLACK_API_URL: workspace.apiUrl,
      CLOUDS_DIR: join(dir, 'clouds'),
      RUNBOOKS_DIR: join(dir, 'runbooks'),
      DATA_DIR: join(dir, 'data'),
    },
  });
  closeSync(log);
  return main;
}

async function ready(main: ChildProcess, logPath: string): Promise<void> {
  for (let tries = 0; tries < 3000; tries += 1) {
    const said = readFileSync(logPath, 'utf8');
    const has = (name: string): boolean => new RegExp(`"name":"${name}".*"msg":"ready"`).test(said);
    if (has('bot') && has('worker')) return;
    if (main.exitCode !== null) throw new Error(`the product ended:\n${said.slice(-2000)}`);
    await sleep(20);
  }
  throw new Error('the product is not ready after a minute');
}

const cloudOf = (name: string, hosts: StandInHosts, count: number) => ({
  name,
  environment: 'verification',
  channel: upgradesChannel.id,
  ssh: {
    user: hosts.user,
    port: hosts.port,
    key: hosts.keyPath,
    knownHosts: hosts.knownHostsPath,
  },
  hosts: Object.fromEntries(
    hosts.addresses
      .slice(0, count)
      .map((address, index) => [`h${index + 1}`, { address, roles: ['node'] }]),
  ),
  access: { engineers: [pretendPeople.ann.id], approvers: [pretendPeople.ben.id] },
});

const runbookOf = (name: string, steps: readonly BenchStep[], rest: object) => ({
  title: `Bench ${name}`,
  steps: steps.map((step, index) => ({ title: `Step ${index}`, on: 'all', ...step, ...rest })),
});
