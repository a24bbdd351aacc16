import { describe, expect, it } from '@jest/globals';
import { stateMark } from '../../jobs/run/act.ts';
import { botWorld } from '../support/slack/bot-world.ts';
import { eventually } from '../support/eventually.ts';

const world = botWorld();
const { presses, says, start, waitingRun } = world;

describe('starting a run', () => {
  it('answers in private, posts the card and asks for a decision', async () => {
    const answer = await says('UANN', 'run staging restart');

    const [id = ''] = await world.store.recent(1);
    expect(id).toMatch(/^[0-9a-f]{6}$/);
    expect(answer).toContain(`Restart nova · staging is under way as run \`${id}\``);
    const card = await eventually(() => world.slack.messages[0]);
    expect(card).toMatchObject({
      channel: 'C0OPS',
      text: expect.stringContaining('Restart nova'),
    });
    expect(await world.redis.exists(`hopscotch:queue:runs:decide-${id}-1`)).toBe(1);
    expect(await world.store.load(id)).toMatchObject({ requestedBy: 'UANN' });
  });

  it('does once what is delivered many times, also by several bots at once', async () => {
    await start();
    const line = world.slack.command('UANN', 'run staging restart');

    const acks = await Promise.all([1, 2, 3, 4].map(() => world.slack.deliver(line)));
    await eventually(() => world.slack.toldTo('UANN')[0]);
    await world.slack.deliver(line);
    const after = await says('UANN', 'status');

    expect(acks.map((delivered) => delivered.acks)).toEqual([1, 2, 3, 4].map(() => [undefined]));
    expect(after).toContain('The latest 1 runs');
    expect(await world.store.recent(9)).toHaveLength(1);
    expect(world.slack.toldTo('UANN')).toHaveLength(2);
    expect(world.slack.messages.filter(({ thread_ts }) => thread_ts === undefined)).toHaveLength(1);
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
    expect(await world.store.recent(1)).toEqual([]);
  });

  it('starts nothing where the bot cannot post, and says what to do', async () => {
    world.slack.next('conversations.info', { error: 'channel_not_found' });

    const answer = await says('UANN', 'run staging restart');

    expect(answer).toContain('posting in channel C0OPS: Slack says channel_not_found');
    expect(answer).toContain("Check the channel in the cloud's file");
    expect(await world.store.recent(1)).toEqual([]);
  });

  it.each([
    ['UCHI', 'only engineers of staging can start runs on it'],
    ['UEVE', 'only engineers of staging can start runs on it'],
    ['UGONE', 'your account is deactivated'],
  ])('refuses %s and says who may', async (user, reason) => {
    const answer = await says(user, 'run staging restart');

    expect(answer).toContain(reason);
    expect(answer).toContain('<@UANN>, <!subteam^SENG>');
    expect(await world.store.recent(1)).toEqual([]);
  });

  it('says that a group could not be looked up when that is why', async () => {
    world.slack.next('usergroups.users.list', { error: 'ratelimited' });
    world.slack.next('usergroups.users.list', { error: 'ratelimited' });

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
    expect((await world.store.load(id)).gates['stop']?.approvals).toEqual([]);
  });

  it('refuses who is no approver, by word and by button alike', async () => {
    const run = await waitingRun();
    const value = { run: run.id, seen: stateMark(run, 'approve') };

    for (const answer of [
      await says('UEVE', `approve ${run.id}`),
      await presses('UEVE', 'run.approve', value),
    ]) {
      expect(answer).toContain('only approvers of staging can approve or reject');
      expect(answer).toContain('<!subteam^SLEAD>');
      expect(answer).not.toContain('<@UANN>');
    }
  });

  it('answers a word by its old name, and says what it is called now', async () => {
    const { id } = await waitingRun();

    const answer = await says('UANN', `way ${id} 1`);

    expect(answer).toContain(`Run ${id} needs approval of step 1, "stop nova"`);
    expect(answer).toContain('"way" is called "fix" now: /upgrade fix RUN NUMBER');
  });

  it('takes one of two presses at once, and tells the other who was first', async () => {
    const run = await waitingRun();
    const value = { run: run.id, seen: stateMark(run, 'approve') };

    const answers = await Promise.all([
      presses('UBEN', 'run.approve', value),
      presses('UCHI', 'run.approve', value),
    ]);

    const { approvals = [] } = (await world.store.load(run.id)).gates['stop'] ?? {};
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
    expect((await world.store.load(run.id)).gates['stop']?.approvals).toEqual([]);
  });

  it('refuses a button with a value that is not ours', async () => {
    expect(await presses('UBEN', 'run.approve', { run: '../../x', seen: '' })).toContain(
      'from another version of Hopscotch',
    );
  });
});

describe('answers', () => {
  it('come as an ephemeral message when the response_url has expired', async () => {
    world.slack.next('response_url', { status: 404 });

    expect(await says('UANN', 'help')).toContain('What you can type after /upgrade');
    expect(world.slack.told.at(-1)).toMatchObject({ by: 'ephemeral', user: 'UANN' });
  });

  it('show runs only to those who may see them', async () => {
    const { id } = await waitingRun();

    expect(await says('UCHI', `status ${id}`)).toContain('Restart nova');
    expect(await says('UCHI', 'status')).toContain('The latest 1 runs');
    expect(await says('UEVE', `status ${id}`)).toContain(
      'only engineers and approvers of staging can do that',
    );
    expect(await says('UEVE', 'status')).toContain('There are runs, and none on a cloud whose');
  });

  it('list the other runs when the log of one is broken', async () => {
    const { id } = await waitingRun();
    const [[, fields] = []] = await world.redis.xrange(`hopscotch:run:${id}:events`, '-', '+');
    await world.redis.xadd(
      'hopscotch:run:b40ken:events',
      '1-0',
      ...(fields ?? []).slice(0, 3),
      'x',
    );
    await world.redis.zadd('hopscotch:runs', Date.now() + 1000, 'b40ken');

    expect(await says('UBEN', 'status')).toContain('The latest 1 runs');
    expect(await says('UBEN', 'status b40ken')).toContain('was changed from outside');
  });

  it('show what a step has printed', async () => {
    const { id } = await waitingRun();
    const exec = `${id}.stop.ctl1.apply1`;
    await world.redis.hset(`hopscotch:run:${id}:output:${exec}`, {
      head: 'nova stopped',
      tail: 'nova stopped',
      sizeBytes: 12,
    });

    expect(await says('UBEN', `log ${id} stop`)).toContain('Output of stop nova on ctl1');
    expect(JSON.stringify(world.slack.callsOf('response_url').at(-1)?.args)).toContain(
      'nova stopped',
    );
    expect(await says('UBEN', `log ${id} 1`)).toContain('Output of stop nova on ctl1');
    expect(await says('UBEN', `log ${id} sotp`)).toContain('numbered from 1 to 2: stop, start');
  });
});
