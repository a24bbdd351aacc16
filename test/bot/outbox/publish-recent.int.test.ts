import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { publishRecentRuns } from '../../../bot/outbox/publisher.ts';
import { eventsKey } from '../../../jobs/redis/stored/entries.ts';
import { openRunStore } from '../../../jobs/redis/store.ts';
import {
  after,
  approvalRequested,
  runEnded,
  inOrder,
  planOf,
  hostReady,
  requested,
  step,
} from '../../support/runs/events.ts';
import { type TestRedis, startTestRedis } from '../../support/servers/redis.ts';

const id = '7f3a12';
const two = planOf(step('stop'), step('start', { gate: 1 }));
const untilApproval = inOrder(requested(two), hostReady('ctl1'), approvalRequested('stop'));

let server: TestRedis;
beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.stop());

it('sweeps active runs, those that ended within the hour, and those that owe messages', async () => {
  const redis = server.connect();
  const store = openRunStore(redis);
  const asked: string[] = [];
  let owing: string[] = [];
  const queues = { card: async (run: string) => void asked.push(run) };
  // A run whose log is broken is among the latest, and holds up no other.
  await redis.zadd('hopscotch:runs', 1, 'b40ken');
  await redis.xadd(
    eventsKey('b40ken'),
    '1-0',
    'event',
    JSON.stringify(requested(two)),
    'hash',
    'x',
  );
  const publishAt = (ms: number): Promise<void> =>
    publishRecentRuns(
      { store, now: () => Date.parse(after(0)) + ms, outbox: { owing: async () => owing } },
      queues,
    );
  for (const event of untilApproval) {
    if (event.type === 'RunRequested') await store.create(event);
    else await store.append(id, () => event);
  }
  await publishAt(3_600_000);
  await store.append(id, () => ({ ...runEnded('aborted'), at: after(60) }));
  await publishAt(60_000 + 3_599_000);
  await publishAt(60_000 + 3_600_000);

  owing = [id];
  await publishAt(60_000 + 86_400_000);

  expect(asked).toEqual([id, id, id]);
});
