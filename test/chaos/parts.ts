import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, readFileSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { openSeal, plainKeeping } from '../../jobs/redis/seal/seal.ts';
import { type RunStore, openRunStore } from '../../jobs/redis/store.ts';
import { pretendPeople, upgradesChannel } from '../../sandbox/slack/people.ts';
import { type LocalWorkspace, startWorkspace } from '../../sandbox/slack/slack.ts';
import { eventuallyOnProduct } from '../support/processes/product.ts';
import { type TestSshd, startTestSshd } from '../support/servers/sshd.ts';
import { type FaultProxy, startFaultProxy } from '../support/slack/fault-proxy.ts';
import type { ChaosWorld } from './cells.ts';
import { type JumpingClock, jumpingClock } from './clocks.ts';
import { type OwnDisk, ownDisk } from './disk.ts';
import { type ChaosRedis, startChaosRedis } from './redis.ts';

/** A host, and where its ledger is: outside of its home directory, which may be put back in time. */
export interface ChaosHost {
  readonly name: string;
  readonly sshd: TestSshd;
  readonly ledgerDir: string;
  /** Of its home directory; undefined where that shares one with all. */
  readonly disk: OwnDisk | undefined;
}

/** A bot or a worker with its supervisor, as `npm run bot` and `npm run worker` start them. */
export interface SupervisedPart {
  readonly role: 'bot' | 'worker';
  readonly clock: JumpingClock;
  readonly supervisor: () => number;
  /** The process that does the work; undefined while there is none. */
  readonly child: () => number | undefined;
  /** Resolves once it is at work for the first time. */
  readonly ready: () => Promise<unknown>;
  /** Starts the supervisor again. */
  readonly start: () => void;
}

export interface ChaosParts {
  readonly dir: string;
  readonly hosts: readonly ChaosHost[];
  readonly parts: readonly SupervisedPart[];
  readonly workspace: LocalWorkspace;
  readonly slack: FaultProxy;
  readonly redis: ChaosRedis;
  readonly store: RunStore;
  readonly addRunbook: (name: string, runbook: object) => Promise<void>;
  readonly stop: () => Promise<void>;
}

export const chaosCloud = 'rough';

export interface ChaosSize {
  readonly world: ChaosWorld;
  readonly hosts: number;
  readonly bots: number;
  readonly workers: number;
  /** The words behind `node` that start the product. */
  readonly entrance: readonly string[];
}

/** Starts everything that a run is played on. */
export async function startChaosParts(size: ChaosSize): Promise<ChaosParts> {
  const dir = await mkdtemp(join(tmpdir(), 'chaos-'));
  const places = { clouds: join(dir, 'clouds'), runbooks: join(dir, 'runbooks') };
  await Promise.all(Object.values(places).map((place) => mkdir(place)));
  const [hosts, workspace] = await Promise.all([
    startHosts(size.hosts),
    startWorkspace({ dir: join(dir, 'slack') }),
  ]);
  const slack = await startFaultProxy(workspace.port);
  const redis = await startChaosRedis(join(dir, 'redis'), size.world);
  const key = Buffer.alloc(32, 7);
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    SLACK_BOT_TOKEN: workspace.botToken,
    SLACK_APP_TOKEN: workspace.appToken,
    SLACK_API_URL: slack.apiUrl,
    CLOUDS_DIR: places.clouds,
    RUNBOOKS_DIR: places.runbooks,
    HOPSCOTCH_KEY: key.toString('base64'),
    REDIS_URL: redis.url,
    LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'info',
  };
  await writeFile(join(places.clouds, `${chaosCloud}.yaml`), stringify(await cloudOn(dir, hosts)));
  const roles = [
    ...Array.from({ length: size.bots }, () => 'bot' as const),
    ...Array.from({ length: size.workers }, () => 'worker' as const),
  ];
  const parts = roles.map((role, index) =>
    supervisedPart(role, { dir, name: `${role}${index}`, env, entrance: size.entrance }),
  );
  for (const part of parts) await part.ready();
  const reading = redis.connect();
  return {
    dir,
    hosts,
    parts,
    workspace,
    slack,
    redis,
    store: openRunStore(reading, undefined, { ...plainKeeping, seal: openSeal(key) }),
    addRunbook: (name, runbook) =>
      writeFile(join(places.runbooks, `${name}.yaml`), stringify(runbook)),
    stop: async () => {
      for (const part of parts) killed(part.supervisor());
      for (const part of parts) await ended(part.supervisor());
      reading.disconnect();
      await redis.stop();
      await slack.stop();
      await workspace.stop();
      for (const { disk } of hosts) disk?.stop();
      await Promise.all(hosts.map(({ sshd }) => sshd.stop()));
      if (process.env['KEEP'] === undefined) await rm(dir, { recursive: true, force: true });
    },
  };
}

