import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { WebClient } from '@slack/web-api';
import { pino } from 'pino';
import { openRequestKey } from '../../../bot/outbox/gate-requests.ts';
import { openOutbox } from '../../../bot/outbox/outbox.ts';
import { publishRun } from '../../../bot/outbox/publish.ts';
import { openRunStore, type RunStore } from '../../../jobs/redis/store.ts';
import { upgradesChannel } from '../../../sandbox/slack/people.ts';
import { buttonsOfMessage, readMessage } from '../../../sandbox/slack/reading.ts';
import { type LocalWorkspace, startWorkspace } from '../../../sandbox/slack/slack.ts';
import * as e from '../../support/runs/events.ts';
import { type TestRedis, startTestRedis } from '../../support/servers/redis.ts';
import { type FaultProxy, startFaultProxy } from '../../support/slack/fault-proxy.ts';
import { knownCloud } from '../../support/slack/known-cloud.ts';

const id = '7f3a12';
const channel = upgradesChannel.id;
const plan = { ...e.planOf(e.step('stop')), channel };
const log = pino({ level: 'silent' });

let dir: string;
let server: TestRedis;
let workspace: LocalWorkspace;
let proxy: FaultProxy;
let store: RunStore;
let slack: WebClient;
let now = Date.parse(e.after(3600));

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'words-'));
  server = await startTestRedis();
  workspace = await startWorkspace({ dir });
  proxy = await startFaultProxy(workspace.port);
  store = openRunStore(server.connect());
  slack = new WebClient(workspace.botToken, {
    slackApiUrl: proxy.apiUrl,
    retryConfig: { retries: 0 },
  });
  for (const event of e.inOrder(
    e.requested(plan),
    e.hostReady('ctl1'),
    e.approvalRequested('stop'),
  )) {
    if (event.type === 'RunRequested') await store.create(event);
    else await store.append(id, () => event);
  }
});
afterAll(async () => {
  await proxy.stop();
  await workspace.stop();
  await server.stop();
  await rm(dir, { recursive: true });
});

const outbox = () => openOutbox({ redis: server.connect(), slack, log, now: () => now });

async function publish(rounds = 1): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const again = await publishRun(
      {
        store,
        outbox: outbox(),
        redis: server.connect(),
        aboutCloud: async () => knownCloud(['UBEN']),
        dates: 'plain',
        now: () => now,
        log,
      },
      id,
    );
    if (again === undefined) return;
    now += again;
  }
}

const request = async () =>
  (await workspace.control.messages()).find(({ text }) => text.startsWith('Approval needed'));
const hasButtons = async (): Promise<boolean> => {
  const message = await request();
  return message !== undefined && buttonsOfMessage(message).includes('run.approve');
};
const refusal = async (): Promise<string | undefined> =>
  (await outbox().open(id)).whyUnreadable(openRequestKey(await store.load(id)) ?? '');

it('an approval waits for a Slack that refuses, loses and forgets what it approves', async () => {
  proxy.answer('files.completeUploadExternal', { ok: true, files: [{ id: 'F1' }] });
  await publish(3);
  expect(await hasButtons()).toBe(false);
  expect(await refusal()).toMatch(/not in its thread yet/);

  proxy.answer('files.completeUploadExternal', undefined);
  now += 11_000;
  await publish(20);
  expect(await hasButtons()).toBe(true);
  expect(await refusal()).toBeUndefined();
  const { ts = '' } = (await request()) ?? {};
  const { messages = [] } = await slack.conversations.replies({ channel, ts });
  const [file] = messages.flatMap(({ files = [] }) => files);
  expect(file?.name).toMatch(/^run-7f3a12-step-1-plan-/);

  await slack.files.delete({ file: file?.id ?? '' });
  now += 31_000;
  expect(await refusal()).toMatch(/are gone from its thread/);
  await publish();
  expect(await hasButtons()).toBe(false);

  proxy.answer('files.getUploadURLExternal', { ok: false, error: 'file_uploads_disabled' });
  now += 11_000;
  await publish(20);
  expect(await hasButtons()).toBe(true);
  expect(
    readMessage((await request()) ?? { ts, channel, user: '', text: '' }).join('\n'),
  ).toContain('Slack takes no file here (file_uploads_disabled)');
  expect(await refusal()).toBeUndefined();
});
