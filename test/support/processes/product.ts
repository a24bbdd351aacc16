import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { stringify } from 'yaml';
import { freePort } from '../../../jobs/redis/free-port.ts';
import { keyOfFile } from '../../../jobs/redis/seal/key.ts';
import { openSeal, plainKeeping } from '../../../jobs/redis/seal/seal.ts';
import { type RunStore, openRunStore } from '../../../jobs/redis/store.ts';
import { pretendPeople, upgradesChannel } from '../../../sandbox/slack/people.ts';
import {
  type WorkspaceMessage,
  type LocalWorkspace,
  startWorkspace,
} from '../../../sandbox/slack/slack.ts';
import type { TestSshd } from '../servers/sshd.ts';
import { type FaultProxy, startFaultProxy } from '../slack/fault-proxy.ts';
import { productEntrance } from './entrance.ts';

type Part = 'bot' | 'worker' | 'local' | 'redis';

/** The whole product as `npm start` runs it, in a real workspace, for tests that act as its users do. */
export interface Product {
  readonly workspace: LocalWorkspace;
  /** Slack's own machine, where it can die. */
  readonly slack: FaultProxy | undefined;
  readonly dir: string;
  readonly addCloud: (name: string, sshd: TestSshd, changes?: object) => Promise<void>;
  readonly addRunbook: (name: string, runbook: object) => Promise<void>;
  /** The process of a part, as it is now. Waits for it to be there. */
  readonly pidOf: (part: Part) => Promise<number>;
  /** Ends a part as a power cut would. */
  readonly kill9: (part: Part) => Promise<void>;
  /** Ends the bot so, and waits until another one listens. */
  readonly killBot: () => Promise<void>;
  /** Ends all of it as an operator does, with SIGTERM, and answers the exit code. What it stored stays for `start`. */
  readonly halt: () => Promise<number | null>;
  /** Starts all of it again on what it stored. */
  readonly start: () => Promise<void>;
  /** Its own Redis, to look into. */
  readonly store: <T>(look: (store: RunStore, redis: Redis) => Promise<T>) => Promise<T>;
  readonly stop: () => Promise<void>;
  readonly logs: () => string;
}

export interface ProductOptions {
  /** Slack sends signed requests instead of keeping a socket. */
  readonly isHttp?: boolean;
  readonly logLevel?: string;
  /** Slack stands behind a proxy that can die in its place. */
  readonly isMortal?: boolean;
}

export async function startProduct({
  isHttp = false,
  logLevel = 'info',
  isMortal = false,
}: ProductOptions = {}): Promise<Product> {
  const dir = await mkdtemp(join(tmpdir(), 'hop-'));
  const [clouds, runbooks] = [join(dir, 'clouds'), join(dir, 'runbooks')];
  await Promise.all([mkdir(clouds), mkdir(runbooks)]);
  const port = isHttp ? await freePort() : undefined;
  const workspace = await startWorkspace({
    dir: join(dir, 'slack'),
    ...(port === undefined ? {} : { requestPort: port }),
  });
  const slack = isMortal ? await startFaultProxy(workspace.port) : undefined;
  const apiUrl = slack?.apiUrl ?? workspace.apiUrl;
  const main = mainProcess(environment({ workspace, apiUrl, dir, port, logLevel }));
  const pidOf = (part: Part): Promise<number> =>
    eventuallyOnProduct(`a ${part}`, () => findPart(main.pid(), part));
  const kill9 = async (part: Part): Promise<void> => {
    const pid = await pidOf(part);
    process.kill(pid, 'SIGKILL');
    await eventuallyOnProduct(`the end of the ${part}`, () => (isAlive(pid) ? undefined : true));
  };
  await main.start().catch(async (error: unknown) => {
    await main.halt();
    await workspace.stop();
    throw error;
  });
  return {
    workspace,
    slack,
    dir,
    addCloud: (name, sshd, changes = {}) =>
      writeFile(join(clouds, `${name}.yaml`), stringify({ ...cloudOn(name, sshd), ...changes })),
    addRunbook: (name, runbook) => writeFile(join(runbooks, `${name}.yaml`), stringify(runbook)),
    pidOf,
    kill9,
    killBot: async () => {
      const ready = (): number => main.logs().match(/"name":"bot".*"msg":"ready"/g)?.length ?? 0;
      const before = ready();
      await kill9('bot');
      await eventuallyOnProduct('another bot', () => ready() > before || undefined, 90_000);
    },
    halt: main.halt,
    start: main.start,
    store: (look) => lookIntoStore(join(dir, 'data'), look),
    stop: async () => {
      await main.halt();
      await slack?.stop();
      await workspace.stop();
      await rm(dir, { recursive: true, force: true });
    },
    logs: main.logs,
  };
}

