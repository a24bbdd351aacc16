import type { ModalView } from '@slack/types';
import { describe, expect, it } from '@jest/globals';
import { performPress } from '../../../bot/desk/perform.ts';
import { fillWordsWindow } from '../../../bot/desk/words-window.ts';
import { answerDoor } from '../../../bot/door/answer-door.ts';
import { cardButtons } from '../../../bot/views/card/buttons.ts';
import { runCard } from '../../../bot/views/card/run-card.ts';
import type { Press } from '../../../bot/actions/press.ts';
import type { Cloud } from '../../../jobs/files/cloud.ts';
import type { RunStore } from '../../../jobs/redis/store.ts';
import { evolve } from '../../../jobs/run/fold.ts';
import { type LostThings, moreLost } from '../../../jobs/run/rollback/lost-things.ts';
import type { RunEvent } from '../../../jobs/run/events.ts';
import { bareDesk } from '../../support/bare-desk.ts';
import { listedAccess } from '../../support/listed.ts';
import * as e from '../../support/runs/events.ts';
import { drawnMessage } from '../../support/slack/drawn.ts';

const plan = e.planOf(
  e.step('backup', { restores: 'databases', title: 'back up nova' }),
  e.step('sync', { exit: 'restorable' }),
  e.step('last'),
);
const ran = (id: string) => [e.started(e.work(id)), e.succeeded(e.work(id))];
const access = { engineers: ['UANN', 'UDAN'], approvers: ['UBEN'], localUsers: { dan: 'UDAN' } };
const servers = (made: number, deleted = 0): LostThings[] => [{ what: 'servers', made, deleted }];

/** A run whose schema has moved, and a database that tells so much now. */
function world(first: readonly LostThings[] | undefined) {
  let run = e.readyRun(plan, ...ran('backup'), ...ran('sync'));
  let lost = first;
  let second = 60;
  const log: RunEvent[] = [];
  const now = (): string => e.after(second);
  const store = {
    load: async () => run,
    events: async () => log,
    append: async (_id: string, next: (state: typeof run) => RunEvent | undefined) => {
      const event = next(run);
      if (event === undefined) return { run };
      run = evolve(run, event);
      log.push(event);
      return { run, event };
    },
  } as unknown as RunStore;
  const desk = bareDesk({
    store,
    access: listedAccess,
    loadCloud: async () => ({ name: 'staging', access }) as unknown as Cloud,
    now: () => now(),
    countLost: async () => lost,
  });
  const press = (user: string, rest: Partial<Press>): Press => ({
    id: `p${second}`,
    at: now(),
    user,
    channel: 'C0STAGING',
    source: 'word',
    ...rest,
  });
  const pressOf = (user: string, action: string): Press => {
    const value = cardButtons(run).find(({ action_id: id }) => id === action)?.value ?? '';
    return press(user, { source: 'button', action, value });
  };
  const perform = async (pressed: Press) => (await performPress(pressed, desk)).text;
  return {
    log,
    card: () => drawnMessage(runCard(run, now(), 'plain')),
    tell: (things: readonly LostThings[] | undefined) => (lost = things),
    later: (seconds: number) => (second += seconds),
    press,
    perform,
    presses: (user: string, action: string) => perform(pressOf(user, action)),
    types: (user: string, text: string) => perform(press(user, { text })),
    door: async (...words: string[]) => {
      const said: string[] = [];
      const say = (text: string) => said.push(text);
      await answerDoor({ account: 'dan', words, say, gone: AbortSignal.abort() }, desk);
      return said.join('\n');
    },
    window: async (user: string) => {
      const views: ModalView[] = [];
      const pressed = pressOf(user, 'run.rollback');
      await fillWordsWindow(pressed, desk, async (view) => void views.push(view));
      return JSON.stringify(views.at(-1)?.blocks[0]);
    },
  };
}

type Counting = ReturnType<typeof world>;

