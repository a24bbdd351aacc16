import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { type RunningBot, startBot } from '../../bot/bot.ts';
import type { Press } from '../../bot/press.ts';
import { seenBy } from '../../jobs/act.ts';
import type { RunEvent } from '../../jobs/events.ts';
import { LookJob, openQueue, openWorker } from '../../jobs/queue.ts';
import type { Run } from '../../jobs/run.ts';
import { type Store, openStore } from '../../jobs/store.ts';
import { eventually } from '../support/eventually.ts';
import { looked } from '../jobs/openstack/looked.ts';
import { type FakeSlack, openFakeSlack } from '../support/fake-slack.ts';
import { type TestRedis, startTestRedis } from '../support/redis.ts';

const knowledgeDir = join(import.meta.dirname, '../../runbooks/openstack');
const cloud = `
name: staging
environment: verification
channel: C0OPS
ssh: { user: ops, key: key, knownHosts: known_hosts }
hosts: { ctl1: { address: 127.0.0.1, roles: [control] } }
access: { engineers: [UANN, SENG], approvers: [UANN, SLEAD] }
`;
const runbook = `
title: Restart nova
steps:
  - { id: stop, title: stop nova, kind: command, on: control, params: { run: [stop], undo: [[start]] } }
  - { id: start, title: start nova, kind: command, on: control, params: { run: [start] } }
`;

/** The example cloud, in this workspace. */
async function junoFile(): Promise<string> {
  const file = join(import.meta.dirname, '../../clouds/example-juno.yaml');
  const text = await readFile(file, 'utf8');
  return text
    .replace('C012ABCDEF', 'C0OPS')
    .replace('[U012ABCDEF]', '[UANN]')
    .replace('[U034GHIJKL, U056MNOPQR]', '[UBEN]');
}

