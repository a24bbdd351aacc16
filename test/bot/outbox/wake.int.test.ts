import { beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { openAlarmLane } from '../../../bot/outbox/alarms.ts';
import { openOutbox } from '../../../bot/outbox/outbox.ts';
import { wakePeople } from '../../../bot/outbox/wake.ts';
import * as e from '../../support/runs/events.ts';
import { testStore } from '../../support/servers/test-store.ts';
import { type FakeSlack, clientOfFake, openFakeSlack } from '../../support/slack/fake-slack.ts';
import { knownCloud } from '../../support/slack/known-cloud.ts';

const id = '7f3a12';
const log = pino({ level: 'silent' });
const work = e.work('stop');
const failing = [
  e.requested(e.planOf(e.step('stop'))),
  e.hostReady('ctl1'),
  e.started(work),
  e.failed(work),
];

describe('waking people', () => {
  const stored = testStore();
  const { happened } = stored;
  let slack: FakeSlack;
  let now: number;
  beforeEach(async () => {
    slack = openFakeSlack();
    now = Date.parse(e.after(10));
    await happened(...e.inOrder(...failing));
  });

  /** As a process that has just started. */
  const wake = (): Promise<number | undefined> =>
    wakePeople(
      {
        store: stored.store,
        outbox: openOutbox({
          redis: stored.redis,
          slack: clientOfFake(slack, log),
          log,
          now: () => now,
        }),
        redis: stored.redis,
        aboutCloud: async () => knownCloud(['SLEAD']),
        dates: 'plain',
        now: () => now,
        log,
      },
      id,
    );
  const later = async (minutes: number): Promise<void> => {
    now = Date.parse(e.after(3)) + minutes * 60_000;
    await wake();
  };
  const mentions = (): number =>
    slack.calls.filter(
      ({ method, args }) => method === 'chat.postMessage' && JSON.stringify(args).includes('<@'),
    ).length;

  it('says a need once, whatever happens to the process, and reminds without a mention', async () => {
    await wake();
    await wake();
    expect(slack.messages).toHaveLength(1);
    expect(slack.messages[0]?.text).toContain('<@UANN>  *staging* needs you: *stop* failed');
    for (const minutes of [4, 5, 6, 16, 125, 190]) await later(minutes);
    expect(slack.messages.slice(1).map(({ text }) => text.split(', for ')[1])).toEqual([
      '5 min',
      '16 min',
      '2 h 5 min',
      '3 h 10 min',
    ]);
    expect(mentions()).toBe(1);
  });

  it('says who settled it in the same message, and then reminds nobody', async () => {
    await wake();
    const stuck = { phase: 'apply' as const, step: 'stop', hosts: ['ctl1'] };
    await happened(e.atSecond(70, e.retryRequested(stuck, 'UDAN')));
    await later(20);
    expect(slack.messages).toHaveLength(1);
    expect(slack.messages[0]?.text).toContain('✓ Settled by <@UDAN> after 67 s');
  });

  it('lets no other post go while an alarm of any run waits', async () => {
    const lane = openAlarmLane(stored.redis, Date.now);
    await lane.wait('one');
    await lane.wait('two');
    await lane.done('two');
    expect(await lane.isWaiting()).toBe(true);
    await lane.done('one');
    expect(await lane.isWaiting()).toBe(false);
  });

  it('wakes nobody for what was settled before a bot saw it, nor for what is long over', async () => {
    await later(13 * 60);
    expect(slack.messages).toEqual([]);
  });
});
