import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { neededRights } from '../../../jobs/redis/reach/rights.ts';
import { openSeal, plainKeeping } from '../../../jobs/redis/seal/seal.ts';
import { openRunStore } from '../../../jobs/redis/store.ts';
import { pretendPeople, upgradesChannel } from '../../../sandbox/slack/people.ts';
import { type LocalWorkspace, startWorkspace } from '../../../sandbox/slack/slack.ts';
import { eventually } from '../eventually.ts';
import { type PartProcess, startPart } from '../processes/part.ts';
import { actionIds } from '../processes/product.ts';
import { type PlainRedis, fit, startPlainRedis } from '../servers/plain-redis.ts';
import { type TestSshd, startTestSshd } from '../servers/sshd.ts';
import { type FaultProxy, startFaultProxy } from '../slack/fault-proxy.ts';

/** All processes of the product, at work, with edges that can fail. */
export interface EdgeProduct {
  readonly redis: PlainRedis;
  readonly slack: FaultProxy;
  readonly workspace: LocalWorkspace;
  readonly product: PartProcess;
  /** The one host of its cloud. Absent where no run was wanted. */
  readonly sshd: TestSshd | undefined;
  readonly stop: () => Promise<void>;
}

export interface EdgeProductOptions {
  readonly level: 'info' | 'trace';
  /** A run is under way on a host, a step every few seconds, for as long as anybody looks. */
  readonly isRunning?: boolean;
  /** Gives the files of Redis a disk of its own. */
  readonly redisDiskBytes?: number;
  /** Gives the home directory of the host a disk of its own. */
  readonly homeBytes?: number;
}

/** Stand in no log, whatever fails. The tokens of the local Slack are told by `plantedIn`. */
const planted = {
  redis: 'planted-redis-password',
  content: 'planted-content-of-a-file',
  output: 'planted-output-of-a-step',
  typed: 'planted-words-that-were-typed',
} as const;

const { ann, ben } = pretendPeople;
const [cloudName, runbookName] = ['edge', 'edge-run'];

