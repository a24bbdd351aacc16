import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalWorkspace, startWorkspace } from '../../../sandbox/slack/slack.ts';
import { eventually } from '../eventually.ts';
import { type PlainRedis, fit, startPlainRedis } from '../servers/plain-redis.ts';
import { type FaultProxy, startFaultProxy } from '../slack/fault-proxy.ts';
import { neededRights } from '../../../jobs/redis/reach/rights.ts';
import { type PartProcess, startPart } from './part.ts';

/** All processes of the product, at work, with an edge that can fail. */
export interface EdgeProduct {
  readonly redis: PlainRedis;
  readonly slack: FaultProxy;
  readonly workspace: LocalWorkspace;
  readonly product: PartProcess;
  readonly stop: () => Promise<void>;
}

/** Stands in no log: the password of Redis. The tokens of the local Slack are told by `planted`. */
const redisPassword = 'planted-redis-password';

export async function startEdgeProduct(level: 'info' | 'trace'): Promise<EdgeProduct> {
  const dir = await mkdtemp(join(tmpdir(), 'outage-'));
  const config = `${fit}user hopscotch on >${redisPassword} ${neededRights}\n`;
  const [workspace, redis] = await Promise.all([
    startWorkspace({ dir }),
    startPlainRedis({ config }),
  ]);
  const slack = await startFaultProxy(workspace.port);
  const product = await startPart('all', {
    LOG_LEVEL: level,
    REDIS_URL: `redis://hopscotch:${redisPassword}@127.0.0.1:${redis.port}`,
    SLACK_BOT_TOKEN: workspace.botToken,
    SLACK_APP_TOKEN: workspace.appToken,
    SLACK_API_URL: slack.apiUrl,
  });
  const isReady = (name: string): boolean =>
    new RegExp(`"name":"${name}".*"msg":"ready"`).test(product.output());
  await eventually(() => isReady('bot') && isReady('worker'), 300_000);
  return {
    redis,
    slack,
    workspace,
    product,
    stop: async () => {
      await product.stop();
      await slack.stop();
      await workspace.stop();
      await redis.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** The lines of its log in which something secret stands, or the arguments of a command. */
export function plantedIn({ product, workspace }: EdgeProduct, ...more: string[]): string[] {
  const secrets = [redisPassword, workspace.botToken, workspace.appToken, '"args"', ...more];
  const lines = product.output().split('\n');
  return lines.filter((line) => secrets.some((secret) => line.includes(secret)));
}

/** Each way in which an edge of the product fails, and stays so. */
export const outages: Readonly<Record<string, (product: EdgeProduct) => Promise<unknown> | void>> =
  {
    'Redis is gone': ({ redis }) => redis.stop(),
    'Redis is full': ({ redis }) => redis.client().config('SET', 'maxmemory', '100kb'),
    'Redis evicts': ({ redis }) => redis.client().config('SET', 'maxmemory-policy', 'allkeys-lru'),
    'Redis is a replica': ({ redis }) => redis.client().replicaof('127.0.0.1', 1),
    'Redis refuses the login': async ({ redis }) => {
      const admin = redis.client();
      await admin.call('ACL', 'SETUSER', 'hopscotch', 'resetpass', '>another');
      await admin.call('CLIENT', 'KILL', 'USER', 'hopscotch');
    },
    'Redis takes rights away': ({ redis }) =>
      redis.client().call('ACL', 'SETUSER', 'hopscotch', '-evalsha', '-zadd', '-xadd'),
    'Slack is gone': async ({ slack }) => {
      slack.cut();
      await slack.stop();
    },
    'Slack refuses the token': ({ slack }) => {
      slack.answer('apps.connections.open', { ok: false, error: 'invalid_auth' });
      slack.cut();
    },
    'Slack is in trouble': ({ slack }) => {
      slack.answer('apps.connections.open', { ok: false, error: 'internal_error' });
      slack.cut();
    },
  };
