import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { eventually } from '../support/eventually.ts';
import { productEntrance } from '../support/processes/entrance.ts';

const signingSecret = 'secret';

describe('bot process', () => {
  let dir: string;
  let children: ChildProcess[];
  /** Stands for Slack: what is posted to it, path by path. */
  let slack: Server;
  let slackPort: number;
  let posted: { path: string; body: string }[];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'bot-main-'));
    children = [];
    posted = [];
    slack = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        posted.push({ path: request.url ?? '', body });
        response.setHeader('content-type', 'application/json').end('{"ok":true}');
      });
    });
    slackPort = await listening(slack);
  });
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    await new Promise((done) => slack.close(done));
    await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  });

  async function start(env: Record<string, string>) {
    const child = spawn(process.execPath, [...(await productEntrance()), 'bot-process'], {
      env: { PATH: process.env['PATH'] ?? '', DATA_DIR: dir, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const exited = new Promise<number | null>((done) => child.once('exit', done));
    return { child, exited, output: () => output };
  }

  async function startHttp() {
    const probe = createServer();
    const port = await listening(probe);
    await new Promise((done) => probe.close(done));
    const bot = await start({
      SLACK_BOT_TOKEN: 'xoxb-1',
      SLACK_SIGNING_SECRET: signingSecret,
      SLACK_API_URL: `http://127.0.0.1:${slackPort}/api/`,
      PORT: String(port),
      LISTEN_HOST: '127.0.0.1',
    });
    await eventually(() => bot.output().includes('"ready"'));
    return { ...bot, url: `http://127.0.0.1:${port}/slack/events` };
  }

  async function type(url: string, text: string, trigger: string): Promise<number> {
    const body = new URLSearchParams({
      command: '/upgrade',
      text,
      user_id: 'UANN',
      channel_id: 'C0OPS',
      team_id: 'T1',
      trigger_id: trigger,
      response_url: `http://127.0.0.1:${slackPort}/response/${trigger}`,
    }).toString();
    const at = String(Math.floor(Date.now() / 1000));
    const digest = createHmac('sha256', signingSecret).update(`v0:${at}:${body}`).digest('hex');
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': at,
      'x-slack-signature': `v0=${digest}`,
    };
    return (await fetch(url, { method: 'POST', headers, body })).status;
  }

  it('starts a Redis of its own, answers, and ends in good order on SIGTERM', async () => {
    const { child, exited, url } = await startHttp();

    expect(await type(url, 'help', 'one')).toBe(200);
    const answer = await eventually(() => posted.find(({ path }) => path === '/response/one'));
    expect(JSON.parse(answer.body)).toMatchObject({
      response_type: 'ephemeral',
      text: 'What you can type after /upgrade',
    });

    child.kill('SIGTERM');
    expect(await exited).toBe(0);
    await expect(type(url, 'help', 'two')).rejects.toThrow('fetch failed');
  });

  it('lists what is wrong with its environment', async () => {
    const { exited, output } = await start({ SLACK_APP_TOKEN: 'no' });

    expect(await exited).toBe(1);
    expect(output()).toContain('SLACK_BOT_TOKEN: missing');
    expect(output()).toContain('SLACK_APP_TOKEN: expected an app-level token');
    expect(output()).not.toContain('    at ');
  });

  it('loads nothing of SSH', async () => {
    const files = await reached(resolve('bot/main.ts'));

    expect(files.size).toBeGreaterThan(40);
    expect([...files].filter((file) => /ssh/.test(file))).toEqual([]);
  });
});

/** Every module that a file loads, itself or through others; packages by their name. Types do not load anything. */
async function reached(file: string, files = new Set<string>()): Promise<Set<string>> {
  if (files.has(file)) return files;
  files.add(file);
  if (!file.startsWith('/')) return files;
  const text = await readFile(file, 'utf8');
  for (const [, from = ''] of text.matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)'/gm)) {
    await reached(from.startsWith('.') ? resolve(dirname(file), from) : from, files);
  }
  return files;
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
