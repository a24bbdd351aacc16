import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openLog } from '../../jobs/log/log.ts';
import { outages } from '../support/outages/all.ts';
import {
  type EdgeProduct,
  plantedIn,
  startEdgeProduct,
  typeSomething,
} from '../support/outages/edge-product.ts';
import { fit, startPlainRedis } from '../support/servers/plain-redis.ts';
import { eventually } from '../support/eventually.ts';

let edge: EdgeProduct;
beforeAll(async () => {
  edge = await startEdgeProduct({ level: 'trace' });
}, 120_000);
afterAll(() => edge.stop());

/** In this order: after each it goes on, but the last two. `npm run measure:outage` plays the others. */
const played = [
  'Redis is full',
  'Redis evicts',
  'Redis is a replica',
  'Redis takes rights away',
  'Slack refuses the app token: invalid_auth',
  'Redis refuses the login',
  'Redis is gone',
];

describe('the log of all processes at trace', () => {
  it.each(played)(
    'says what fails, and holds no password, token or argument: %s',
    async (name) => {
      const outage = outages[name];
      await outage?.make(edge);
      await typeSomething(edge);
      await eventually(() => outage?.says.test(edge.product.output()), 40_000);

      expect(plantedIn(edge)).toEqual([]);
      await outage?.mend?.(edge);
    },
    60_000,
  );

  it('has no lines but those of the log', () => {
    const lines = edge.product.output().split('\n');
    expect(lines.filter((line) => line !== '' && !line.startsWith('{"level":'))).toEqual([]);
  });
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
