import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { people, upgrades } from '../../sandbox/people.ts';
import { type Message, type Workspace, startWorkspace } from '../../sandbox/slack.ts';
import type { Sshd } from './sshd.ts';

type Part = 'bot' | 'worker' | 'redis';

/** The whole product as `npm start` runs it, in a real workspace, for tests that act as its users do. */
export interface Product {
  readonly workspace: Workspace;
  readonly dir: string;
  readonly addCloud: (name: string, sshd: Sshd, changes?: object) => Promise<void>;
  readonly addRunbook: (name: string, runbook: object) => Promise<void>;
  /** The process of a part, as it is now. Waits for it to be there. */
  readonly pidOf: (part: Part) => Promise<number>;
  /** Ends a part as a power cut would. */
  readonly kill9: (part: Part) => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly logs: () => string;
}

export async function startProduct(): Promise<Product> {
  const dir = await mkdtemp(join(tmpdir(), 'hop-'));
  const [clouds, runbooks] = [join(dir, 'clouds'), join(dir, 'runbooks')];
  await Promise.all([mkdir(clouds), mkdir(runbooks)]);
  const workspace = await startWorkspace({ dir: join(dir, 'slack') });
  const main = spawn(process.execPath, ['--import', 'tsx', 'jobs/main.ts'], {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      SLACK_BOT_TOKEN: workspace.botToken,
      SLACK_APP_TOKEN: workspace.appToken,
      SLACK_API_URL: workspace.apiUrl,
      CLOUDS_DIR: clouds,
      RUNBOOKS_DIR: runbooks,
      DATA_DIR: join(dir, 'data'),
      LOG_LEVEL: 'info',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let logs = '';
  const ready = new Set<string>();
  const hear = (chunk: Buffer): void => {
    logs += chunk.toString();
    for (const name of ['bot', 'worker']) {
      if (new RegExp(`"name":"${name}".*"msg":"ready"`).test(logs)) ready.add(name);
    }
  };
  main.stdout.on('data', hear);
  main.stderr.on('data', hear);
  const pidOf = (part: Part): Promise<number> =>
    eventually(`a ${part}`, () => findPart(main, part));
  await eventually('a ready product', () => {
    if (main.exitCode !== null) throw new Error(`it ended: ${logs}`);
    return ready.size === 2 ? true : undefined;
  });
  return {
    workspace,
    dir,
    addCloud: async (name, sshd, changes = {}) => {
      const { address, port } = sshd.target();
      const cloud = {
        name,
        environment: 'verification',
        channel: upgrades.id,
        ssh: { user: sshd.user, port, key: sshd.keyPath, knownHosts: sshd.knownHostsPath },
        hosts: { ctl1: { address, roles: ['control'] } },
        access: { engineers: [people.ann.id], approvers: [people.ben.id, people.chie.id] },
        ...changes,
      };
      await writeFile(join(clouds, `${name}.yaml`), stringify(cloud));
    },
    addRunbook: (name, runbook) => writeFile(join(runbooks, `${name}.yaml`), stringify(runbook)),
    pidOf,
    kill9: async (part) => {
      const pid = await pidOf(part);
      process.kill(pid, 'SIGKILL');
      await eventually(`the end of the ${part}`, () => (isAlive(pid) ? undefined : true));
    },
    stop: async () => {
      main.kill('SIGTERM');
      if (main.exitCode === null && main.signalCode === null) await once(main, 'exit');
      await workspace.stop();
      await rm(dir, { recursive: true, force: true });
    },
    logs: () => logs,
  };
}

export async function eventually<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  deadlineMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`no ${what} within ${deadlineMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** All that a message says: its text and that of its blocks. */
export const said = (message: Message): string => JSON.stringify([message.text, message.blocks]);

/** The action ids of a message's buttons. */
export const buttons = ({ blocks = [] }: Message): string[] =>
  blocks.flatMap((block) => block.elements?.flatMap((element) => element.action_id ?? []) ?? []);

function findPart(main: ChildProcess, part: Part): number | undefined {
  const marks = { bot: 'bot/main', worker: 'worker-main', redis: 'redis-server' } as const;
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
          .replace(/^.*\) /s, '')
          .split(' ');
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return stat[0] === 'Z' ? [] : [{ pid: Number(pid), parent: Number(stat[1]), line }];
      } catch {
        return [];
      }
    });
  const within = (pid: number): boolean => {
    if (pid === main.pid) return true;
    const parent = processes.find((process) => process.pid === pid)?.parent;
    return parent !== undefined && parent > 1 && within(parent);
  };
  // The shell that watches over Redis names the server too, in its script.
  return processes.find(
    ({ pid, line }) =>
      line.includes(marks[part]) &&
      !line.startsWith('/bin/sh') &&
      !line.startsWith('sh') &&
      pid !== main.pid &&
      within(pid),
  )?.pid;
}

function isAlive(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] !== 'Z';
  } catch {
    return false;
  }
}
