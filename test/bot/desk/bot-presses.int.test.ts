import { describe, expect, it } from '@jest/globals';
import type { Press } from '../../../bot/actions/press.ts';
import { stateMark } from '../../../jobs/run/act.ts';
import { openQueue } from '../../../jobs/redis/queues/open-queue.ts';
import { botWorld } from '../../support/slack/bot-world.ts';
import { eventually } from '../../support/eventually.ts';

const world = botWorld();
const { presses, says, waitingRun } = world;

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
  async function again(pressed: Press): Promise<string> {
    const before = world.slack.toldTo('UANN').length;
    const queue = openQueue<Press>('presses', world.redis);
    await queue.add('press', pressed);
    await queue.close();
    return eventually(() => world.slack.toldTo('UANN')[before]);
  }

  it('starts one run and answers the same', async () => {
    const line = press('run staging restart', at(0));

    const answers = [await again(line), await again(line)];

    expect(answers[1]).toBe(answers[0]);
    expect(await world.store.recent(9)).toHaveLength(1);
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
    expect(await world.store.recent(1)).toEqual([]);
    const run = await waitingRun();

    expect(await again(press(`rollback ${run.id}`, at(301)))).toContain('so nothing was done');
    expect(await again(press(`pause ${run.id}`, at(301)))).toContain('Paused');
    expect(await again(press(`resume ${run.id}`, at(301)))).toContain('so nothing was done');
  });
});

describe('modals', () => {
  it('asks for the reason at once, and rejects with it', async () => {
    const run = await waitingRun();
    const value = { run: run.id, seen: stateMark(run, 'reject') };
    const click = world.slack.click('UBEN', 'run.reject', value);

    await Promise.all([world.slack.deliver(click), world.slack.deliver(click)]);
    const opened = world.slack.callsOf('views.open');
    expect(opened).toHaveLength(1);
    const view = opened[0]?.args['view'] as Record<string, unknown>;
    expect(opened[0]?.args['trigger_id']).toBe(click.trigger_id);
    const { acks } = await world.slack.deliver(world.slack.submit('UBEN', view, 'not on a Friday'));
    const answer = await eventually(() => world.slack.toldTo('UBEN')[0]);

    expect(acks).toEqual([undefined]);
    expect(answer).toContain('Rejected.');
    expect((await world.store.load(run.id)).gates['stop']?.rejected).toMatchObject({
      by: 'UBEN',
      reason: 'not on a Friday',
    });
  });

  it('says what to type when the modal does not open', async () => {
    world.slack.next('views.open', { error: 'expired_trigger_id' });

    expect(await presses('UBEN', 'run.skip', { run: '7f3a12', seen: '' })).toContain(
      '`/upgrade skip 7f3a12 REASON`',
    );
  });
});

describe('without Redis', () => {
  it('says in time that nothing was done, keeps to that, and works again afterwards', async () => {
    world.server.pause();
    const typed = await world.slack.deliver(world.slack.command('UANN', 'run staging restart'));
    await world.slack.deliver(
      world.slack.click('UANN', 'run.pause', { run: '7f3a12', seen: 'running' }),
    );
    const metadata = JSON.stringify({ value: '{}', origin: { channel: 'C0OPS' } });
    const view = { callback_id: 'run.skip', private_metadata: metadata };
    const submitted = await world.slack.deliver(world.slack.submit('UANN', view, 'why'));

    const nothing = expect.stringContaining('so nothing was done. Try again');
    expect(typed.acks).toEqual([
      { response_type: 'ephemeral', replace_original: false, text: nothing },
    ]);
    expect(world.slack.toldTo('UANN')).toEqual([nothing]);
    expect(submitted.acks).toEqual([{ response_action: 'errors', errors: { words: nothing } }]);

    world.server.resume();
    expect(await says('UANN', 'help')).toContain('What you can type');
    expect(world.slack.toldTo('UANN')).toHaveLength(2);
    expect(await world.store.recent(1)).toEqual([]);
  });
});
