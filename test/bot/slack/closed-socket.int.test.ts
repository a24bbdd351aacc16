import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningBot, startBot } from '../../../bot/bot.ts';
import { openLog } from '../../../jobs/log/log.ts';
import { type LocalWorkspace, startWorkspace } from '../../../sandbox/slack/slack.ts';
import { eventually } from '../../support/eventually.ts';
import { type TestRedis, startTestRedis } from '../../support/servers/redis.ts';
import { type FaultProxy, startFaultProxy } from '../../support/slack/fault-proxy.ts';

let dir: string;
let workspace: LocalWorkspace;
let proxy: FaultProxy;
let redis: TestRedis;
let bots: RunningBot[] = [];
let lines: string[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'closed-socket-'));
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

/** What the log says once Slack closes the socket for a reason, and says so twice. */
async function saidAfter(reason: string): Promise<Record<string, unknown>[]> {
  await start();
  proxy.say({ type: 'disconnect', reason });
  proxy.say({ type: 'disconnect', reason });
  const found = (): Record<string, unknown>[] =>
    lines.map((line) => JSON.parse(line)).filter((line) => line['reason'] === reason);
  await eventually(() => found().length > 0);
  // Else the local Slack would be waited for, which never ends a socket itself.
  proxy.cut();
  return found();
}

describe('a socket that Slack closes', () => {
  it.each([
    ['too_many_websockets', 40, 'the app has more than ten of them', 'SLACK_APP_TOKEN'],
    ['link_disabled', 40, 'Socket Mode is switched off', '"Socket Mode" of the Slack app'],
    ['refresh_requested', 30, 'slack wants a new socket', undefined],
  ])('for %s is told once, with what to do', async (reason, level, says, hint) => {
    const [said, ...more] = await saidAfter(reason);

    expect(said).toMatchObject({ level, msg: expect.stringContaining(says) });
    if (hint !== undefined) expect(said).toMatchObject({ hint: expect.stringContaining(hint) });
    expect(more).toEqual([]);
  });
});
