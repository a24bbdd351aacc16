import type { ModalView } from '@slack/types';
import { describe, expect, it } from '@jest/globals';
import { fillWordsWindow } from '../../../bot/desk/words-window.ts';
import { cardButtons } from '../../../bot/views/card/buttons.ts';
import { checkModalLimits } from '../../../bot/views/limits.ts';
import type { RunStore } from '../../../jobs/redis/store.ts';
import type { LostThings } from '../../../jobs/run/rollback/lost-things.ts';
import { bareDesk } from '../../support/bare-desk.ts';
import type { Cloud } from '../../../jobs/files/cloud.ts';
import { listedAccess } from '../../support/listed.ts';
import * as e from '../../support/runs/events.ts';

const plan = e.planOf(
  e.step('backup', { restores: 'databases', title: 'back up nova' }),
  e.step('sync', { exit: 'restorable' }),
  e.step('last'),
);
const access = { engineers: ['UANN'], approvers: ['UBEN'] };
const ran = (id: string) => [e.started(e.work(id)), e.succeeded(e.work(id))];
const run = e.readyRun(plan, ...ran('backup'), ...ran('sync'));
const button = cardButtons(run).find(({ action_id: id }) => id === 'run.rollback');

/** What the window of Roll back says to this person, one view after the other. */
async function shownTo(user: string, lost?: readonly LostThings[]): Promise<string[]> {
  const views: ModalView[] = [];
  const store = { load: async () => run } as unknown as RunStore;
  const desk = bareDesk({
    store,
    access: listedAccess,
    loadCloud: async () => ({ name: 'staging', access }) as unknown as Cloud,
    now: () => e.after(3600),
    countLost: async () => lost,
  });
  const press = { id: 'p', at: e.after(60), user, channel: 'C0', source: 'button' as const };
  const value = button?.value ?? '';
  await fillWordsWindow({ ...press, action: 'run.rollback', value }, desk, async (view) => {
    checkModalLimits(view);
    views.push(view);
  });
  return views.map((view) => JSON.stringify(view.blocks[0]));
}

describe('the window of Roll back', () => {
  it('names the price at once, and then with what was made and deleted', async () => {
    const [first = '', second = ''] = await shownTo('UANN', [
      { what: 'servers', made: 3, deleted: 1 },
      { what: 'volumes', made: 0, deleted: 0 },
    ]);

    expect(first).toContain('back up nova go back to the backup of 02:00 UTC');
    expect(first).toContain(
      'LOST: everything written since, 1 h (what was made or deleted is being counted)',
    );
    expect(second).toContain(
      'LOST: everything written since, 1 h (3 servers made, 1 server deleted)',
    );
  });

  it('says that nothing was made, or that nobody could tell', async () => {
    const none = [{ what: 'servers' as const, made: 0, deleted: 0 }];

    expect((await shownTo('UANN', none)).at(-1)).toContain(
      '(no server made or deleted, as far as the databases tell)',
    );
    expect((await shownTo('UANN')).at(-1)).toContain('(not counted: the databases did not tell)');
  });

  it('says nothing of it to who may not read the run', async () => {
    expect(await shownTo('UDAN')).toEqual([]);
  });
});
