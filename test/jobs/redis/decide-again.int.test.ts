import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { decideAllAgain } from '../../../jobs/redis/queues/give-back.ts';
import { openQueue } from '../../../jobs/redis/queues/open-queue.ts';
import { type TestRedis, startTestRedis } from '../../support/servers/redis.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());

it('has a look at every active run asked for, after a worker process that died', async () => {
  const connection = redis.connect();
  await connection.sadd('hopscotch:active', 'aaa', 'bbb');

  await decideAllAgain(connection);

  const queue = openQueue('runs', connection);
  const ids = (await queue.getJobs(['waiting'])).map(({ id }) => id);
  await queue.close();
  expect(new Set(ids)).toEqual(new Set(['again-aaa', 'again-bbb']));
});
