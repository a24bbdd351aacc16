import { describe, expect, it } from '@jest/globals';
import { openRequestKey } from '../../../bot/outbox/gate-requests.ts';
import { messagesKey } from '../../../bot/outbox/sent-messages.ts';
import { stateMark } from '../../../jobs/run/act.ts';
import { eventually } from '../../support/eventually.ts';
import { botWorld } from '../../support/slack/bot-world.ts';
import type { FakeSlack } from '../../support/slack/fake-slack.ts';

const world = botWorld();

describe('Read all', () => {
  const shown = async (user: string, run: string, gate = 'stop'): Promise<string> => {
    const { slack } = world;
    const before = slack.callsOf('views.update').length;
    const value = { run, seen: 'any', step: gate, choice: '1' };
    await slack.deliver(slack.click(user, 'look.read', value));
    const call = await eventually(() => slack.callsOf('views.update')[before]);
    return JSON.stringify(call.args);
  };

  it('opens a window with what would run, for those of the cloud alone', async () => {
    const { id } = await world.waitingRun();

    expect(await shown('UBEN', id)).toContain('run stop');
    expect(world.slack.callsOf('views.open')).toHaveLength(1);
    const refused = await shown('UDAN', id);
    expect(refused).toContain('only engineers and approvers of staging can do that');
    expect(refused).not.toContain('run stop');
  });

  it('says that a step is gone, or a run', async () => {
    const { id } = await world.waitingRun();

    expect(await shown('UBEN', id, 'elsewhere')).toContain('no longer part of the run');
    expect(await shown('UBEN', 'f00f00')).toContain('there is no run f00f00');
  });
});

describe('Output', () => {
  it('shows what a step printed to those of the cloud, and posts it as a file once', async () => {
    const { slack } = world;
    const { id } = await world.waitingRun();
    const value = { run: id, seen: 'output', step: 'stop', host: 'ctl1' };
    const shown = async (user: string, action: string): Promise<string> => {
      const before = slack.callsOf('views.update').length;
      await slack.deliver(slack.click(user, action, value));
      const call = await eventually(() => slack.callsOf('views.update')[before]);
      return JSON.stringify(call.args);
    };

    expect(await shown('UBEN', 'look.output')).toContain('no output');
    expect(await shown('UDAN', 'look.output')).toContain('only engineers and approvers');
    expect(await shown('UBEN', 'look.file')).toContain('It has printed nothing yet');
  });
});

describe('a button in a window', () => {
  const inWindow = (user: string, action: string, value: unknown) => {
    const {
      channel,
      message: _message,
      response_url: _url,
      ...press
    } = world.slack.click(user, action, value);
    const view = { id: 'V1', private_metadata: JSON.stringify({ channel: channel.id }) };
    return { ...press, container: { type: 'view', view_id: 'V1' }, view };
  };

  it('does what it does on the card, once, and opens what it asks on top', async () => {
    const { slack, store } = world;
    const run = await world.waitingRun();
    const value = { run: run.id, seen: stateMark(run, 'pause') };

    await slack.deliver(inWindow('UANN', 'run.pause', value));
    await eventually(async () => (await store.load(run.id)).paused);
    expect(JSON.stringify(slack.callsOf('views.update').at(-1)?.args)).toContain('Asked for.');
    await eventually(() => slack.told.some(({ user }) => user === 'UANN'));

    await slack.deliver(inWindow('UBEN', 'run.reject', { ...value, seen: 'any' }));
    await eventually(() => slack.callsOf('views.push')[0]);
    expect(slack.callsOf('views.open')).toHaveLength(0);
  });
});

describe('a press that approves', () => {
  it('does nothing while nobody has seen its words in the thread, typed or pressed', async () => {
    const { store, redis, slack, says, presses } = world;
    const run = await world.waitingRun();
    const key = openRequestKey(run) ?? '';
    const seen = stateMark(run, 'approve');

    await redis.hdel(messagesKey(run.id), `${key}.stands`);
    expect(await says('UBEN', `approve ${run.id}`)).toContain('are not in its thread yet');
    await redis.hdel(messagesKey(run.id), `${key}.stands`);
    expect(await presses('UBEN', 'run.approve', { run: run.id, seen })).toContain(
      'are not in its thread yet',
    );
    expect((await store.load(run.id)).gates['stop']?.approvals).toEqual([]);

    await redis.hset(messagesKey(run.id), `${key}.stands`, JSON.stringify(longAgo(slack, run.id)));
    slack.files.splice(0);
    expect(await says('UBEN', `approve ${run.id}`)).toContain('are gone from its thread');
    expect((await store.load(run.id)).gates['stop']?.approvals).toEqual([]);
  });
});

/** As a bot knows a thread that it saw long ago. */
function longAgo({ messages }: FakeSlack, run: string): object {
  const request = messages.find(
    ({ text, blocks }) =>
      text.startsWith('Approval needed') && JSON.stringify(blocks).includes(run),
  );
  return { channel: request?.channel, since: 1, at: 1, ts: request?.ts };
}
