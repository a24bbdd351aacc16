import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { openOutbox } from '../../../bot/outbox/outbox.ts';
import { type RunPublisher, publishRun } from '../../../bot/outbox/publish.ts';
import { startPublisher } from '../../../bot/outbox/publisher.ts';
import { openQueues } from '../../../jobs/redis/queue.ts';
import { chainHash, eventsKey } from '../../../jobs/redis/stored/entries.ts';
import { eventSchema } from '../../../jobs/run/upcast.ts';
import {
  after,
  approvalRequested,
  gateApproved,
  runEnded,
  inOrder,
  planOf,
  hostReady,
  rejected,
  requested,
  rewound,
  rollbackRequested,
  started,
  step,
  succeeded,
  work,
} from '../../support/runs/events.ts';
import { eventually, rejection } from '../../support/eventually.ts';
import { type FakeSlack, clientOfFake, openFakeSlack } from '../../support/slack/fake-slack.ts';
import { knownCloud } from '../../support/slack/known-cloud.ts';
import { withoutRelease } from '../../support/servers/dying.ts';
import { testStore } from '../../support/servers/test-store.ts';

const id = '7f3a12';
const two = planOf(step('stop'), step('start', { gate: 1 }));
const untilApproval = inOrder(requested(two), hostReady('ctl1'), approvalRequested('stop'));

