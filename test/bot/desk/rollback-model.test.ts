import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AccessLists } from '../../../bot/desk/rights.ts';
import { performPress } from '../../../bot/desk/perform.ts';
import type { Cloud } from '../../../jobs/files/cloud.ts';
import { stateMark } from '../../../jobs/run/act.ts';
import type { RunEvent } from '../../../jobs/run/events.ts';
import { evolve, fold } from '../../../jobs/run/fold.ts';
import type { Run } from '../../../jobs/run/run.ts';
import { bareDesk } from '../../support/bare-desk.ts';
import * as e from '../../support/runs/events.ts';

const people = ['UANN', 'UBEN', 'UCHI', 'UDAN'];
const plan = e.planOf(
  e.step('back-up', { restores: 'databases' }),
  e.step('sync', { exit: 'restorable' }),
  e.step('last'),
);
const ran = (id: string): RunEvent[] => [e.started(e.work(id)), e.succeeded(e.work(id))];
const moved = e.inOrder(e.requested(plan), e.hostReady('ctl1'), ...ran('back-up'), ...ran('sync'));

type Name = 'rollback' | 'confirm' | 'decline' | 'approve';
type Move =
  | { readonly do: 'press'; readonly who: string; readonly name: Name; readonly isTyped: boolean }
  | { readonly do: 'rights'; readonly who: string }
  | { readonly do: 'wait'; readonly minutes: number }
  /** Every process starts anew, and reads the log. */
  | { readonly do: 'restart' };

const somebody = fc.constantFrom(...people);
const moves: fc.Arbitrary<Move[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('press' as const),
        who: somebody,
        name: fc.constantFrom<Name>('rollback', 'rollback', 'confirm', 'approve', 'decline'),
        isTyped: fc.boolean(),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('rights' as const), who: somebody }) },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('wait' as const), minutes: fc.nat(12) }),
    },
    { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
  ),
  { minLength: 5, maxLength: 30, size: 'max' },
);

const reasons: Readonly<Record<Name, string>> = {
  rollback: ' because nobody answers',
  decline: ' it works again',
  confirm: '',
  approve: '',
};

type RightsOf = AccessLists['rightsOf'];

const toggle = (may: Set<string>, who: string): void => {
  if (!may.delete(who)) may.add(who);
};

/** Plays a history; answers what was rolled back although it may not, and how often it was rolled back. */
async function play(all: readonly Move[], tell: (rightsOf: RightsOf) => RightsOf) {
  const log = [...moved];
  let [run, nowMs] = [fold(log), Date.parse(e.after(60))];
  const may = new Set(people);
  const wrong: string[] = [];
  let asked: { by: string; ms: number } | undefined;
  const check = (event: RunEvent): void => {
    if (event.type === 'RollbackProposed') asked = { by: event.by, ms: nowMs };
    if (event.type === 'RollbackDeclined') asked = undefined;
    if (event.type !== 'RollbackRequested') return;
    const isTwo = event.by !== asked?.by && event.askedBy === asked?.by && may.has(asked?.by ?? '');
    const isAlone =
      event.by === asked?.by && event.alone !== undefined && nowMs - asked.ms >= 10 * 60_000;
    if (!may.has(event.by) || !(isTwo || isAlone)) wrong.push(JSON.stringify(event));
  };
  const rightsOf: RightsOf = async (id) => ({
    id,
    isEngineer: may.has(id),
    isApprover: false,
    doubts: [],
  });
  const access = { engineers: people, approvers: people };
  const desk = bareDesk({
    store: {
      load: async () => run,
      events: async () => log,
      recent: async () => [],
      append: async (_id, next) => {
        const event = next(run);
        if (event === undefined) return { run };
        check(event);
        log.push(event);
        run = evolve(run, event);
        return { run, event };
      },
    },
    access: { rightsOf: tell(rightsOf) },
    // No more of it is read here.
    loadCloud: async () => ({ name: 'staging', access }) as unknown as Cloud,
    now: () => new Date(nowMs).toISOString(),
  });
  for (const [nth, move] of all.entries()) {
    nowMs += 1000;
    if (run.rollback !== undefined) break;
    if (move.do === 'rights') toggle(may, move.who);
    else if (move.do === 'wait') nowMs += move.minutes * 60_000;
    else if (move.do === 'restart') run = fold(log);
    else await performPress(pressOf(move, { run, at: desk.now(), nth }), desk);
  }
  const { rollback } = run;
  return { wrong, isBack: rollback !== undefined, isAlone: rollback?.alone !== undefined };
}

function pressOf(
  { who, name, isTyped }: Extract<Move, { do: 'press' }>,
  { run, at, nth }: { readonly run: Run; readonly at: string; readonly nth: number },
) {
  const common = { id: `p${nth}`, at, user: who, channel: 'C0' };
  const word = { confirm: 'approve', decline: 'reject' }[name as string] ?? name;
  if (isTyped || name === 'approve')
    return { ...common, source: 'word' as const, text: `${word} ${run.id}${reasons[name]}` };
  const seen = stateMark(run, name);
  const value = JSON.stringify({ run: run.id, seen });
  return { ...common, source: 'button' as const, action: `run.${name}`, value };
}

async function playMany(runs: number, tell: (rightsOf: RightsOf) => RightsOf = (same) => same) {
  const wrong: string[] = [];
  let [back, alone] = [0, 0];
  await fc.assert(
    fc.asyncProperty(moves, async (all) => {
      const found = await play(all, tell);
      wrong.push(...found.wrong);
      if (found.isBack) back += 1;
      if (found.isAlone) alone += 1;
    }),
    { numRuns: runs, seed: Number(process.env['MODEL_SEED'] ?? 20261130) },
  );
  return { wrong, back, alone };
}

describe('a rollback of what has moved, whatever people, rights and restarts do', () => {
  const runs = Number(process.env['MODEL_RUNS'] ?? 1000);

  it('goes with two people who may, or alone after ten minutes', async () => {
    const { wrong, back, alone } = await playMany(runs);
    expect(wrong).toEqual([]);
    expect(back).toBeGreaterThan(runs / 10);
    expect(alone).toBeGreaterThan(0);
  });

  it('would show it if rights were those of when somebody asked', async () => {
    const { wrong } = await playMany(500, (rightsOf) => async (id, lists) => ({
      ...(await rightsOf(id, lists)),
      isEngineer: true,
    }));
    expect(wrong.length).toBeGreaterThan(0);
  });
});
