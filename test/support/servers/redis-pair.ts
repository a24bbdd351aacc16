import { once } from 'node:events';
import { type Socket, connect, createServer } from 'node:net';
import { eventually } from '../eventually.ts';
import { neededRights } from '../../../jobs/redis/reach/rights.ts';
import { portOf } from './cuttable-proxy.ts';
import { type PlainRedis, fit, startPlainRedis } from './plain-redis.ts';

/** A primary and its replica, and the way that a REDIS_URL names. */
export interface RedisPair {
  /** For a user who has the rights of the guide and no more. */
  readonly url: string;
  /** Makes the other one the primary. Resolves as soon as it takes writes. */
  readonly failOver: () => Promise<void>;
  readonly primary: () => PlainRedis;
  readonly stop: () => Promise<void>;
}

const config = `${fit}user hopscotch on >planted-password ${neededRights}\nrepl-diskless-sync-delay 0\n`;
const login = 'hopscotch:planted-password@';

async function startPair(): Promise<[PlainRedis, PlainRedis]> {
  const one = await startPlainRedis({ config });
  const other = await startPlainRedis({ config: `${config}replicaof 127.0.0.1 ${one.port}\n` });
  await inStep(other);
  return [one, other];
}

const inStep = (replica: PlainRedis): Promise<unknown> =>
  eventually(async () => (await replica.client().info('replication')).includes('link_status:up'));

/**
 * Behind an address that moves: new connections lead to the new primary, old ones stay with the one that was demoted, as
 * with a virtual address.
 */
export async function pairBehindAddress(): Promise<RedisPair> {
  let [primary, replica] = await startPair();
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const to = connect(primary.port, '127.0.0.1');
    for (const [from, other] of [[client, to] as const, [to, client] as const]) {
      sockets.add(from.setNoDelay(true));
      from.on('data', (chunk) => void other.write(chunk));
      from.on('error', () => {});
      from.on('close', () => void other.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `redis://${login}127.0.0.1:${portOf(server)}`,
    primary: () => primary,
    failOver: async () => {
      await inStep(replica);
      await replica.client().replicaof('NO', 'ONE');
      [primary, replica] = [replica, primary];
      await replica.client().replicaof('127.0.0.1', primary.port);
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await Promise.all([primary.stop(), replica.stop()]);
    },
  };
}

/** Behind Sentinel, which is told to fail over. */
export async function pairBehindSentinel(): Promise<RedisPair> {
  const [one, other] = await startPair();
  const sentinel = await startPlainRedis({
    isSentinel: true,
    config: [
      `sentinel monitor main 127.0.0.1 ${one.port} 1`,
      'sentinel down-after-milliseconds main 1000',
      'sentinel failover-timeout main 3000',
      '',
    ].join('\n'),
  });
  const ask = sentinel.client();
  const isPrimary = async ({ port }: PlainRedis): Promise<boolean> => {
    const [, said] = ((await ask.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'main')) ??
      []) as string[];
    return Number(said) === port;
  };
  let [primary, replica] = [one, other];
  return {
    url: `redis+sentinel://${login}127.0.0.1:${sentinel.port}/main`,
    primary: () => primary,
    failOver: async () => {
      await inStep(replica);
      await eventually(() =>
        ask.call('SENTINEL', 'FAILOVER', 'main').then(
          () => true,
          () => false,
        ),
      );
      await eventually(() => isPrimary(replica));
      [primary, replica] = [replica, primary];
      await eventually(async () =>
        (await primary.client().info('replication')).includes('role:master'),
      );
    },
    stop: async () => {
      await sentinel.stop();
      await Promise.all([one.stop(), other.stop()]);
    },
  };
}