/** More than a host has to have free for a run. */
const diskBytes = 48_000_000;

const startHosts = (count: number): Promise<ChaosHost[]> =>
  Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const name = `host${index + 1}`;
      const sshd = await startTestSshd();
      const ledgerDir = join(sshd.dir, 'ledger');
      await mkdir(ledgerDir);
      return { name, ledgerDir, sshd, disk: ownDisk(sshd.home, diskBytes) };
    }),
  );

async function cloudOn(dir: string, hosts: readonly ChaosHost[]): Promise<object> {
  const [first] = hosts;
  if (first === undefined) throw new Error('no hosts');
  const known = hosts.map(({ sshd }) => readFileSync(sshd.knownHostsPath, 'utf8')).join('');
  const knownHosts = join(dir, 'known_hosts');
  await writeFile(knownHosts, known);
  for (const { sshd } of hosts)
    await writeFile(
      join(sshd.dir, 'authorized_keys'),
      readFileSync(`${first.sshd.keyPath}.pub`, 'utf8'),
    );
  return {
    name: chaosCloud,
    environment: 'verification',
    channel: upgradesChannel.id,
    ssh: { user: first.sshd.user, key: first.sshd.keyPath, knownHosts },
    hosts: Object.fromEntries(
      hosts.map(({ name, sshd }) => [
        name,
        { address: '127.0.0.1', port: sshd.port, roles: ['control'] },
      ]),
    ),
    access: { engineers: [pretendPeople.ann.id], approvers: [pretendPeople.ben.id] },
  };
}

function supervisedPart(
  role: 'bot' | 'worker',
  {
    dir,
    name,
    env,
    entrance,
  }: { dir: string; name: string; env: NodeJS.ProcessEnv; entrance: readonly string[] },
): SupervisedPart {
  let supervisor: ChildProcess;
  const clock = jumpingClock(dir, name);
  const log = join(dir, `${name}.log`);
  const start = (): void => {
    const out = openSync(log, 'a');
    supervisor = spawn(process.execPath, [...entrance, role], {
      env: { ...env, ...clock.env, DATA_DIR: join(dir, name) },
      stdio: ['ignore', out, out],
    });
  };
  start();
  const isReady = (): true | undefined =>
    new RegExp(`"name":"${role}".*"msg":"ready"`).test(readFileSync(log, 'utf8')) || undefined;
  return {
    role,
    clock,
    start,
    ready: () => eventuallyOnProduct(`a ready ${role}`, isReady, 120_000),
    supervisor: () => supervisor.pid ?? 0,
    child: () => childOf(supervisor.pid ?? 0, `${role}-process`),
  };
}

function childOf(parent: number, mark: string): number | undefined {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return stat[0] !== 'Z' && Number(stat[1]) === parent && line.includes(mark);
      } catch {
        return false;
      }
    });
}

/** Sends a signal to a process that may have ended already. */
export function killed(pid: number | undefined, signal: NodeJS.Signals = 'SIGTERM'): void {
  try {
    if (pid !== undefined && pid > 0) process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

async function ended(pid: number): Promise<void> {
  const until = performance.now() + 20_000;
  while (performance.now() < until) {
    try {
      if (readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.startsWith('Z')) return;
    } catch {
      return;
    }
    await new Promise((done) => setTimeout(done, 50));
  }
  killed(pid, 'SIGKILL');
}
