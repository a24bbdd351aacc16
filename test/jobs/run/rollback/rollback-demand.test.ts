import { describe, expect, it } from '@jest/globals';
import { actOnRun, offeredActions } from '../../../../jobs/run/act.ts';
import type { Action, PersonRights } from '../../../../jobs/run/action.ts';
import { decide } from '../../../../jobs/run/decide.ts';
import type { RunEvent } from '../../../../jobs/run/events.ts';
import { evolve } from '../../../../jobs/run/fold.ts';
import { isPhrase, rollbackDemand } from '../../../../jobs/run/rollback/rollback-demand.ts';
import { planRollback } from '../../../../jobs/run/rollback/rollback.ts';
import type { Run } from '../../../../jobs/run/run.ts';
import * as e from '../../../support/runs/events.ts';
import { ann, ben, dan, eve } from '../../../support/runs/run-states.ts';

const backup = e.step('back-up', { restores: 'databases' });
const sync = e.step('sync', { exit: 'restorable' });
const rows = e.step('move-rows', { exit: 'oneWay' });
const install = e.step('install', {
  kind: 'package',
  params: { install: ['nova-compute'] },
});
const last = e.step('last');

const ran = (id: string): RunEvent[] => [e.started(e.work(id)), e.succeeded(e.work(id))];
const runOf = (...steps: ReturnType<typeof e.step>[]): Run =>
  e.readyRun(e.planOf(...steps, last), ...steps.flatMap(({ id }) => ran(id)));
const demand = (run: Run) => rollbackDemand(run, planRollback(run));

const moved = runOf(backup, sync);

/** What somebody does so many seconds after the run began; the state afterwards, or why not. */
function press(run: Run, person: PersonRights, action: Action, second: number): Run | string {
  const verdict = actOnRun(run, action, person, e.after(second));
  return 'event' in verdict ? evolve(run, verdict.event) : verdict.reason;
}
const state = (run: Run | string): Run => {
  if (typeof run === 'string') throw new Error(run);
  return run;
};
const asked = state(press(moved, dan, { name: 'rollback' }, 100));

describe('what a rollback takes', () => {
  it.each<[string, ReturnType<typeof demand>, Run]>([
    ['one engineer while nothing has moved', { people: 1 }, runOf(backup)],
    ['two people once a schema has moved', { people: 2 }, moved],
    ['two people once packages of a host have', { people: 2 }, runOf(install)],
    [
      'the phrase as well behind a one-way step',
      { people: 2, phrase: 'staging keeps move-rows' },
      runOf(backup, sync, rows),
    ],
  ])('%s', (_it, wanted, run) => {
    expect(demand(run)).toEqual(wanted);
  });

  it('reads the phrase however a phone wrote it', () => {
    expect(isPhrase('“Staging  keeps move–rows”', 'staging keeps move-rows')).toBe(true);
    expect(isPhrase('staging keeps', 'staging keeps move-rows')).toBe(false);
    expect(isPhrase(undefined, 'staging keeps move-rows')).toBe(false);
  });
});

describe('a rollback that takes two people', () => {
  it('waits for the second one, and nothing begins meanwhile', () => {
    expect(asked.proposed).toMatchObject({ by: 'UDAN', to: 'back-up' });
    expect(decide(asked)).toEqual([]);
    expect(offeredActions(asked)).toEqual(['confirm', 'decline', 'abort']);
  });

  it('goes once somebody else confirms it, by button or by approve', () => {
    for (const name of ['confirm', 'approve'] as const)
      expect(press(asked, ben, { name, proposer: dan }, 160)).toMatchObject({
        rollback: { by: 'UBEN', askedBy: 'UDAN', to: 'back-up' },
      });
  });

  it('is not confirmed once somebody has done a step meanwhile, even one that no rollback undoes', () => {
    const snapshot = e.step('snapshot', { doer: 'person', restores: 'hosts', covers: ['ctl1'] });
    const waits = [...ran('back-up'), ...ran('sync'), e.personAsked(e.work('snapshot'))];
    const run = e.readyRun(e.planOf(backup, sync, snapshot), ...waits);
    const proposed = state(press(run, dan, { name: 'rollback' }, 100));
    const done = state(press(proposed, ben, { name: 'done', text: 'snap-1' }, 110));

    expect(press(done, ben, { name: 'confirm', proposer: dan }, 120)).toContain('Ask for it again');
    expect(press(proposed, ben, { name: 'confirm', proposer: dan }, 120)).toMatchObject({
      rollback: { to: 'back-up' },
    });
  });

  it('is not confirmed by who asked, by a stranger, or for somebody who has lost the right', () => {
    expect(press(asked, dan, { name: 'approve', proposer: dan }, 160)).toContain('a second person');
    expect(press(asked, eve, { name: 'confirm', proposer: dan }, 160)).toContain('only engineers');
    const powerless = { ...dan, isEngineer: false };
    for (const proposer of [powerless, ann])
      expect(press(asked, ben, { name: 'confirm', proposer }, 160)).toContain('any more');
    expect(press(asked, ben, { name: 'confirm' }, 160)).toContain('any more');
  });

  it('is not what an approve meant that was typed before it was there', () => {
    expect(press(asked, ben, { name: 'approve', proposer: dan }, 100)).toContain('second person');
  });

  it('is dropped by reject, and the run goes on', () => {
    const dropped = state(press(asked, ben, { name: 'reject', text: 'nova is back' }, 160));
    expect(dropped.proposed).toBeUndefined();
    expect(decide(dropped)).toMatchObject([{ do: 'start', work: { step: 'last' } }]);
  });

  it('is not confirmed once something else has begun', () => {
    const later = evolve(asked, e.atSecond(120, e.started(e.work('last'))));
    expect(press(later, ben, { name: 'approve', proposer: dan }, 160)).toContain(
      'Ask for it again',
    );
    expect(offeredActions(later)).toEqual(['decline', 'abort']);
    expect(press(later, dan, { name: 'rollback' }, 170)).toMatchObject({
      proposed: { at: e.after(170) },
    });
  });

  it('is gone alone after ten minutes, by who asked, with a reason', () => {
    expect(press(asked, dan, { name: 'rollback', text: 'alone' }, 640)).toContain('in 1 min');
    expect(press(asked, dan, { name: 'rollback' }, 700)).toContain('say why');
    expect(press(asked, ann, { name: 'rollback', text: 'alone' }, 700)).toContain('approve 7f3a12');
    expect(press(asked, dan, { name: 'rollback', text: 'nobody answers' }, 700)).toMatchObject({
      rollback: { alone: { since: e.after(100), reason: 'nobody answers' } },
    });
  });

  it('waits as long as the cloud wants', () => {
    const soon = state(press(moved, dan, { name: 'rollback', aloneAfterMs: 60_000 }, 100));
    expect(press(soon, dan, { name: 'rollback', text: 'alone' }, 159)).toContain('in 1 min');
    expect(press(soon, dan, { name: 'rollback', text: 'alone' }, 160)).toHaveProperty('rollback');
  });
});
