import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { type RunningBot, startBot } from '../../../bot/bot.ts';
import { openLog } from '../../../jobs/log/log.ts';
import { type LocalWorkspace, startWorkspace } from '../../../sandbox/slack/slack.ts';
import { knowledge } from '../../openstack/known.ts';
import { type TestRedis, startTestRedis } from '../servers/redis.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';

export interface SocketBots {
  readonly workspace: LocalWorkspace;
  readonly proxy: FaultProxy;
  /** What the bots of this test have logged, a line of JSON each. */
  readonly lines: readonly string[];
  /** Starts a bot that is drained behind the test. */
  readonly start: () => Promise<RunningBot>;
}

/** For the tests of a file a local Slack behind a proxy, and bots that reach it by socket. */
export function botsOnSockets(): SocketBots {
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

  return {
    get workspace() {
      return workspace;
    },
    get proxy() {
      return proxy;
    },
    get lines() {
      return lines;
    },
    start: async () => {
      const bot = await startBot({
        slack: {
          inbound: { mode: 'socket', appToken: workspace.appToken },
          botToken: workspace.botToken,
          apiUrl: proxy.apiUrl,
        },
        cloudsDir: dir,
        runbooksDir: dir,
        knowledge,
        dates: 'plain',
        connect: (how) => redis.connect(how),
        log: openLog({ name: 'bot', level: 'trace', write: (line) => lines.push(line) }),
      });
      bots.push(bot);
      return bot;
    },
  };
}
