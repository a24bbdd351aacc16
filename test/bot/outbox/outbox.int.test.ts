import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { openLog } from '../../../jobs/log/log.ts';
import { openOutbox } from '../../../bot/outbox/outbox.ts';
import { messagesKey } from '../../../bot/outbox/sent-messages.ts';
import { type FakeSlack, clientOfFake, openFakeSlack } from '../../support/slack/fake-slack.ts';
import { type TestRedis, startTestRedis } from '../../support/servers/redis.ts';
import type { OutgoingMessage } from '../../../bot/outbox/outgoing-message.ts';

describe('outbox', () => {
  let server: TestRedis;
  let redis: Redis;
  let slack: FakeSlack;
  let now: number;

  beforeAll(async () => {
    server = await startTestRedis();
    redis = server.connect();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    await redis.flushall();
    slack = openFakeSlack();
    now = 1_700_000_000_000;
  });

  /** Each time as a process would that knows nothing but what is in Redis. */
  const deliver = async (
    letter: OutgoingMessage,
    to: FakeSlack = slack,
    { doubtedBeforeMs = 0, log = pino({ level: 'silent' }) } = {},
  ) => {
    const client = clientOfFake(to, log);
    const outbox = openOutbox({ redis, slack: client, log, now: () => now });
    return (await outbox.open('7f3a', doubtedBeforeMs)).deliver(letter);
  };
  const texts = () => slack.messages.map(({ text }) => text);

  it('posts a message once and then changes it, but only when it says something else', async () => {
    const first = await deliver(letter('running'));
    now += 3000;
    await deliver(letter('running'));
    await deliver(letter('done'));

    expect(first).toEqual({ ts: slack.messages[0]!.ts });
    expect(slack.messages).toMatchObject([
      {
        channel: 'C0OPS',
        text: 'done',
        updates: 1,
        metadata: { event_type: 'hopscotch_run', event_payload: { run: '7f3a', key: 'card' } },
      },
    ]);
  });

  it('does not believe a Redis that went back: it says once more what stands, and posts nothing twice', async () => {
    await deliver(letter('approve?'));
    const past = await redis.hgetall(messagesKey('7f3a'));
    now += 3000;
    await deliver(letter('approved'));
    await deliver({ ...letter('a line'), key: 'line', fixed: true });
    await redis.del(messagesKey('7f3a'));
    await redis.hset(messagesKey('7f3a'), past);
    now += 3000;
    const restarted = now;
    now += 1000;

    await deliver(letter('approve?'), slack, { doubtedBeforeMs: restarted });
    await deliver({ ...letter('a line'), key: 'line', fixed: true }, slack, {
      doubtedBeforeMs: restarted,
    });
    now += 4000;
    await deliver(letter('approve?'), slack, { doubtedBeforeMs: restarted });

    expect(slack.messages).toMatchObject([
      { text: 'approve?', updates: 2 },
      { text: 'a line', updates: 0 },
    ]);
  });

  it('gives a changed message new block ids, under which it can still be found', async () => {
    await deliver(letter('running'));
    const before = slack.messages[0]!.blocks[0]!['block_id'];
    now += 3000;
    await deliver(letter('done'));
    const after = slack.messages[0]!.blocks[0]!['block_id'];

    expect(before).toMatch(/^hopscotch\.7f3a\.[0-9a-f]{12}\.[0-9a-f]{8}$/);
    expect(after).not.toBe(before);
    expect(String(after).slice(0, 28)).toBe(String(before).slice(0, 28));
  });

  it('changes a message at most every three seconds and says when the next change is due', async () => {
    const { ts } = await deliver(letter('one'));
    now += 1000;

    expect(await deliver(letter('two'))).toEqual({ ts, againInMs: 2000 });
    expect(texts()).toEqual(['one']);
    now += 2000;
    expect(await deliver(letter('three'))).toEqual({ ts });
    expect(texts()).toEqual(['three']);
  });

  it.each([true, false])(
    'finds a post whose answer was lost instead of posting again (metadata kept: %s)',
    async (keepsMetadata) => {
      slack = openFakeSlack({ keepsMetadata });
      slack.next('chat.postMessage', 'answer lost');

      expect(await deliver(letter('card'))).toEqual({ againInMs: 1000 });
      expect(await deliver(letter('card'))).toEqual({ ts: slack.messages[0]!.ts });
      expect(texts()).toEqual(['card']);
    },
  );

  it('finds a reply whose answer was lost in its thread', async () => {
    const { ts = '' } = await deliver(letter('card'));
    const line = { ...letter('a line'), key: 'line.a', threadTs: ts, fixed: true };
    slack.next('chat.postMessage', { status: 500 }, 'answer lost');

    await deliver(line);
    now += 10_000;
    await deliver(line);
    expect(await deliver(line)).toEqual({ ts: slack.messages[1]!.ts });
    expect(slack.messages.map(({ text, thread_ts }) => [text, thread_ts])).toEqual([
      ['card', undefined],
      ['a line', ts],
    ]);
  });

  it('posts again what Slack never got, once it can no longer turn up', async () => {
    slack.next('chat.postMessage', 'never arrives');

    await deliver(letter('card'));
    now += 9000;
    expect(await deliver(letter('card'))).toEqual({ againInMs: 1000 });
    expect(texts()).toEqual([]);
    now += 1000;
    expect(await deliver(letter('card'))).toEqual({ ts: slack.messages[0]!.ts });
  });

  it('does not post while Slack cannot say whether the message is there', async () => {
    slack.next('chat.postMessage', 'answer lost');
    slack.next('conversations.history', { retryAfter: 5 }, { status: 500 });
    await deliver(letter('card'));
    now += 60_000;

    await deliver(letter('card'));
    await deliver(letter('card'));
    await deliver(letter('card'));

    expect(texts()).toEqual(['card']);
  });

  it('waits as long as a 429 says, and leaves other kinds of calls alone', async () => {
    const { ts } = await deliver(letter('one'));
    now += 3000;
    slack.next('chat.update', { retryAfter: 30 });

    expect(await deliver(letter('two'))).toEqual({ ts, againInMs: 30_000 });
    now += 10_000;
    expect(await deliver(letter('three'))).toEqual({ ts, againInMs: 20_000 });
    await deliver({ ...letter('an approval'), key: 'approval' });
    expect(slack.callsOf('chat.update')).toHaveLength(1);
    expect(texts()).toEqual(['one', 'an approval']);
    now += 20_000;
    await deliver(letter('three'));
    expect(texts()).toEqual(['three', 'an approval']);
  });

  it('says once in its log that Slack limits what it sends, however often it does', async () => {
    const lines: string[] = [];
    const log = openLog({ name: 'bot', level: 'info', write: (line) => lines.push(line) });
    for (let minute = 0; minute < 20; minute += 1) {
      slack.next('chat.postMessage', { retryAfter: 30 });
      await deliver(letter('card'), slack, { log });
      now += 60_000;
    }

    expect(slack.callsOf('chat.postMessage')).toHaveLength(20);
    expect(lines.filter((line) => line.includes('slack asked us to wait'))).toHaveLength(1);
  });

  it('posts after a 429 without looking for what was certainly not posted', async () => {
    slack.next('chat.postMessage', { retryAfter: 2 });

    expect(await deliver(letter('card'))).toEqual({ againInMs: 2000 });
    now += 2000;
    await deliver(letter('card'));

    expect(texts()).toEqual(['card']);
    expect(slack.callsOf('conversations.history')).toEqual([]);
  });

  it.each(['message_not_found', 'edit_window_closed', 'cant_update_message'])(
    'posts anew what it cannot change any more: %s',
    async (error) => {
      await deliver(letter('one'));
      now += 3000;
      slack.next('chat.update', { error });

      expect(await deliver(letter('two'))).toEqual({ ts: slack.messages[1]!.ts });
      expect(texts()).toEqual(['one', 'two']);
    },
  );

  it('says the plain words instead of blocks that are beyond the limits, once', async () => {
    const blocks = Array.from({ length: 51 }, () => ({ type: 'divider' }) as const);

    await deliver({ ...letter('too much'), blocks });
    now += 3000;
    await deliver({ ...letter('too much'), blocks });

    expect(slack.messages).toMatchObject([
      { text: 'in plain words', updates: 0, blocks: [{ text: { text: 'in plain words' } }] },
    ]);
  });

  it('says the plain words when Slack itself does not take the blocks, once', async () => {
    slack.next('chat.postMessage', { error: 'invalid_blocks' });

    await deliver(letter('card'));
    now += 3000;
    await deliver(letter('card'));

    expect(slack.messages).toMatchObject([{ text: 'in plain words', updates: 0 }]);
  });

  it('forgets a post that Slack refused, so that it comes when the channel is there', async () => {
    slack.next('chat.postMessage', { error: 'not_in_channel' });

    expect(await deliver(letter('card'))).toEqual({
      againInMs: 15_000,
      shutOut: 'not_in_channel',
    });
    expect(await redis.hgetall(messagesKey('7f3a'))).toEqual({});
    now += 15_000;
    expect(await deliver(letter('card'))).toEqual({ ts: slack.messages[0]!.ts });
  });
});

const letter = (text: string): OutgoingMessage => ({
  key: 'card',
  channel: 'C0OPS',
  text,
  blocks: [{ type: 'section', text: { type: 'mrkdwn', text } }],
  plain: 'in plain words',
});