/** How the second person confirms. */
const ways: readonly (readonly [string, (on: Counting) => Promise<string>])[] = [
  ['pressed', ({ presses }) => presses('UBEN', 'run.confirm')],
  ['typed', ({ types }) => types('UBEN', 'approve 7f3a12')],
  ['taken at the door', ({ door }) => door('approve', '7f3a12')],
];

const price = [
  'back up nova go back to the backup of 02:00 UTC',
  'LOST: everything written since, 58 s (3 servers made, 1 server deleted',
  'Restored whole by a person: no host',
  '2 steps on 1 host, last to first',
];

describe('the price of a rollback', () => {
  it('is the same in its window, at the door and on the card of who confirms', async () => {
    const { window, door, types, card } = world(servers(3, 1));
    for (const line of price) expect(await window('UANN')).toContain(line);
    await types('UANN', 'rollback 7f3a12');
    for (const line of price) expect(card()).toContain(line);
    expect(card()).toContain('1 server deleted; counted 02:01 UTC)');
    const said = await door('rollback', '7f3a12');
    for (const line of price)
      expect(said.replace(/\d{4}-[\dT:.-]+Z/g, '02:00 UTC')).toContain(line);
  });

  it.each(ways)('is counted anew when it is confirmed, and said: %s', async (_way, confirm) => {
    const on = world(servers(30));
    const { types, later, log, tell } = on;
    await types('UANN', 'rollback 7f3a12');
    later(60);
    tell(servers(33));
    const said = await confirm(on);
    expect(said).toContain('Confirmed.');
    expect(said).toContain('LOST: everything written since, 2 min (33 servers made)');
    expect(log.map(({ type }) => type)).toEqual([
      'RollbackProposed',
      'LossCounted',
      'LossCounted',
      'RollbackRequested',
    ]);
  });

  it.each(ways)(
    'stops who confirms once where much more would be lost: %s',
    async (_way, confirm) => {
      const on = world(servers(3));
      const { types, later, log, tell, card } = on;
      await types('UANN', 'rollback 7f3a12');
      later(60);
      tell(servers(5, 1));
      const said = await confirm(on);
      expect(said).toContain(
        'Nothing was done: more would be lost than when that was said last: 2 more servers made, 1 more server deleted',
      );
      expect(card()).toContain('(5 servers made, 1 server deleted; counted 02:02 UTC)');
      expect(log.map(({ type }) => type)).not.toContain('RollbackRequested');
      later(5);
      expect(await confirm(on)).toContain('Confirmed.');
    },
  );

  it('does not take the second delivery of a press for somebody who has read it', async () => {
    const { types, press, perform, later, log, tell } = world(servers(3));
    await types('UANN', 'rollback 7f3a12');
    later(60);
    tell(servers(5));
    const pressed = press('UBEN', { text: 'approve 7f3a12' });
    later(1);
    expect(await perform(pressed)).toContain('2 more servers made');
    expect(await perform(pressed)).toContain('2 more servers made');
    expect(log.map(({ type }) => type)).not.toContain('RollbackRequested');
  });

  it('holds up nobody where the databases do not tell', async () => {
    const { types, later, tell } = world(servers(3));
    await types('UANN', 'rollback 7f3a12');
    later(60);
    tell(undefined);
    const said = await types('UBEN', 'approve 7f3a12');
    expect(said).toContain('Confirmed.');
    expect(said).toContain('(not counted: the databases did not tell)');
  });

  it('is much more where it is over a tenth of what was known', () => {
    expect(moreLost(servers(100), servers(110))).toEqual([]);
    expect(moreLost(servers(100), servers(111))).toEqual([
      { what: 'servers', how: 'made', more: 11 },
    ]);
    expect(moreLost([], servers(0, 1))).toEqual([{ what: 'servers', how: 'deleted', more: 1 }]);
    expect(moreLost(servers(5), servers(3))).toEqual([]);
  });
});
