import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { pretendPeople } from '../../../sandbox/slack/people.ts';
import { rejection } from '../../support/eventually.ts';
import { botsOnSockets } from '../../support/slack/socket-bots.ts';

const given = async (name: string): Promise<Record<string, object>> =>
  JSON.parse(await readFile(join(import.meta.dirname, '../../cases', `${name}.txt`), 'utf8'));

const slack = botsOnSockets();

const answerTo = async (text: string): Promise<string> => {
  const before = (await slack.workspace.control.messages()).length;
  await slack.workspace.control.command({ user: pretendPeople.ann.id, text });
  const message = await slack.workspace.waitFor((all) => all.slice(before).at(-1), {
    what: 'an answer',
  });
  return JSON.stringify([message.text, message.blocks]);
};

describe('a bot that Slack gives no socket', () => {
  // slackapi/bolt-js#1748.
  it('71-app-token-without-its-scope: does not start, and says which scope to add', async () => {
    const refused = await given('71-app-token-without-its-scope');
    slack.proxy.answer('apps.connections.open', refused['apps.connections.open']);
    const error = await rejection(slack.start());
    slack.proxy.answer('apps.connections.open', undefined);

    expect(error).toMatchObject({
      name: 'SlackRefused',
      message:
        'calling Slack with SLACK_APP_TOKEN: Slack says missing_scope (needed: connections:write)',
      hint: expect.stringContaining('Generate an app-level token with the scope connections:write'),
    });
  });

  // slackapi/node-slack-sdk#1495 and #1500.
  it('55-bot-stays-deaf-after-a-refused-reconnect: ends, hears again, and status says why', async () => {
    const bot = await slack.start();
    expect(await answerTo('help')).toContain('/upgrade');
    const { answersFor12s } = await given('55-bot-stays-deaf-after-a-refused-reconnect');
    slack.proxy.answer('apps.connections.open', answersFor12s);
    slack.proxy.cut();

    expect(await bot.shutOut).toMatchObject({
      message: 'calling Slack with SLACK_APP_TOKEN: Slack says invalid_auth',
      hint: expect.stringContaining('SLACK_APP_TOKEN'),
    });
    // What its supervisor does.
    slack.proxy.answer('apps.connections.open', undefined);
    await bot.drain();
    await slack.start();

    const status = await answerTo('status');
    expect(status).toMatch(
      /Slack, from \d\d:\d\d UTC to \d\d:\d\d UTC: calling Slack with SLACK_APP_TOKEN: Slack says invalid_auth/,
    );
  }, 60_000);
});
