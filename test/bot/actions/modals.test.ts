import { describe, expect, it } from '@jest/globals';
import { intentOfButton } from '../../../bot/actions/buttons.ts';
import { modalOf } from '../../../bot/actions/modals.ts';
import type { Press } from '../../../bot/actions/press.ts';
import { planOf, readyRun, started, step, succeeded, work } from '../../support/runs/events.ts';
import { cardButtons } from '../../../bot/views/card/buttons.ts';

const common = { id: 'p', at: '2026-11-22T02:10:00Z', user: 'UANN', channel: 'C0' };
const ran = (id: string) => [started(work(id)), succeeded(work(id))];

/** A press of Roll back on the card of a run of these steps, of which all but the last ran. */
function press(exit: 'reversible' | 'oneWay'): Press {
  const plan = planOf(step('rows', { exit }), step('files'), step('last'));
  const run = readyRun(plan, ...ran('rows'), ...ran('files'));
  const button = cardButtons(run).find(({ action_id: id }) => id === 'run.rollback');
  return { ...common, source: 'button', action: 'run.rollback', value: button?.value ?? '' };
}

describe('the window of Roll back', () => {
  it('asks for the phrase behind a one-way step, and only there', () => {
    expect(modalOf(press('reversible'))).toBeUndefined();
    expect(JSON.stringify(modalOf(press('oneWay')))).toContain('Type: staging keeps rows');
  });

  it('takes a reason, alone where nothing has to be typed', () => {
    const moved = step('sync', { exit: 'restorable' });
    const plan = planOf(step('backup', { restores: 'databases' }), moved, step('last'));
    const run = readyRun(plan, ...ran('backup'), ...ran('sync'));
    const button = cardButtons(run).find(({ action_id: id }) => id === 'run.rollback');
    const pressed = { ...press('oneWay'), value: button?.value ?? '' };

    expect(button?.confirm).toBeUndefined();
    expect(modalOf(pressed)?.blocks.filter(({ type }) => type === 'input')).toMatchObject([
      { block_id: 'reason', optional: true },
    ]);
    expect(
      intentOfButton({ ...pressed, source: 'modal', input: '', reason: 'it drops rows' }),
    ).toEqual({
      do: 'act',
      run: run.id,
      action: { name: 'rollback', seen: expect.any(String), text: 'it drops rows' },
    });
  });

  it('gives what was typed as the phrase', () => {
    const submitted = { ...press('oneWay'), source: 'modal' as const, input: 'staging keeps rows' };
    expect(intentOfButton(submitted)).toMatchObject({
      do: 'act',
      action: { name: 'rollback', phrase: 'staging keeps rows' },
    });
  });
});
