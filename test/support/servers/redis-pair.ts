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
  /** Resolves once the other one could take over. */
  readonly ready: () => Promise<unknown>;
  /** Makes the other one the primary. Resolves as soon as that takes writes, with the time at which it began. */
  readonly failOver: (fate?: PrimaryFate) => Promise<number>;
  /** Makes what was the primary its replica, where nobody did. */
  readonly mend: (fate?: PrimaryFate) => Promise<void>;
  readonly primary: () => PlainRedis;
  /** What the Sentinels said since then, ms since 1970. */
  readonly story: (sinceMs: number) => string[];
  readonly stop: () => Promise<void>;
}

const pairConfig = `${fit}user hopscotch on >planted-password ${neededRights}\nrepl-diskless-sync-delay 0\n`;
const login = 'hopscotch:planted-password@';

async function startPair(): Promise<[PlainRedis, PlainRedis]> {
  const one = await startPlainRedis({ config: pairConfig });
  const other = await startPlainRedis({ config: `${pairConfig}replicaof 127.0.0.1 ${one.port}\n` });
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
    story: () => [],
    ready: () => inStep(replica),
    failOver: async () => {
      const faultAt = Date.now();
      await replica.client().replicaof('NO', 'ONE');
      [primary, replica] = [replica, primary];
      await replica.client().replicaof('127.0.0.1', primary.port);
      return faultAt;
    },
    mend: async () => {},
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await Promise.all([primary.stop(), replica.stop()]);
    },
  };
}

/** What happens to a primary behind Sentinel: somebody tells the Sentinels to fail over, or it dies, or it falls silent. */
export type PrimaryFate = 'told' | 'killed' | 'frozen';

/**
 * The last one notices later than the others. Where all notice in the same moment each may vote for itself: then nobody is
 * elected, and they wait twice the failover-timeout before they try again (src/sentinel.c, sentinelStartFailoverIfNeeded).
 */
const sentinelConfig = (port: number, quorum: number, isLast: boolean): string =>
  [
    `sentinel monitor main 127.0.0.1 ${port} ${quorum}`,
    `sentinel down-after-milliseconds main ${isLast ? 1500 : 1000}`,
    'sentinel failover-timeout main 1500',
    '',
  ].join('\n');

const saidSince = (sentinel: PlainRedis, sinceMs: number): string[] =>
  sentinel
    .log()
    .split('\n')
    .filter((line) => Date.parse(/\d+ \w+ \d{4} [\d:.]+/.exec(line)?.[0] ?? '') >= sinceMs);

/** Behind as many Sentinels, which make the other one the primary; `usual` is what happens unless another fate is named. */
export async function pairBehindSentinel(usual: PrimaryFate, count = 3): Promise<RedisPair> {
  let [primary, replica] = await startPair();
  const quorum = Math.ceil((count + 1) / 2);
  const config = (index: number): string =>
    sentinelConfig(primary.port, quorum, index > 0 && index === count - 1);
  const sentinels = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      startPlainRedis({ isSentinel: true, config: config(index) }),
    ),
  );
  const asked = sentinels.map((sentinel) => sentinel.client());
  const tell = async (...words: string[]): Promise<string[]> => {
    const [first] = asked;
    return [await first?.call('SENTINEL', words)].flat(2).map(String);
  };
  const isReady = async (): Promise<boolean> => {
    const master = (await tell('MASTER', 'main')).join(' ');
    const replicas = (await tell('REPLICAS', 'main')).join(' ');
    return (
      master.includes(`port ${primary.port} `) &&
      master.includes(`num-other-sentinels ${count - 1} `) &&
      / flags slave .* master-link-status ok /.test(replicas)
    );
  };
  await eventually(isReady, 30_000);
  return {
    url: `redis+sentinel://${login}${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/main`,
    primary: () => primary,
    story: (sinceMs) => sentinels.flatMap((sentinel) => saidSince(sentinel, sinceMs)),
    ready: async () => {
      await inStep(replica);
      await eventually(isReady, 60_000);
    },
    failOver: async (fate = usual) => {
      const faultAt = Date.now();
      if (fate === 'told') await tell('FAILOVER', 'main');
      else if (fate === 'frozen') primary.signal('SIGSTOP');
      else await primary.stop();
      [primary, replica] = [replica, primary];
      await eventually(async () =>
        (await primary.client().info('replication')).includes('role:master'),
      );
      return faultAt;
    },
    mend: async (fate = usual) => {
      // Sentinel makes it a replica some 10 to 20 s later; nobody needs to wait for that.
      if (fate === 'killed') {
        const asReplica = `${pairConfig}replicaof 127.0.0.1 ${primary.port}\n`;
        replica = await startPlainRedis({ config: asReplica, port: replica.port });
        return;
      }
      replica.signal('SIGCONT');
      if (fate === 'frozen') await replica.client().replicaof('127.0.0.1', primary.port);
    },
    stop: async () => {
      await Promise.all(sentinels.map((sentinel) => sentinel.stop()));
      await Promise.all([primary.stop(), replica.stop()]);
    },
  };
}
