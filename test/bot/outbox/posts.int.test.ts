import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { openOutbox } from '../../../bot/outbox/outbox.ts';
import { type ThreadPoster, openThreadPoster } from '../../../bot/outbox/posts.ts';
import { sectionBlock } from '../../../bot/views/blocks.ts';
import { type FakeSlack, clientOfFake, openFakeSlack } from '../../support/slack/fake-slack.ts';
import { type TestRedis, startTestRedis } from '../../support/servers/redis.ts';

const log = pino({ level: process.env['LOG_LEVEL'] ?? 'silent' });
const message = (text: string) => ({ text, blocks: [sectionBlock(text)] });
const thread = {
  channel: 'C0OPS',
  head: message('Plan'),
  replies: [message('one'), message('two')],
  files: [
    { name: 'plan.md', title: 'Plan', content: '# Plan\n' },
    { name: 'plan.json', title: 'Plan', content: '{}\n' },
  ],
};

describe('a thread that belongs to no run', () => {
  let server: TestRedis;
  let redis: Redis;
  let slack: FakeSlack;

  beforeEach(async () => {
    server = await startTestRedis();
    redis = server.connect();
    slack = openFakeSlack();
  });
  afterEach(() => server.stop());

  /** As a process that has just started. */
  const posts = (): ThreadPoster => {
    const client = clientOfFake(slack, log);
    const outbox = openOutbox({
      redis,
      slack: client,
      log,
      now: Date.now,
      settleMs: 100,
      spacingMs: 50,
    });
    return openThreadPoster({ outbox, slack: client, redis, log });
  };

  it('stands in the channel with its replies and files', async () => {
    expect(await posts().post('plan-1', thread)).toEqual({});

    const [head] = slack.messages;
    expect(slack.messages.map(({ text, thread_ts }) => [text, thread_ts])).toEqual([
      ['Plan', undefined],
      ['one', head?.ts],
      ['two', head?.ts],
    ]);
    expect(slack.files).toEqual([
      { name: 'plan.md', channel: 'C0OPS', threadTs: head?.ts, content: '# Plan\n' },
      { name: 'plan.json', channel: 'C0OPS', threadTs: head?.ts, content: '{}\n' },
    ]);
  });

  it('is posted once, whoever asks again', async () => {
    slack.next('chat.postMessage', 'answer lost');
    await posts().post('plan-1', thread);
    await posts().post('plan-1', thread);

    expect(slack.messages.map(({ text }) => text)).toEqual(['Plan', 'one', 'two']);
    expect(slack.files).toHaveLength(2);
  });

  it('waits when Slack asks for it', async () => {
    slack.next('chat.postMessage', { retryAfter: 1 });

    await posts().post('plan-1', thread);

    expect(slack.messages).toHaveLength(3);
  });

  it('says when Slack does not take the files, and tries them again', async () => {
    slack.next(
      'files.getUploadURLExternal',
      { error: 'missing_scope' },
      { error: 'missing_scope' },
    );

    expect(await posts().post('plan-1', thread)).toEqual({ filesRefused: 'missing_scope' });
    expect(await posts().post('plan-1', thread)).toEqual({});
    expect(slack.messages).toHaveLength(3);
    expect(slack.files).toHaveLength(2);
  });

  it('says when Slack does not take the message', async () => {
    slack.next('chat.postMessage', { error: 'is_archived' });

    await expect(posts().post('plan-1', thread)).rejects.toMatchObject({ name: 'NotPosted' });
    expect(slack.files).toEqual([]);
  });
});
