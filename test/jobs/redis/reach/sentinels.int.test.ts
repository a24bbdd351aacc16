import { afterEach, describe, expect, it } from '@jest/globals';
import { openLog } from '../../../../jobs/log/log.ts';
import { redisRefusals, requireRedis } from '../../../../jobs/redis/reach/check.ts';
import { openRedis } from '../../../../jobs/redis/reach/connection.ts';
import { redisOptions } from '../../../../jobs/redis/reach/url.ts';
import { openSentinels } from '../../../../jobs/redis/reach/sentinels.ts';
import { eventually } from '../../../support/eventually.ts';
import { type PlainRedis, startPlainRedis } from '../../../support/servers/plain-redis.ts';

let servers: PlainRedis[] = [];
afterEach(async () => {
  for (const server of servers) await server.stop();
  servers = [];
});

async function started(options: Parameters<typeof startPlainRedis>[0] = {}): Promise<PlainRedis> {
  const server = await startPlainRedis(options);
  servers.push(server);
  return server;
}

const sentinel = (primary: PlainRedis, more = ''): Promise<PlainRedis> =>
  started({
    isSentinel: true,
    config: `sentinel monitor main 127.0.0.1 ${primary.port} 1\n${more}`,
  });

const log = openLog({ name: 'test', level: 'trace', write: () => {} });
const where = (port: number, rest = '/main') =>
  redisOptions(`redis+sentinel://127.0.0.1:${port}${rest}`);

describe('Sentinels that refuse', () => {
  const refusals: readonly (readonly [string, string, string, string])[] = [
    ['', '/other', 'know no primary of the name', 'Correct the name after the hosts'],
    ['requirepass right\n', '/main', 'want a password', '?sentinel_password='],
    [
      'requirepass right\n',
      '/main?sentinel_password=wrong',
      'refuse the login that REDIS_URL has for them',
      'user and password before the hosts are for Redis',
    ],
    [
      'user ops on >pw +@connection\n',
      '/main?sentinel_username=ops&sentinel_password=pw',
      'lacks rights on its Sentinels',
      '+sentinel|get-master-addr-by-name',
    ],
  ];

  it.each(refusals)('are not taken for Redis: %s%s', async (more, rest, says, hint) => {
    const { port } = await sentinel(await started(), more);

    expect(await redisRefusals(where(port, rest))).toMatchObject([
      {
        disposition: 'stop',
        says: expect.stringContaining(says),
        hint: expect.stringContaining(hint),
      },
    ]);
  });

  it('are not there: a Redis stands in their place', async () => {
    const { port } = await started();

    expect(await redisRefusals(where(port))).toMatchObject([
      { disposition: 'stop', says: 'what REDIS_URL names as a Sentinel is none' },
    ]);
  });

  it('are waited for while nothing listens there', async () => {
    expect(await redisRefusals(where(1))).toMatchObject([
      { disposition: 'wait', says: 'no Sentinel of REDIS_URL answers' },
    ]);
  });
});

describe('Sentinels that answer', () => {
  it('are enough where one of them is frozen and one is gone', async () => {
    const primary = await started();
    const [one, frozen] = [await sentinel(primary), await sentinel(primary)];
    frozen.signal('SIGSTOP');
    const url = `redis+sentinel://127.0.0.1:1,127.0.0.1:${frozen.port},127.0.0.1:${one.port}/main`;

    await requireRedis(redisOptions(url), log);
    frozen.signal('SIGCONT');
  });

  it('are believed by their newest epoch', async () => {
    const [older, newer] = [await started(), await started()];
    const stale = await sentinel(older);
    const fresh = await sentinel(newer, 'sentinel config-epoch main 7\n');
    const url = `redis+sentinel://127.0.0.1:${stale.port},127.0.0.1:${fresh.port}/main`;
    const sentinels = openSentinels(redisOptions(url));

    expect(await sentinels.primary()).toEqual({ host: '127.0.0.1', port: newer.port, epoch: 7 });
    sentinels.close();
  });

  it('are asked no more once no connection is open', async () => {
    const asked = await sentinel(await started());
    const clients = async (): Promise<number> => {
      const list = String(await asked.client().call('CLIENT', 'LIST'));
      return list.split('\n').filter((line) => line.includes('cmd=sentinel')).length;
    };
    const redis = openRedis(where(asked.port), { maxRetriesPerRequest: null }, log);
    await redis.ping();
    expect(await clients()).toBe(1);
    redis.disconnect();

    await eventually(async () => (await clients()) === 0);
  });
});