describe('publisher', () => {
  const stored = testStore();
  const { happened } = stored;
  let slack: FakeSlack;
  let now: number;
  const log = pino({ level: 'silent' });

  beforeEach(async () => {
    slack = openFakeSlack();
    now = Date.parse(after(3600));
  });

  /** As a process that has just started: it knows nothing but what is in Redis. */
  const publisher = (rest: Partial<RunPublisher> = {}): RunPublisher => {
    const client = clientOfFake(slack, log);
    return {
      store: stored.store,
      outbox: openOutbox({ redis: stored.redis, slack: client, log, now: () => now }),
      redis: stored.redis,
      aboutCloud: async () => knownCloud(['SLEAD']),
      dates: 'plain',
      now: () => now,
      log,
      ...rest,
    };
  };

  /** Publishes as often as it asks for, as long as the clock has to go on. */
  async function publishAll(): Promise<void> {
    for (let round = 0; round < 20; round += 1) {
      const again = await publishRun(publisher(), id);
      if (again === undefined) return;
      now += again;
    }
    throw new Error('it never came to an end');
  }

  const inChannel = () => slack.messages.filter(({ thread_ts }) => thread_ts === undefined);
  const inThread = () => slack.messages.filter(({ thread_ts }) => thread_ts === inChannel()[0]?.ts);
  const buttonsOf = (message: (typeof slack.messages)[number]) =>
    JSON.stringify(message.blocks).match(/run\.\w+/g) ?? [];

  it('posts a card, an approval that mentions those who may, and a thread', async () => {
    await happened(...untilApproval);

    await publishAll();

    const [card, approval] = inChannel();
    expect(inChannel()).toHaveLength(2);
    expect(card).toMatchObject({ channel: 'C0STAGING', updates: 0 });
    expect(buttonsOf(card!)).toEqual(['run.pause', 'run.abort']);
    expect(JSON.stringify(approval?.blocks)).toContain('<!subteam^SLEAD>');
    expect(buttonsOf(approval!)).toEqual(['run.approve', 'run.reject']);
    expect(inThread()).toMatchObject([{ thread_ts: card?.ts, channel: 'C0STAGING' }]);
  });

  it('changes nothing in Slack when nothing has happened', async () => {
    await happened(...untilApproval);
    await publishAll();
    const before = slack.calls.length;

    await publishAll();

    expect(slack.calls).toHaveLength(before);
  });

  it('takes the buttons away once approval is given, and says by whom', async () => {
    await happened(...untilApproval);
    await publishAll();
    now += 3000;
    await happened(gateApproved('stop', two));

    await publishAll();

    const [, approval] = inChannel();
    expect(buttonsOf(approval!)).toEqual([]);
    expect(JSON.stringify(approval?.blocks)).toContain('<@UBEN>');
    expect(approval?.updates).toBe(2);
  });

  it('leaves the messages of a run alone whose log a newer version writes', async () => {
    await happened(...untilApproval);
    await publishAll();
    const [last] = await stored.redis.xrevrange(eventsKey(id), '+', '-', 'COUNT', 1);
    const json = JSON.stringify({ type: 'MoonRose', at: after(10), schema: eventSchema + 1 });
    const hash = chainHash(last?.[1][3] ?? '', json);
    await stored.redis.xadd(eventsKey(id), '4-0', 'event', json, 'hash', hash);
    const before = slack.calls.length;

    expect(await rejection(publishRun(publisher(), id))).toMatchObject({ name: 'NewerLog' });
    expect(slack.calls).toHaveLength(before);
  });

  it('asks anew in a new message, and leaves no button on the old one', async () => {
    await happened(...untilApproval);
    await publishAll();
    now += 3000;
    await happened(rejected('stop', 'not now'));
    await publishAll();
    now += 3000;
    const again = { ...approvalRequested('stop'), at: after(11) };
    await happened({ type: 'Resumed', at: after(10), by: 'UBEN' }, again);

    await publishAll();

    const [, first, second] = inChannel();
    expect(buttonsOf(first!)).toEqual([]);
    expect(JSON.stringify(first?.blocks)).toContain('not now');
    expect(buttonsOf(second!)).toEqual(['run.approve', 'run.reject']);
  });

  it('leaves no button on an approval that a rollback took away', async () => {
    const stop = work('stop');
    await happened(
      ...untilApproval,
      gateApproved('stop', two),
      started(stop),
      succeeded(stop),
      approvalRequested('start'),
    );
    await publishAll();
    expect(buttonsOf(inChannel()[2]!)).toEqual(['run.approve', 'run.reject']);
    now += 3000;
    await happened(rollbackRequested('stop'), rewound('stop'));

    await publishAll();

    expect(inChannel().slice(1).map(buttonsOf)).toEqual([[], []]);
  });

  it('tells a stage in one message, which it edits, whichever process publishes', async () => {
    const stop = work('stop');
    await happened(...untilApproval, gateApproved('stop', two), started(stop));
    await publishAll();
    expect(inThread().at(-1)?.text).toMatch(/^▸ \*1\* /);
    now += 9000;
    await happened(succeeded(stop));
    slack.next('chat.update', 'answer lost');
    await publishAll();

    expect(inThread().map(({ text }) => text.slice(0, 5))).toEqual(['*Plan', '<@UBE', '✓ *1*']);
  });

  it('posts nothing twice when no process learns what became of its posts, and each dies with its lock', async () => {
    const stop = work('stop');
    await happened(...untilApproval, gateApproved('stop', two), started(stop), succeeded(stop));
    const inOneGo = openFakeSlack();
    const interrupted = slack;
    slack = inOneGo;
    await publishAll();
    await stored.redis.del(`hopscotch:run:${id}:messages`);
    slack = interrupted;

    for (let death = 0; death < inOneGo.calls.length + 5; death += 1) {
      // The process is gone before it can write down what Slack answered.
      slack.next('chat.postMessage', 'answer lost');
      const dying = publisher({ redis: withoutRelease(stored.redis) });
      await publishRun(dying, id);
      await stored.redis.del(`hopscotch:run:${id}:publishing`);
      now += 1000;
    }
    await publishAll();

    const texts = (of: FakeSlack) => of.messages.map(({ text }) => text).toSorted();
    expect(texts(interrupted)).toEqual(texts(inOneGo));
  });

  it('lets one process at a time publish a run, for as long as it lives', async () => {
    await happened(...untilApproval);
    const slow = {
      ...stored.store,
      events: async (run: string) => (await sleep(600), stored.store.events(run)),
    };
    const first = publishRun(publisher({ store: slow }), id, 200);
    await sleep(400);
    expect(await publishRun(publisher(), id)).toBe(1000);
    await first;
    expect(inChannel()).toHaveLength(2);
    await publishRun(publisher({ redis: withoutRelease(stored.redis) }), id, 200);
    await sleep(250);
    expect(await publishRun(publisher(), id)).not.toBe(1000);
  });

  it('always sends the last state, however fast things happen', async () => {
    await happened(...untilApproval);
    await publishAll();
    await happened(gateApproved('stop', two));
    await publishRun(publisher(), id);
    await happened(rejected('start', 'no'), runEnded('rejected'));

    await publishAll();

    expect(inChannel()[0]?.text).toContain('rejected');
    expect(buttonsOf(inChannel()[0]!)).toEqual([]);
  });

  it('says it on the card when the log was changed from outside', async () => {
    await happened(...untilApproval);
    await publishAll();
    now += 3000;
    await stored.redis.xadd(
      eventsKey(id),
      '4-0',
      'event',
      JSON.stringify(gateApproved('stop', two)),
      'hash',
      'x',
    );

    await publishAll();

    expect(inChannel()[0]?.text).toContain(`the log of run ${id} was changed from outside`);
  });

  it.each([
    ['does a job again when more is due', 3_600_000, true],
    ['sweeps up what no job is left for', 50, false],
  ])('%s', async (_title, sweepMs, withJob) => {
    const queues = openQueues(stored.redis);
    const client = clientOfFake(slack, log);
    const outbox = openOutbox({
      redis: stored.redis,
      slack: client,
      log,
      now: Date.now,
      spacingMs: 200,
      settleMs: 100,
    });
    await happened(...untilApproval);
    const running = startPublisher(publisher({ outbox, now: Date.now }), {
      connection: stored.connect(),
      queues,
      sweepMs,
    });

    try {
      if (withJob) await queues.card(id);
      await eventually(() => inThread()[0]);
      await happened(gateApproved('stop', two));
      if (withJob) await queues.card(id);
      await eventually(() => (inChannel()[1]?.updates ?? 0) > 0);
    } finally {
      await running.close();
      await queues.close();
    }

    expect(inChannel()).toHaveLength(2);
  });
});
