import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pretendPeople } from '../../sandbox/slack/people.ts';
import { openLog } from '../../jobs/log/log.ts';
import { fit, startPlainRedis } from '../support/servers/plain-redis.ts';
import { eventually } from '../support/eventually.ts';
import {
  type EdgeProduct,
  outages,
  plantedIn,
  startEdgeProduct,
} from '../support/processes/outage.ts';

let product: EdgeProduct;
beforeAll(async () => {
  product = await startEdgeProduct('trace');
}, 120_000);
afterAll(() => product.stop());

/** Each fault, what the log says of it, and how it is mended; the last ones are not. */
const faults: readonly (readonly [string, string, (product: EdgeProduct) => unknown])[] = [
  [
    'Redis is full',
    'it is full (maxmemory)',
    ({ redis }) => redis.client().config('SET', 'maxmemory', '0'),
  ],
  [
    'Redis evicts',
    'its maxmemory-policy is allkeys-lru',
    ({ redis }) => redis.client().config('SET', 'maxmemory-policy', 'noeviction'),
  ],
  ['Redis is a replica', 'it is a replica', ({ redis }) => redis.client().replicaof('NO', 'ONE')],
  [
    'Redis takes rights away',
    'lacks rights',
    ({ redis }) => redis.client().call('ACL', 'SETUSER', 'hopscotch', '+evalsha', '+zadd', '+xadd'),
  ],
  ['Slack refuses the token', 'process ended; starting it again', () => {}],
  ['Redis refuses the login', 'refuses the user or the password', () => {}],
  ['Redis is gone', 'nothing listens there', () => {}],
];

describe('the log of all processes at trace', () => {
  it.each(faults)(
    'holds no password, token or argument: %s',
    async (name, says, mend) => {
      const { workspace } = product;
      await outages[name]?.(product);
      // Somebody types meanwhile; what they typed is an argument of what Redis refuses.
      await workspace.control
        .command({ user: pretendPeople.ann.id, text: 'reject f0f0f0 planted-words' })
        .catch(() => {});
      await eventually(() => product.product.output().includes(says), 40_000);

      expect(plantedIn(product, 'planted-words')).toEqual([]);
      await mend(product);
    },
    60_000,
  );
});

describe('what Redis refuses to keep', () => {
  it.each([
    ['OOM', 'maxmemory 100kb\n'],
    ['NOREPLICAS', 'min-replicas-to-write 1\n'],
    ['READONLY', 'replicaof 127.0.0.1 1\n'],
    ['NOPERM', 'user default on nopass ~* &* +@all -set -eval\n'],
  ])('is in no line at any level: %s', async (code, config) => {
    const redis = await startPlainRedis({ config: fit + config });
    let said = '';
    const log = openLog({ name: 'test', level: 'trace', write: (line) => (said += line) });
    const client = redis.client();
    const content = 'planted-content of /etc/nova/nova.conf';
    const script = "return redis.call('SET', KEYS[1], ARGV[1])";
    for (const refused of [
      client.set('hopscotch:run:f00:contents', content),
      client.eval(script, 1, 'hopscotch:x', content),
      client.multi().set('hopscotch:x', content).exec(),
    ]) {
      const err: unknown = await refused.catch((error: unknown) => error);
      for (const level of ['trace', 'info', 'warn', 'fatal'] as const) log[level]({ err }, level);
    }
    await redis.stop();

    expect(said).toContain(code);
    expect(said).not.toMatch(/planted|nova\.conf|"args"|"command"/);
  });
});
