import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningBot, startBot } from '../../../bot/bot.ts';
import { openLog } from '../../../jobs/log/log.ts';
import { pretendPeople } from '../../../sandbox/slack/people.ts';
import { type LocalWorkspace, startWorkspace } from '../../../sandbox/slack/slack.ts';
import { rejection } from '../../support/eventually.ts';
import { type TestRedis, startTestRedis } from '../../support/servers/redis.ts';
import { type FaultProxy, startFaultProxy } from '../../support/slack/fault-proxy.ts';

const given = async (name: string): Promise<Record<string, object>> =>
  JSON.parse(await readFile(join(import.meta.dirname, '../../cases', `${name}.txt`), 'utf8'));

let dir: string;
let workspace: LocalWorkspace;
let proxy: FaultProxy;
let redis: TestRedis;
let bots: RunningBot[] = [];
let lines: string[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'socket-'));
  [workspace, redis] = await Promise.all([startWorkspace({ dir }), startTestRedis()]);
  proxy = await startFaultProxy(workspace.port);
});
afterEach(async () => {
  for (const bot of bots) await bot.drain();
  bots = [];
  lines = [];
});
afterAll(async () => {
  await proxy.stop();
  await workspace.stop();
  await redis.stop();
  await rm(dir, { recursive: true, force: true });
});

async function start(): Promise<RunningBot> {
  const bot = await startBot({
    slack: {
      inbound: { mode: 'socket', appToken: workspace.appToken },
      botToken: workspace.botToken,
      apiUrl: proxy.apiUrl,
    },
    cloudsDir: dir,
    runbooksDir: dir,
    knowledgeDir: join(import.meta.dirname, '../../../openstack/knowledge/data'),
    dates: 'plain',
    connect: (how) => redis.connect(how),
    log: openLog({ name: 'bot', level: 'trace', write: (line) => lines.push(line) }),
  });
  bots.push(bot);
  return bot;
}

const answerTo = async (text: string): Promise<string> => {
  const before = (await workspace.control.messages()).length;
  await workspace.control.command({ user: pretendPeople.ann.id, text });
  const message = await workspace.waitFor((all) => all.slice(before).at(-1), { what: 'an answer' });
  return JSON.stringify([message.text, message.blocks]);
};

describe('a bot that Slack gives no socket', () => {
  // slackapi/bolt-js#1748.
  it('71-app-token-without-its-scope: does not start, and says which scope to add', async () => {
    const refused = await given('71-app-token-without-its-scope');
    proxy.answer('apps.connections.open', refused['apps.connections.open']);
    const error = await rejection(start());
    proxy.answer('apps.connections.open', undefined);

    expect(error).toMatchObject({
      name: 'SlackRefused',
      message:
        'calling Slack with SLACK_APP_TOKEN: Slack says missing_scope (needed: connections:write)',
      hint: expect.stringContaining('Generate an app-level token with the scope connections:write'),
    });
  });

  // slackapi/node-slack-sdk#1495 and #1500.
  it('55-bot-stays-deaf-after-a-refused-reconnect: ends, hears again, and status says why', async () => {
    const bot = await start();
    expect(await answerTo('help')).toContain('/upgrade');
    const { answersFor12s } = await given('55-bot-stays-deaf-after-a-refused-reconnect');
    proxy.answer('apps.connections.open', answersFor12s);
    proxy.cut();

    expect(await bot.shutOut).toMatchObject({
      message: 'calling Slack with SLACK_APP_TOKEN: Slack says invalid_auth',
      hint: expect.stringContaining('SLACK_APP_TOKEN'),
    });
    // What its supervisor does.
    proxy.answer('apps.connections.open', undefined);
    await bots.pop()?.drain();
    await start();

    const status = await answerTo('status');
    expect(status).toMatch(
      /Slack, from \d\d:\d\d UTC to \d\d:\d\d UTC: calling Slack with SLACK_APP_TOKEN: Slack says invalid_auth/,
    );
  }, 60_000);
});