describe('the bot', () => {
  let server: TestRedis;
  let redis: Redis;
  let dir: string;
  let slack: FakeSlack;
  let bots: RunningBot[];
  let store: Store;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'bot-'));
    await mkdir(join(dir, 'clouds'));
    await mkdir(join(dir, 'runbooks'));
    await writeFile(join(dir, 'clouds', 'staging.yaml'), cloud);
    await writeFile(join(dir, 'clouds', 'broken.yaml'), 'name: [');
    await mkdir(join(dir, 'clouds', 'example-juno'));
    await writeFile(join(dir, 'clouds', 'example-juno.yaml'), await junoFile());
    await writeFile(join(dir, 'runbooks', 'restart.yaml'), runbook);
  });
  afterAll(() => rm(dir, { recursive: true }));
  beforeEach(async () => {
    server = await startTestRedis();
    redis = server.connect();
    store = openStore(redis);
    bots = [];
    slack = openFakeSlack({
      users: { UANN: {}, UBEN: {}, UCHI: {}, UGONE: { deleted: true } },
      groups: { SENG: ['UBEN', 'UGONE'], SLEAD: ['UBEN', 'UCHI'] },
    });
    await start();
  });
  afterEach(async () => {
    for (const bot of bots) await bot.drain();
    await server.stop();
  });

  async function start(): Promise<RunningBot> {
    const bot = await startBot({
      slack: {
        inbound: { mode: 'given', receiver: slack.receiver },
        botToken: 'xoxb-1',
        fetch: slack.fetch,
      },
      cloudsDir: join(dir, 'clouds'),
      runbooksDir: join(dir, 'runbooks'),
      knowledgeDir,
      connect: (how) => server.connect(how),
      log: pino({ level: process.env['LOG_LEVEL'] ?? 'silent' }),
    });
    bots.push(bot);
    return bot;
  }

  /** Types a line and waits for the private answer. */
  async function says(user: string, text: string): Promise<string> {
    const before = slack.toldTo(user).length;
    await slack.deliver(slack.command(user, text));
    return eventually(() => slack.toldTo(user)[before]);
  }

  async function presses(user: string, button: string, value: object): Promise<string> {
    const before = slack.toldTo(user).length;
    await slack.deliver(slack.click(user, button, value));
    return eventually(() => slack.toldTo(user)[before]);
  }

  const append = async (id: string, ...events: RunEvent[]): Promise<Run> => {
    for (const event of events) await store.append(id, () => event);
    return store.load(id);
  };

  const now = (): string => new Date().toISOString();

  /** A run of ann's that waits for its first approval. */
  async function waitingRun(): Promise<Run> {
    await says('UANN', 'run staging restart');
    const [id = ''] = await store.recent(1);
    return append(
      id,
      { type: 'HostReady', at: now(), host: 'ctl1', freeBytes: 1e9 },
      { type: 'ApprovalRequested', at: now(), gate: 'stop' },
    );
  }

  describe('starting a run', () => {
    it('answers in private, posts the card and asks for a decision', async () => {
      const answer = await says('UANN', 'run staging restart');

      const [id = ''] = await store.recent(1);
      expect(id).toMatch(/^[0-9a-f]{6}$/);
      expect(answer).toContain(`Restart nova · staging is under way as run \`${id}\``);
      const card = await eventually(() => slack.messages[0]);
      expect(card).toMatchObject({
        channel: 'C0OPS',
        text: expect.stringContaining('Restart nova'),
      });
      expect(await redis.exists(`hopscotch:queue:runs:decide-${id}-1`)).toBe(1);
      expect(await store.load(id)).toMatchObject({ requestedBy: 'UANN' });
    });

    it('does once what is delivered many times, also by several bots at once', async () => {
      await start();
      const line = slack.command('UANN', 'run staging restart');

      const acks = await Promise.all([1, 2, 3, 4].map(() => slack.deliver(line)));
      await eventually(() => slack.toldTo('UANN')[0]);
      await slack.deliver(line);
      const after = await says('UANN', 'status');

      expect(acks.map((delivered) => delivered.acks)).toEqual([1, 2, 3, 4].map(() => [undefined]));
      expect(after).toContain('The latest 1 runs');
      expect(await store.recent(9)).toHaveLength(1);
      expect(slack.toldTo('UANN')).toHaveLength(2);
      expect(slack.messages.filter(({ thread_ts }) => thread_ts === undefined)).toHaveLength(1);
    });

    it('says who holds a cloud that is taken, since when and why', async () => {
      const { id } = await waitingRun();

      expect(await says('UBEN', 'run staging restart')).toMatch(
        new RegExp(`staging is held by run ${id} \\(Restart nova\\), which <@UANN> started at `),
      );
    });

    it.each([
      ['run stagin restart', /there is no cloud "stagin" .*\nDid you mean staging\?/],
      ['run staging restrt', /restrt.*restart/],
      ['run broken restart', /broken\.yaml/],
      ['status beef00', /there is no run beef00/],
      ['approve beef00', /there is no run beef00/],
      ['frobnicate', /I don't know the word "frobnicate"/],
    ])('answers /upgrade %s with what is wrong', async (line, expected) => {
      expect(await says('UANN', line)).toMatch(expected);
      expect(await store.recent(1)).toEqual([]);
    });

    it('starts nothing where the bot cannot post, and says what to do', async () => {
      slack.next('conversations.info', { error: 'channel_not_found' });

      const answer = await says('UANN', 'run staging restart');

      expect(answer).toContain('posting in channel C0OPS: Slack says channel_not_found');
      expect(answer).toContain("Check the channel in the cloud's file");
      expect(await store.recent(1)).toEqual([]);
    });

    it.each([
      ['UCHI', 'only engineers of staging start runs on it'],
      ['UEVE', 'only engineers of staging start runs on it'],
      ['UGONE', 'your account is deactivated'],
    ])('refuses %s and says who may', async (user, reason) => {
      const answer = await says(user, 'run staging restart');

      expect(answer).toContain(reason);
      expect(answer).toContain('<@UANN>, <!subteam^SENG>');
      expect(await store.recent(1)).toEqual([]);
    });

    it('says that a group could not be looked up when that is why', async () => {
      slack.next('usergroups.users.list', { error: 'ratelimited' });
      slack.next('usergroups.users.list', { error: 'ratelimited' });

      expect(await says('UBEN', 'run staging restart')).toContain(
        'Slack did not say who is in <!subteam^SENG> (ratelimited)',
      );
    });
  });

  describe('approving', () => {
    it('refuses whoever started the run and says why', async () => {
      const { id } = await waitingRun();

      expect(await says('UANN', `approve ${id}`)).toContain(
        'whoever starts a run does not approve it',
      );
      expect((await store.load(id)).gates['stop']?.approvals).toEqual([]);
    });

    it('refuses who is no approver, by word and by button alike', async () => {
      const run = await waitingRun();
      const value = { run: run.id, seen: seenBy(run, 'approve') };

      for (const answer of [
        await says('UEVE', `approve ${run.id}`),
        await presses('UEVE', 'run.approve', value),
      ]) {
        expect(answer).toContain('only approvers of this cloud may');
        expect(answer).toContain('<!subteam^SLEAD>');
        expect(answer).not.toContain('<@UANN>');
      }
    });

    it('takes one of two presses at once, and tells the other who was first', async () => {
      const run = await waitingRun();
      const value = { run: run.id, seen: seenBy(run, 'approve') };

      const answers = await Promise.all([
        presses('UBEN', 'run.approve', value),
        presses('UCHI', 'run.approve', value),
      ]);

      const { approvals = [] } = (await store.load(run.id)).gates['stop'] ?? {};
      expect(approvals).toHaveLength(1);
      const [first, second] = approvals[0]?.by === 'UBEN' ? answers : answers.toReversed();
      expect(first).toContain('Approved.');
      expect(second).toContain(`<@${approvals[0]?.by}> did that already`);
    });

    it('refuses a button that was drawn for an earlier request', async () => {
      const run = await waitingRun();
      const value = { run: run.id, seen: 'stop.12345.abcdef' };

      expect(await presses('UBEN', 'run.approve', value)).toContain(
        'that button is from an earlier state of the run',
      );
      expect((await store.load(run.id)).gates['stop']?.approvals).toEqual([]);
    });

    it('refuses a button with a value that is not ours', async () => {
      expect(await presses('UBEN', 'run.approve', { run: '../../x', seen: '' })).toContain(
        'from another version of Hopscotch',
      );
    });
  });

  describe('a press that its worker died with', () => {
    const at = (agoS: number): string => new Date(Date.now() - agoS * 1000).toISOString();
    const press = (text: string, when: string): Press => ({
      id: text.padEnd(32, '.'),
      at: when,
      user: 'UANN',
      channel: 'C0OPS',
      source: 'word',
      text,
    });

    /** Puts the press into the queue once more, as if nobody had finished it. */
    async function again(it: Press): Promise<string> {
      const before = slack.toldTo('UANN').length;
      const queue = openQueue<Press>('presses', redis);
      await queue.add('press', it);
      await queue.close();
      return eventually(() => slack.toldTo('UANN')[before]);
    }

    it('starts one run and answers the same', async () => {
      const line = press('run staging restart', at(0));

      const answers = [await again(line), await again(line)];

      expect(answers[1]).toBe(answers[0]);
      expect(await store.recent(9)).toHaveLength(1);
    });

    it('acts once and answers the same', async () => {
      const run = await waitingRun();
      const line = press(`pause ${run.id}`, at(0));

      const answers = [await again(line), await again(line)];

      expect(answers[0]).toContain('Paused');
      expect(answers[1]).toBe(answers[0]);
    });

    it('does not start or change anything long after it was wanted, but does stop it', async () => {
      expect(await again(press('run staging restart', at(301)))).toContain('so nothing was done');
      expect(await store.recent(1)).toEqual([]);
      const run = await waitingRun();

      expect(await again(press(`rollback ${run.id}`, at(301)))).toContain('so nothing was done');
      expect(await again(press(`pause ${run.id}`, at(301)))).toContain('Paused');
      expect(await again(press(`resume ${run.id}`, at(301)))).toContain('so nothing was done');
    });
  });

  describe('modals', () => {
    it('asks for the reason at once, and rejects with it', async () => {
      const run = await waitingRun();
      const value = { run: run.id, seen: seenBy(run, 'reject') };
      const click = slack.click('UBEN', 'run.reject', value);

      await Promise.all([slack.deliver(click), slack.deliver(click)]);
      const opened = slack.callsOf('views.open');
      expect(opened).toHaveLength(1);
      const view = opened[0]?.args['view'] as Record<string, unknown>;
      expect(opened[0]?.args['trigger_id']).toBe(click.trigger_id);
      const { acks } = await slack.deliver(slack.submit('UBEN', view, 'not on a Friday'));
      const answer = await eventually(() => slack.toldTo('UBEN')[0]);

      expect(acks).toEqual([undefined]);
      expect(answer).toContain('Rejected.');
      expect((await store.load(run.id)).gates['stop']?.rejected).toMatchObject({
        by: 'UBEN',
        reason: 'not on a Friday',
      });
    });

    it('says what to type when the modal does not open', async () => {
      slack.next('views.open', { error: 'expired_trigger_id' });

      expect(await presses('UBEN', 'run.skip', { run: '7f3a12', seen: '' })).toContain(
        '`/upgrade skip 7f3a12 REASON`',
      );
    });
  });

  describe('answers', () => {
    it('come as an ephemeral message when the response_url has expired', async () => {
      slack.next('response_url', { status: 404 });

      expect(await says('UANN', 'help')).toContain('What you can type after /upgrade');
      expect(slack.told.at(-1)).toMatchObject({ by: 'ephemeral', user: 'UANN' });
    });

    it('show runs only to those who may see them', async () => {
      const { id } = await waitingRun();

      expect(await says('UCHI', `status ${id}`)).toContain('Restart nova');
      expect(await says('UCHI', 'status')).toContain('The latest 1 runs');
      expect(await says('UEVE', `status ${id}`)).toContain(
        'only engineers and approvers of staging may',
      );
      expect(await says('UEVE', 'status')).toContain('There is no run yet');
    });

    it('list the other runs when the log of one is broken', async () => {
      const { id } = await waitingRun();
      const [[, fields] = []] = await redis.xrange(`hopscotch:run:${id}:events`, '-', '+');
      await redis.xadd('hopscotch:run:b40ken:events', '1-0', ...(fields ?? []).slice(0, 3), 'x');
      await redis.zadd('hopscotch:runs', Date.now() + 1000, 'b40ken');

      expect(await says('UBEN', 'status')).toContain('The latest 1 runs');
      expect(await says('UBEN', 'status b40ken')).toContain('was changed from outside');
    });

    it('show what a step has printed', async () => {
      const { id } = await waitingRun();
      const exec = `${id}.stop.ctl1.apply1`;
      await redis.hset(`hopscotch:run:${id}:output:${exec}`, {
        head: 'nova stopped',
        tail: 'nova stopped',
        sizeBytes: 12,
      });

      expect(await says('UBEN', `log ${id} stop`)).toContain('Output of stop nova on ctl1');
      expect(JSON.stringify(slack.callsOf('response_url').at(-1)?.args)).toContain('nova stopped');
      expect(await says('UBEN', `log ${id} sotp`)).toContain('Its steps are stop, start');
    });
  });

  describe('without Redis', () => {
    it('says in time that nothing was done, keeps to that, and works again afterwards', async () => {
      server.pause();
      const typed = await slack.deliver(slack.command('UANN', 'run staging restart'));
      await slack.deliver(slack.click('UANN', 'run.pause', { run: '7f3a12', seen: 'running' }));
      const metadata = JSON.stringify({ value: '{}', origin: { channel: 'C0OPS' } });
      const view = { callback_id: 'run.skip', private_metadata: metadata };
      const submitted = await slack.deliver(slack.submit('UANN', view, 'why'));

      const nothing = expect.stringContaining('so nothing was done. Try again');
      expect(typed.acks).toEqual([
        { response_type: 'ephemeral', replace_original: false, text: nothing },
      ]);
      expect(slack.toldTo('UANN')).toEqual([nothing]);
      expect(submitted.acks).toEqual([{ response_action: 'errors', errors: { words: nothing } }]);

      server.resume();
      expect(await says('UANN', 'help')).toContain('What you can type');
      expect(slack.toldTo('UANN')).toHaveLength(2);
      expect(await store.recent(1)).toEqual([]);
    });
  });

  describe('looking at a cloud', () => {
    let answers: { close: () => Promise<void> } | undefined;

    afterEach(async () => {
      await answers?.close();
      answers = undefined;
    });

    /** Workers whose hosts answer as a Juno cloud does. */
    function answering(): readonly string[] {
      const ids: string[] = [];
      answers = openWorker(
        'steps',
        async ({ data }) => {
          ids.push(LookJob.parse(data).id);
          return looked();
        },
        {
          connection: server.connect(),
          log: pino({ level: 'silent' }),
        },
      );
      return ids;
    }

    it('says at once that it looks, then what it found; all of it goes to the channel', async () => {
      const asked = answering();

      expect(await says('UBEN', 'inspect example-juno')).toBe(
        'Looking at the 6 hosts of example-juno…',
      );
      const found = await eventually(() => slack.toldTo('UBEN')[1]);
      expect(found).toBe('Inspection of example-juno: Juno everywhere');
      const [head, ...details] = slack.messages;
      expect(JSON.stringify(head?.blocks)).toContain('<@UBEN> asked for it');
      expect(new Set(details.map(({ thread_ts }) => thread_ts))).toEqual(new Set([head?.ts]));
      expect(JSON.stringify(details)).toContain('nova-compute 1:2014.2.4-0ubuntu1~cloud1.2');
      expect(asked).toHaveLength(1);
    });

    it('is for engineers and approvers; an upgrade is started by engineers alone', async () => {
      expect(await says('UCHI', 'inspect example-juno')).toContain(
        'only engineers and approvers of example-juno may',
      );
      expect(await says('UCHI', 'plan example-juno liberty')).toContain('These may: <@UANN>');
      expect(await says('UBEN', 'start example-juno liberty')).toContain(
        'only engineers of example-juno start upgrades of it',
      );
      expect(slack.messages).toEqual([]);
    });

    it('answers a series that there is not before anybody waits for hosts', async () => {
      expect(await says('UANN', 'plan example-juno librety')).toContain('Did you mean liberty?');
    });

    it('plans an upgrade whole into the thread, with files, and starts the very same plan', async () => {
      answering();

      await says('UANN', 'plan example-juno liberty only glance');
      await eventually(() => slack.toldTo('UANN')[1]);
      const [head, ...replies] = slack.messages;
      const all = JSON.stringify(replies.map(({ blocks }) => blocks));
      expect(head?.text).toContain('Upgrade example-juno from Juno to Liberty (only glance)');
      expect(all).toContain('glance-manage db_sync');
      expect(all).toContain('*Part 2*: after 1 approval');
      expect(slack.files.map(({ name, threadTs }) => [name.split('.')[1], threadTs])).toEqual([
        ['md', head?.ts],
        ['json', head?.ts],
      ]);

      await says('UANN', 'start example-juno liberty only glance');
      expect(await eventually(() => slack.toldTo('UANN')[3])).toContain('is under way as run');
      const [id = ''] = await store.recent(1);
      const { plan, planHash } = await store.load(id);
      expect(plan.runbook).toBe('openstack:liberty');
      expect(head?.text).toContain(plan.title);
      expect(slack.files[1]?.content).toContain(planHash);
    });

    it('says what a plan lacks, once it has looked', async () => {
      answering();

      await says('UANN', 'plan example-juno liberty');
      expect(await eventually(() => slack.toldTo('UANN')[1])).toMatch(
        /files are missing\nkilo\/all\/etc\/apache2/,
      );
      expect(slack.messages).toEqual([]);
    });
  });
});
