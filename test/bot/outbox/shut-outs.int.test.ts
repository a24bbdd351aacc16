import { beforeEach, describe, expect, it } from '@jest/globals';
import { openBotEdges } from '../../../bot/edges.ts';
import { openOutbox } from '../../../bot/outbox/outbox.ts';
import { type RunPublisher, publishRun } from '../../../bot/outbox/publish.ts';
import { slackShutOuts } from '../../../bot/outbox/shut-outs.ts';
import { openLog } from '../../../jobs/log/log.ts';
import {
  after,
  approvalRequested,
  gateApproved,
  hostReady,
  inOrder,
  planOf,
  requested,
  runEnded,
  started,
  step,
  succeeded,
  work,
} from '../../support/runs/events.ts';
import { type FakeSlack, clientOfFake, openFakeSlack } from '../../support/slack/fake-slack.ts';
import { knownCloud } from '../../support/slack/known-cloud.ts';
import { testStore } from '../../support/servers/test-store.ts';

const id = '7f3a12';
const plan = planOf(step('stop', { gate: 1 }), step('start'));
const [stop, start] = [work('stop', 'ctl1'), work('start', 'ctl1')];
const hourMs = 3_600_000;

const stored = testStore();
const { happened } = stored;
let slack: FakeSlack;
let now: number;
let said: { level: number; msg: string; hint?: string }[];

beforeEach(async () => {
  slack = openFakeSlack();
  now = Date.parse(after(3600));
  said = [];
});

const log = openLog({
  name: 'bot',
  level: 'info',
  write: (line) => said.push(JSON.parse(line)),
  clock: { now: () => now, after: () => {} },
});

const outboxNow = () =>
  openOutbox({ redis: stored.redis, slack: clientOfFake(slack, log), log, now: () => now });

/** As a process that has just started: it knows nothing but what is in Redis. */
const publisher = (): RunPublisher => ({
  store: stored.store,
  outbox: outboxNow(),
  redis: stored.redis,
  aboutCloud: async () => knownCloud(['SLEAD']),
  dates: 'plain',
  now: () => now,
  log,
});

/** Publishes as often as it asks for, for so long at most. Answers after what pauses. */
async function publishFor(ms: number): Promise<number[]> {
  const until = now + ms;
  const pauses: number[] = [];
  while (now < until) {
    const again = await publishRun(publisher(), id);
    if (again === undefined) break;
    pauses.push(again);
    now += again;
  }
  return pauses;
}

/** What happens once while nobody hears of it. */
const meanwhile = inOrder(
  gateApproved('stop', plan),
  started(stop),
  succeeded(stop),
  started(start),
  succeeded(start),
  runEnded('succeeded'),
);

describe('Slack that takes nothing', () => {
  const everywhere = ['token_revoked', 'account_inactive'];

  it.each([
    'is_archived',
    'not_in_channel',
    'channel_not_found',
    'token_revoked',
    'account_inactive',
  ] as const)('is tried again with growing pauses, and caught up with once: %s', async (code) => {
    await happened(...inOrder(requested(plan), hostReady('ctl1'), approvalRequested('stop')));
    await publishFor(60_000);
    const before = slack.messages.map(({ ts }) => ts);
    const files = slack.files.length;

    slack.shutOut(code);
    now += 60_000;
    await happened(...meanwhile);
    const calls = slack.calls.length;
    const pauses = (await publishFor(hourMs)).filter((ms) => ms >= 15_000);

    expect(pauses.slice(0, 7)).toEqual([15, 30, 60, 120, 240, 300, 300].map((s) => s * 1000));
    // An hour of it: in the end a try each five minutes, and one line in the log.
    expect(slack.calls.length - calls).toBeLessThan(60);
    expect(said.filter(({ msg }) => msg.includes('slack takes no messages'))).toHaveLength(1);
    expect(await slackShutOuts(stored.redis)).toMatchObject([
      { ...(everywhere.includes(code) ? {} : { channel: 'C0STAGING' }), tries: expect.any(Number) },
    ]);
    expect(await outboxNow().owing()).toEqual([id]);

    slack.shutOut();
    await publishFor(hourMs);

    expect(await outboxNow().owing()).toEqual([]);
    expect(await slackShutOuts(stored.redis)).toEqual([]);
    expect(said.at(-1)?.msg).toBe('slack takes messages again');
    // What stood there is still the same messages, changed; each new one stands there once.
    expect(slack.messages.slice(0, before.length).map(({ ts }) => ts)).toEqual(before);
    const keys = slack.messages.map(({ metadata }) => JSON.stringify(metadata));
    expect(new Set(keys).size).toBe(keys.length);
    expect(slack.files).toHaveLength(files);
    expect(slack.messages[0]?.text).toContain('succeeded');
    expect(slack.messages.length).toBeGreaterThan(before.length);
  });

  it('leaves other channels alone', async () => {
    slack.shutOut('is_archived');
    await happened(...inOrder(requested(plan), hostReady('ctl1')));
    await publishRun(publisher(), id);
    slack.shutOut();
    const box = await outboxNow().open('other');
    expect(box.shutOutMs('C0STAGING')).toBeGreaterThan(0);
    expect(box.shutOutMs('C0OTHER')).toBe(0);
  });

  it('is told to who asks for the status, until a bot starts whose token is taken', async () => {
    slack.shutOut('account_inactive');
    await happened(...inOrder(requested(plan), hostReady('ctl1')));
    await publishRun(publisher(), id);
    const client = clientOfFake(slack, log);
    const at = (): string => new Date(now).toISOString();
    const edges = openBotEdges({
      watched: stored.redis,
      redis: stored.redis,
      store: stored.store,
      client,
      now: at,
      log,
    });

    expect(await edges.troubles()).toEqual([
      {
        edge: 'slack',
        says: 'it takes no messages from us (account_inactive)',
        hint: expect.stringContaining('install the app again'),
        since: at(),
      },
    ]);
    await edges.enter({ start: async () => {} });
    edges.close();

    expect(await edges.troubles()).toEqual([]);
  });
});
