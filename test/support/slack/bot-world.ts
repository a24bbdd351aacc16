import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { type RunningBot, startBot } from '../../../bot/bot.ts';
import type { RunEvent } from '../../../jobs/run/events.ts';
import type { Run } from '../../../jobs/run/run.ts';
import { type RunStore, openRunStore } from '../../../jobs/redis/store.ts';
import { stateMark } from '../../../jobs/run/act.ts';
import { openQueues } from '../../../jobs/redis/queue.ts';
import { knowledge } from '../../openstack/known.ts';
import { eventually } from '../eventually.ts';
import { type FakeSlack, openFakeSlack } from './fake-slack.ts';
import { type TestRedis, startTestRedis } from '../servers/redis.ts';

/** A bot with a Redis of its own and a pretend Slack, anew for each test. */
export interface BotWorld {
  readonly slack: FakeSlack;
  readonly store: RunStore;
  readonly redis: Redis;
  readonly server: TestRedis;
  /** One more bot. */
  readonly start: () => Promise<RunningBot>;
  /** Types a line and waits for the private answer. */
  readonly says: (user: string, text: string) => Promise<string>;
  readonly presses: (user: string, button: string, value: object) => Promise<string>;
  readonly append: (id: string, ...events: RunEvent[]) => Promise<Run>;
  /** Changes who may do what on the cloud, as an editor of its file does. */
  readonly setAccess: (access: string) => Promise<void>;
  /** Resolves once what the run asks for stands in its thread, so that it can be approved. */
  readonly readable: (run: Run) => Promise<Run>;
  /** A run of ann's that waits for its first approval. */
  readonly waitingRun: () => Promise<Run>;
}

const cloud = `
name: staging
environment: verification
channel: C0OPS
ssh: { user: ops, key: key, knownHosts: known_hosts }
hosts: { ctl1: { address: 127.0.0.1, roles: [control] } }
`;
const usualAccess = '{ engineers: [UANN, SENG], approvers: [UANN, SLEAD] }';
const runbook = `
title: Restart nova
steps:
  - { id: stop, title: stop nova, kind: command, on: control, params: { run: [stop], undo: [[start]] } }
  - { id: start, title: start nova, kind: command, on: control, params: { run: [start] } }
`;

/** The example cloud, in this workspace. */
async function junoFile(): Promise<string> {
  const file = join(import.meta.dirname, '../../../examples/example-juno.yaml');
  const text = await readFile(file, 'utf8');
  return text
    .replace('C012ABCDEF', 'C0OPS')
    .replace('[U012ABCDEF]', '[UANN]')
    .replace('[U034GHIJKL, U056MNOPQR]', '[UBEN]');
}

/** A directory with clouds and runbooks. */
async function writtenClouds(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'bot-'));
  await mkdir(join(dir, 'clouds'));
  await mkdir(join(dir, 'runbooks'));
  await writeStaging(dir);
  await writeFile(join(dir, 'clouds', 'broken.yaml'), 'name: [');
  await mkdir(join(dir, 'clouds', 'example-juno'));
  await writeFile(join(dir, 'clouds', 'example-juno.yaml'), await junoFile());
  await writeFile(join(dir, 'runbooks', 'restart.yaml'), runbook);
  return dir;
}

const writeStaging = (dir: string, access = usualAccess): Promise<void> =>
  writeFile(join(dir, 'clouds', 'staging.yaml'), `${cloud}access: ${access}\n`);

const openWorkspace = (): FakeSlack =>
  openFakeSlack({
    users: { UANN: {}, UBEN: {}, UCHI: {}, UGONE: { deleted: true } },
    groups: { SENG: ['UBEN', 'UGONE'], SLEAD: ['UBEN', 'UCHI'] },
  });

export function botWorld(): BotWorld {
  let server: TestRedis;
  let redis: Redis;
  let dir: string;
  let slack: FakeSlack;
  let bots: RunningBot[];
  let store: RunStore;

  beforeAll(async () => void (dir = await writtenClouds()));
  afterAll(() => rm(dir, { recursive: true }));
  beforeEach(async () => {
    await writeStaging(dir);
    server = await startTestRedis();
    redis = server.connect();
    store = openRunStore(redis);
    bots = [];
    slack = openWorkspace();
    await start();
  });
  afterEach(async () => {
    for (const bot of bots) await bot.drain();
    await server.stop();
  });

  const start = async (): Promise<RunningBot> => {
    const bot = await startTestBot(dir, slack, server);
    bots.push(bot);
    return bot;
  };
  const append = (id: string, ...events: RunEvent[]): Promise<Run> => appended(store, id, events);
  const readable = (run: Run): Promise<Run> => seenReadable(redis, slack, run);
  const says = (user: string, text: string): Promise<string> =>
    answerTo(slack, user, slack.command(user, text));

  return {
    get slack() {
      return slack;
    },
    get store() {
      return store;
    },
    get redis() {
      return redis;
    },
    get server() {
      return server;
    },
    start,
    says,
    presses: (user, button, value) => answerTo(slack, user, slack.click(user, button, value)),
    append,
    readable,
    waitingRun: async () => {
      await says('UANN', 'run staging restart');
      return append((await store.recent(1))[0] ?? '', ...askingEvents()).then(readable);
    },
    setAccess: (access) => writeStaging(dir, access),
  };
}

async function appended(store: RunStore, id: string, events: readonly RunEvent[]): Promise<Run> {
  for (const event of events) await store.append(id, () => event);
  return store.load(id);
}

/** Nobody can approve before what a run asks for stands in its thread. */
async function seenReadable(redis: Redis, { messages }: FakeSlack, run: Run): Promise<Run> {
  const queues = openQueues(redis);
  await queues.card(run.id);
  const seen = stateMark(run, 'approve');
  await eventually(() =>
    messages
      .map(({ blocks }) => JSON.stringify(blocks))
      .find(
        (drawn) => drawn.includes('run.approve') && drawn.includes(seen) && drawn.includes(run.id),
      ),
  );
  await queues.close();
  return run;
}

const askingEvents = (): RunEvent[] => [
  { type: 'HostReady', at: now(), host: 'ctl1', freeBytes: 1e9 },
  { type: 'ApprovalRequested', at: now(), gate: 'stop' },
];

const startTestBot = (dir: string, slack: FakeSlack, server: TestRedis): Promise<RunningBot> =>
  startBot({
    slack: {
      inbound: { mode: 'given', receiver: slack.receiver },
      botToken: 'xoxb-1',
      fetch: slack.fetch,
    },
    cloudsDir: join(dir, 'clouds'),
    runbooksDir: join(dir, 'runbooks'),
    knowledge,
    connect: (how) => server.connect(how),
    log: pino({ level: process.env['LOG_LEVEL'] ?? 'silent' }),
  });

const now = (): string => new Date().toISOString();

/** Delivers what a person did, and waits for the next thing that person is told. */
async function answerTo(
  slack: FakeSlack,
  user: string,
  payload: Record<string, unknown>,
): Promise<string> {
  const before = slack.toldTo(user).length;
  await slack.deliver(payload);
  return eventually(() => slack.toldTo(user)[before]);
}