async function lookIntoStore<T>(
  dataDir: string,
  look: (store: RunStore, redis: Redis) => Promise<T>,
): Promise<T> {
  const redis = new Redis(join(dataDir, 'redis/redis.sock'));
  try {
    const key = await keyOfFile(join(dataDir, 'key'));
    const keeping = { ...plainKeeping, seal: openSeal(key) };
    return await look(openRunStore(redis, undefined, keeping), redis);
  } finally {
    redis.disconnect();
  }
}

interface Placed {
  readonly workspace: LocalWorkspace;
  readonly apiUrl: string;
  readonly dir: string;
  /** Where Slack's requests come in. Absent: it keeps a socket. */
  readonly port: number | undefined;
  readonly logLevel: string;
}

function environment({ workspace, apiUrl, dir, port, logLevel }: Placed) {
  return {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    SLACK_BOT_TOKEN: workspace.botToken,
    ...(port === undefined
      ? { SLACK_APP_TOKEN: workspace.appToken }
      : {
          SLACK_SIGNING_SECRET: workspace.signingSecret,
          PORT: String(port),
          LISTEN_HOST: '127.0.0.1',
        }),
    SLACK_API_URL: apiUrl,
    CLOUDS_DIR: join(dir, 'clouds'),
    RUNBOOKS_DIR: join(dir, 'runbooks'),
    DATA_DIR: join(dir, 'data'),
    LOG_LEVEL: logLevel,
  };
}

/** The supervisor, which starts all the others. */
function mainProcess(env: NodeJS.ProcessEnv) {
  let logs = '';
  let main: ChildProcess;
  return {
    logs: (): string => logs,
    pid: (): number | undefined => main.pid,
    start: async (): Promise<void> => {
      const begun = spawn(process.execPath, await productEntrance(), {
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      main = begun;
      const from = logs.length;
      const hear = (chunk: Buffer): void => {
        logs += chunk.toString();
      };
      begun.stdout.on('data', hear);
      begun.stderr.on('data', hear);
      const isReady = (): true | undefined => {
        if (begun.exitCode !== null) throw new Error(`it ended: ${logs}`);
        const said = logs.slice(from);
        const has = (name: string) => new RegExp(`"name":"${name}".*"msg":"ready"`).test(said);
        return (has('bot') && has('worker')) || undefined;
      };
      await eventuallyOnProduct('a ready product', isReady, 90_000);
    },
    halt: async (): Promise<number | null> => {
      main.kill('SIGTERM');
      if (main.exitCode === null && main.signalCode === null) await once(main, 'exit');
      return main.exitCode;
    },
  };
}

function cloudOn(name: string, sshd: TestSshd) {
  const { address, port } = sshd.target();
  return {
    name,
    environment: 'verification',
    channel: upgradesChannel.id,
    ssh: { user: sshd.user, port, key: sshd.keyPath, knownHosts: sshd.knownHostsPath },
    hosts: { ctl1: { address, roles: ['control'] } },
    access: {
      engineers: [pretendPeople.ann.id],
      approvers: [pretendPeople.ben.id, pretendPeople.chie.id],
    },
  };
}

export async function eventuallyOnProduct<T>(
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
export const messageText = (message: WorkspaceMessage): string =>
  JSON.stringify([message.text, message.blocks]);

/** The action ids of a message's buttons. */
export const actionIds = ({ blocks = [] }: WorkspaceMessage): string[] =>
  blocks.flatMap((block) => block.elements?.flatMap((element) => element.action_id ?? []) ?? []);

function findPart(main: number | undefined, part: Part): number | undefined {
  const marks = {
    bot: 'bot-process',
    worker: 'worker-process',
    local: 'local-process',
    redis: 'redis-server',
  } as const;
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
    if (pid === main) return true;
    const parent = processes.find((process) => process.pid === pid)?.parent;
    return parent !== undefined && parent > 1 && within(parent);
  };
  // The shell that watches over Redis names the server too, in its script.
  return processes.find(
    ({ pid, line }) =>
      line.includes(marks[part]) &&
      !line.startsWith('/bin/sh') &&
      !line.startsWith('sh') &&
      pid !== main &&
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
