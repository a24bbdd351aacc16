import { beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { openRequestKey } from '../../../bot/outbox/gate-requests.ts';
import { openOutbox } from '../../../bot/outbox/outbox.ts';
import { publishRun } from '../../../bot/outbox/publish.ts';
import { wakePeople } from '../../../bot/outbox/wake.ts';
import * as e from '../../support/runs/events.ts';
import { testStore } from '../../support/servers/test-store.ts';
import { drawnMessage } from '../../support/slack/drawn.ts';
import { type FakeSlack, clientOfFake, openFakeSlack } from '../../support/slack/fake-slack.ts';
import { knownCloud } from '../../support/slack/known-cloud.ts';

const id = '7f3a12';
const log = pino({ level: 'silent' });
const plan = e.planOf(e.step('stop', { apply: [{ words: ['stop', 'nova api'] }] }));

describe('what somebody approves', () => {
  const stored = testStore();
  let slack: FakeSlack;
  let now: number;

  beforeEach(async () => {
    slack = openFakeSlack();
    now = Date.parse(e.after(3600));
    await stored.happened(
      ...e.inOrder(e.requested(plan), e.hostReady('ctl1'), e.approvalRequested('stop')),
    );
  });

  const outbox = () =>
    openOutbox({ redis: stored.redis, slack: clientOfFake(slack, log), log, now: () => now });

  const waking = () => ({
    store: stored.store,
    outbox: outbox(),
    redis: stored.redis,
    aboutCloud: async () => knownCloud(['UBEN']),
    dates: 'plain' as const,
    now: () => now,
    log,
  });

  /** As a process that has just started. Answers in how many milliseconds it wants to go on. */
  const publish = (): Promise<number | undefined> => publishRun(waking(), id);

  async function publishAll(): Promise<void> {
    for (let round = 0; round < 60; round += 1) {
      const again = await publish();
      if (again === undefined) return;
      now += again;
    }
    throw new Error('it never came to an end');
  }

  const request = () =>
    slack.messages.filter(({ text }) => text.startsWith('Approval needed')).at(-1);
  const says = (): string => drawnMessage(request() ?? { blocks: [] });
  const inThread = () => slack.messages.filter(({ thread_ts }) => thread_ts === request()?.ts);
  const hasButtons = (): boolean => says().includes('[Approve…]');
  const refusal = async (): Promise<string | undefined> => {
    const run = await stored.store.load(id);
    return (await outbox().open(id)).whyUnreadable(openRequestKey(run) ?? '');
  };

  it('stands in its thread as a reading and one file, and then it can be approved', async () => {
    await publishAll();

    expect(inThread().map(({ text }) => text)).toEqual([
      `What an approval lets run ${id} do: step 1`,
    ]);
    expect(slack.files).toMatchObject([{ threadTs: request()?.ts }]);
    expect(slack.files[0]?.content).toContain("stop 'nova api'");
    expect(hasButtons()).toBe(true);
    expect(await refusal()).toBeUndefined();
  });

  it('stands there in the round that asks for it, once its alarm has gone ahead', async () => {
    await wakePeople(waking(), id);
    await publish();

    expect(hasButtons()).toBe(true);
  });

  it.each([
    ['the reading is not taken yet', 'chat.postMessage', { retryAfter: 3 }],
    ['the file is not taken yet', 'files.getUploadURLExternal', { retryAfter: 3 }],
    ['the file was taken, and Slack did not say so', 'files.completeUploadExternal', 'answer lost'],
    ['the file never shows', 'files.completeUploadExternal', 'swallowed'],
    ['nobody can look at the thread', 'conversations.replies', { status: 500 }],
  ] as const)(
    'cannot be approved while %s, and can once it stands there',
    async (_why, method, how) => {
      // The card and the request come before it.
      if (method === 'chat.postMessage') slack.next(method, 'done', 'done');
      slack.next(method, how);

      await publish();
      expect(hasButtons()).toBe(false);
      expect(await refusal()).toMatch(/not in its thread yet/);

      await publishAll();
      expect(hasButtons()).toBe(true);
      expect(inThread()).toHaveLength(1);
      expect(slack.files).toHaveLength(1);
      expect(await refusal()).toBeUndefined();
    },
  );

  it('is posted again where Slack lost the reading', async () => {
    slack.next('chat.postMessage', 'done', 'done', 'swallowed');

    await publish();
    expect(hasButtons()).toBe(false);
    expect(await refusal()).toMatch(/not in its thread yet/);
    await publishAll();

    expect(inThread()).toHaveLength(1);
    expect(hasButtons()).toBe(true);
  });

  it('stands in messages where the workspace takes no files, and the request says so', async () => {
    slack.next('files.getUploadURLExternal', { error: 'file_uploads_disabled' });

    await publishAll();

    expect(slack.files).toEqual([]);
    expect(inThread()).toHaveLength(2);
    expect(inThread().map(drawnMessage).join('\n')).toContain("`stop 'nova api'`");
    expect(says()).toContain('Slack takes no file here (file_uploads_disabled)');
    expect(hasButtons()).toBe(true);
  });

  it.each([
    ['the file', () => slack.files.splice(0)],
    ['the reading', () => slack.messages.splice(slack.messages.indexOf(inThread()[0]!), 1)],
  ])(
    'cannot be approved once somebody deleted %s, until it stands again',
    async (_what, remove) => {
      await publishAll();
      remove();
      now += 31_000;

      expect(await refusal()).toMatch(/are gone from its thread/);
      const again = await publish();
      expect(hasButtons()).toBe(false);
      expect(says()).toContain('are gone from the thread');

      now += again ?? 0;
      await publishAll();
      expect(hasButtons()).toBe(true);
      expect(slack.files).toHaveLength(1);
      expect(inThread()).toHaveLength(1);
    },
  );

  it('cannot be approved while Slack does not say whether it still stands there', async () => {
    await publishAll();
    now += 31_000;
    slack.next('conversations.replies', { status: 500 });

    expect(await refusal()).toMatch(/Slack does not say/);
    expect(await refusal()).toBeUndefined();
  });

  it('has a thread of its own again where the request was deleted', async () => {
    await publishAll();
    slack.messages.splice(slack.messages.indexOf(request()!), 1);
    await stored.store.append(id, () => e.paused());
    await stored.store.append(id, () => e.resumed());
    await stored.store.append(id, () => e.paused());
    now += 3000;

    await publishAll();

    expect(slack.files.at(-1)).toMatchObject({ threadTs: request()?.ts });
    expect(inThread()).toHaveLength(1);
  });
});