export async function startEdgeProduct(options: EdgeProductOptions): Promise<EdgeProduct> {
  const dir = await mkdtemp(join(tmpdir(), 'outage-'));
  const config = `${fit}user hopscotch on >${planted.redis} ${neededRights}\n`;
  const { redisDiskBytes: diskBytes } = options;
  const [workspace, redis, sshd] = await Promise.all([
    startWorkspace({ dir: join(dir, 'slack') }),
    startPlainRedis({ config, ...(diskBytes !== undefined && { diskBytes }) }),
    hostFor(options),
  ]);
  const slack = await startFaultProxy(workspace.port);
  const places = await filesIn(dir, sshd);
  const product = await startPart('all', {
    ...places,
    LOG_LEVEL: options.level,
    REDIS_URL: `redis://hopscotch:${planted.redis}@127.0.0.1:${redis.port}`,
    SLACK_BOT_TOKEN: workspace.botToken,
    SLACK_APP_TOKEN: workspace.appToken,
    SLACK_API_URL: slack.apiUrl,
  });
  const isReady = (name: string): boolean =>
    new RegExp(`"name":"${name}".*"msg":"ready"`).test(product.output());
  await eventually(() => isReady('bot') && isReady('worker'), 300_000);
  const edge: EdgeProduct = {
    redis,
    slack,
    workspace,
    product,
    sshd,
    stop: async () => {
      await product.stop();
      await slack.stop();
      await workspace.stop();
      await redis.stop();
      await sshd?.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
  if (sshd !== undefined) await beginRun(edge);
  return edge;
}

async function hostFor({
  isRunning = false,
  homeBytes,
}: EdgeProductOptions): Promise<TestSshd | undefined> {
  return isRunning ? startTestSshd(homeBytes === undefined ? {} : { homeBytes }) : undefined;
}

/** The files of a cloud and a runbook, and the variables that name their folders. */
async function filesIn(
  dir: string,
  sshd: TestSshd | undefined,
): Promise<Readonly<Record<string, string>>> {
  const [CLOUDS_DIR, RUNBOOKS_DIR] = [join(dir, 'clouds'), join(dir, 'runbooks')];
  await Promise.all([mkdir(CLOUDS_DIR), mkdir(RUNBOOKS_DIR)]);
  if (sshd === undefined) return { CLOUDS_DIR, RUNBOOKS_DIR };
  const { port, user, keyPath: key, knownHostsPath: knownHosts } = sshd;
  const cloud = {
    name: cloudName,
    environment: 'verification',
    channel: upgradesChannel.id,
    ssh: { user, port, key, knownHosts },
    hosts: { host1: { address: '127.0.0.1', roles: ['control'] } },
    access: { engineers: [ann.id], approvers: [ben.id] },
  };
  await writeFile(join(CLOUDS_DIR, `${cloudName}.yaml`), stringify(cloud));
  await writeFile(
    join(RUNBOOKS_DIR, `${runbookName}.yaml`),
    stringify(runbookOn(sshd), { aliasDuplicateObjects: false }),
  );
  return { CLOUDS_DIR, RUNBOOKS_DIR };
}

/** A file with something secret in it, then steps that say something secret, for more than half an hour. */
function runbookOn({ home }: TestSshd): object {
  const run = ['sh', '-c', `echo password = ${planted.output}; sleep 8`];
  const path = join(home, 'planted.conf');
  return {
    title: 'Edge',
    steps: [
      {
        id: 'file',
        title: 'Write a file',
        kind: 'file',
        on: 'all',
        params: { path, content: `admin_password = ${planted.content}\n` },
      },
      ...Array.from({ length: 250 }, (_, step) => ({
        id: `s${step}`,
        title: `Step ${step}`,
        kind: 'command',
        on: 'all',
        params: { run, undo: [] },
      })),
    ],
  };
}

/** Until its first step has begun on the host. */
async function beginRun({ workspace, redis }: EdgeProduct): Promise<void> {
  await workspace.control.command({ user: ann.id, text: `run ${cloudName} ${runbookName}` });
  const { ts } = await workspace.waitFor(
    (all) => all.find((message) => actionIds(message).includes('run.approve')),
    { what: 'the request for approval', deadlineMs: 600_000 },
  );
  await workspace.control.click({ user: ben.id, ts, actionId: 'run.approve' });
  await eventually(async () => (await eventsOf(redis)).includes('"StepStarted"'), 600_000);
}

/** All that the log of the last run says, as JSON; empty where Redis does not tell. */
export async function eventsOf(redis: PlainRedis): Promise<string> {
  const client = redis.client();
  const seal = openSeal(Buffer.alloc(32, 7));
  const store = openRunStore(client, undefined, { ...plainKeeping, seal });
  const read = async (): Promise<string> => {
    const run = await store.lastOf(cloudName);
    return run === undefined ? '' : JSON.stringify(await store.events(run));
  };
  try {
    // A frozen one takes connections, and answers nothing.
    return await Promise.race([read(), sleep(5000, '')]);
  } catch {
    return '';
  } finally {
    client.disconnect();
  }
}

/** Somebody types while an edge fails. What they typed is an argument of what Redis refuses. */
export const typeSomething = ({ workspace }: EdgeProduct): Promise<void> =>
  workspace.control
    .command({ user: ann.id, text: `reject f0f0f0 ${planted.typed}` })
    .catch(() => {});

/** The lines of its log in which something secret stands, or the arguments of a command. */
export function plantedIn({ product, workspace }: EdgeProduct): string[] {
  const { botToken, appToken } = workspace;
  const secrets = [...Object.values(planted), botToken, appToken, '"args"'];
  const lines = product.output().split('\n');
  return lines.filter((line) => secrets.some((secret) => line.includes(secret)));
}
