import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { pino } from 'pino';
import { type SlackApp, createSlackApp } from '../../../bot/slack/app.ts';
import type { Press } from '../../../bot/actions/press.ts';
import { textModal } from '../../../bot/views/reading/paged-modal.ts';
import { freePort } from '../../../jobs/redis/free-port.ts';
import { type FakeSlack, openFakeSlack } from '../../support/slack/fake-slack.ts';

const signingSecret = '8f742231b10e8888abcd99yyyzzz85a5';

describe('HTTP mode', () => {
  let app: SlackApp;
  let url: string;
  let kept: Press[];
  let slack: FakeSlack;
  let said: string;

  beforeEach(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}/slack/events`;
    kept = [];
    said = '';
    slack = openFakeSlack();
    const { fetch } = slack;
    app = createSlackApp(
      {
        inbound: { mode: 'http', signingSecret, port, host: '127.0.0.1' },
        botToken: 'xoxb-1',
        fetch,
      },
      {
        windowFor: async () => ({ view: textModal('Hello') }),
        keep: async (press) => kept.push(press),
        withdraw: async () => {},
        isFirst: async () => true,
        now: () => '2026-11-22T02:00:00.000Z',
        fetch,
      },
      pino({ level: 'warn' }, { write: (line: string) => void (said += line) }),
    );
  });
  afterEach(() => app.stop().catch(() => {})); // not every test has started it

  const body = new URLSearchParams({
    command: '/upgrade',
    text: 'status',
    user_id: 'UANN',
    channel_id: 'C0OPS',
    team_id: 'T1',
    trigger_id: '1.2.abc',
    response_url: 'https://hooks.slack.test/response/1',
  }).toString();

  describe('once it listens', () => {
    beforeEach(() => app.start());

    async function post(
      text: string,
      signedBy: string,
      ageS: number,
      sent = text,
    ): Promise<number> {
      const at = String(Math.floor(Date.now() / 1000) - ageS);
      const signature = createHmac('sha256', signedBy).update(`v0:${at}:${text}`).digest('hex');
      const { status } = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          'x-slack-request-timestamp': at,
          'x-slack-signature': `v0=${signature}`,
        },
        body: sent,
      });
      return status;
    }

    it('takes a request that Slack signed', async () => {
      expect(await post(body, signingSecret, 0)).toBe(200);
      expect(kept).toMatchObject([
        { user: 'UANN', channel: 'C0OPS', source: 'word', text: 'status' },
      ]);
    });

    it('gives the same delivery the same id', async () => {
      await post(body, signingSecret, 0);
      await post(body, signingSecret, 1);
      await post(body.replace('1.2.abc', '1.2.abd'), signingSecret, 0);

      const [first, second, third] = kept.map(({ id }) => id);
      expect(first).toMatch(/^[0-9a-f]{32}$/);
      expect(second).toBe(first);
      expect(third).not.toBe(first);
    });

    it.each([
      ['signed with another secret', () => post(body, 'another', 0), 'SLACK_SIGNING_SECRET'],
      ['signed six minutes ago', () => post(body, signingSecret, 360), 'clock of this machine'],
      ['signed in an hour', () => post(body, signingSecret, -3600), 'clock of this machine'],
      [
        'changed after it was signed',
        () => post(body, signingSecret, 0, body.replace('UANN', 'UEVE')),
        'SLACK_SIGNING_SECRET',
      ],
    ])('refuses a request that was %s, and says what to do', async (_how, send, hint) => {
      expect(await send()).toBe(401);
      expect(kept).toEqual([]);
      expect(JSON.parse(said)).toMatchObject({ hint: expect.stringContaining(hint) });
    });

    const payload = (value: string): string => new URLSearchParams({ payload: value }).toString();

    it.each([
      ['null for a press', payload('null'), 400],
      ['a number for a press', payload('7'), 400],
      ['a press that is no JSON', payload('{'), 400],
      ['nothing', '', 404],
      ['no buttons', payload(JSON.stringify({ type: 'block_actions', actions: [] })), 200],
      ['buttons that are none', payload('{"type":"block_actions","actions":7}'), 400],
      ['a press of nobody', payload('{"type":"block_actions","actions":[{}]}'), 400],
      ['a submission without a view', payload('{"type":"view_submission"}'), 400],
      ['an event that nobody listens to', payload('{"type":"event_callback"}'), 404],
    ])('answers well-signed nonsense: %s', async (_what, text, status) => {
      expect(await post(text, signingSecret, 0)).toBe(status);
      expect(kept).toEqual([]);
      expect(await post(body, signingSecret, 0)).toBe(200);
    });

    it('refuses a request without a signature', async () => {
      const { status } = await fetch(url, { method: 'POST', body });

      expect(status).toBe(401);
      expect(kept).toEqual([]);
      expect(JSON.parse(said)).toMatchObject({ hint: expect.stringContaining('this port') });
    });
  });

  it('does not start with a token that Slack refuses, and names it', async () => {
    slack.next('auth.test', { error: 'invalid_auth' });

    await expect(app.start()).rejects.toMatchObject({
      name: 'SlackRefused',
      message: 'calling Slack with SLACK_BOT_TOKEN: Slack says invalid_auth',
    });
  });

  it('starts while Slack is away', async () => {
    slack.next('auth.test', 'never arrives');

    await app.start();

    expect((await fetch(url, { method: 'POST', body })).status).toBe(401);
  });
});
