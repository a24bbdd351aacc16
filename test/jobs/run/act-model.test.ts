import { describe, it } from '@jest/globals';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { actOnRun, offeredActions, stateMark } from '../../../jobs/run/act.ts';
import { decide, openGate } from '../../../jobs/run/decide.ts';

import type { Run } from '../../../jobs/run/run.ts';
import { type Fix, failedStep } from '../../../jobs/run/fixes.ts';
import { requested } from '../../support/runs/events.ts';
import { modelPeople, smallPlans, someFix, weighted } from '../../support/runs/small-plans.ts';
import { type HostLuck, type PretendRun, pretendRun } from '../../support/runs/pretend-hosts.ts';
import { mustHold } from '../../support/runs/must-hold.ts';
import { watchPromises } from '../../support/runs/promises.ts';
import { wholeAction } from '../../support/runs/whole-action.ts';
import type { ActionName, PersonRights } from '../../../jobs/run/action.ts';

const [ann, , , dan] = modelPeople;
describe('a run, whatever hosts and people do', () => {
  it('keeps every promise after every event, and can always be ended', async () => {
    await fc.assert(
      fc.asyncProperty(
        smallPlans,
        fc.array(moves, { maxLength: 150, size: 'max' }),
        async (of, sequence) => {
          const seen: Run[] = [];
          const world = pretendRun([requested(of)], watchPromises());
          for (const move of sequence) {
            seen.push(world.run());
            await carryOut(world, move, seen);
            checkState(world);
          }
          await canEnd(world.copy(), leave);
          await canEnd(world.copy(), leaveForDead);
          await canEnd(world.copy(), finish);
        },
      ),
      { numRuns: Number(process.env['MODEL_RUNS'] ?? 300) },
    );
  });
});

const anyLuck = weighted<HostLuck>(
  [24, 'good'],
  [6, 'failed'],
  [2, 'unreachable'],
  [3, 'gone'],
  [3, 'lost'],
  [3, 'silent'],
  [3, 'alive'],
  [4, 'nothing'],
);
/** What somebody would like to press, the dearest first. */
const wishes = fc.array(
  weighted<ActionName>(
    [60, 'approve'],
    [60, 'resume'],
    [60, 'done'],
    [30, 'retry'],
    [10, 'skip'],
    [20, 'fix'],
    [20, 'rollback'],
    [30, 'confirm'],
    [6, 'decline'],
    [5, 'pause'],
    [2, 'reject'],
    [3, 'abort'],
  ),
  { minLength: 1, maxLength: 3 },
);
const somebody = weighted([1, 0], [4, 1], [4, 2], [2, 3], [1, 4]);

const moves = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('advance' as const) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('work' as const),
      nth: fc.nat(7),
      luck: anyLuck,
      advances: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('press' as const),
      wishes,
      who: somebody,
      back: fc.option(fc.nat(5), { freq: 2 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('type' as const),
      name: wishes.map(([name]) => name ?? 'pause'),
      who: somebody,
      text: fc.constantFrom('', 'because'),
      // Drawn from a state so many moves ago; absent for a typed word.
      ago: fc.option(fc.nat(10)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
);
type Move = typeof moves extends fc.Arbitrary<infer M> ? M : never;

async function carryOut(world: PretendRun, move: Move, seen: readonly Run[]): Promise<void> {
  const run = world.run();
  switch (move.do) {
    case 'advance':
      return world.advance();
    case 'work': {
      const jobs = world.jobs();
      const job = jobs[move.nth % jobs.length];
      if (job !== undefined) world.work(job, move.luck);
      return move.advances ? world.advance() : undefined;
    }
    case 'press': {
      const offered = [
        ...offeredActions(run),
        ...(failedStep(run) === undefined ? [] : ['fix' as const]),
      ];
      const name = move.wishes.find((wish) => offered.includes(wish));
      const to = move.back === null ? undefined : run.plan.steps[move.back]?.id;
      if (name !== undefined)
        press(world, {
          name,
          // Nobody is left to approve twice what one of the two approvers chose; a rejection leads out of that.
          who: name === 'fix' ? dan : (modelPeople[move.who] ?? modelPeople[0]),
          text: 'because',
          seen: stateMark(run, name),
          ...(name === 'fix' ? { way: someFix(run, move.who) } : {}),
          ...(to === undefined ? {} : { step: to }),
        });
      return;
    }
    case 'type': {
      const then = move.ago === null ? undefined : seen.at(-1 - move.ago);
      press(world, {
        name: move.name,
        who: modelPeople[move.who] ?? modelPeople[0],
        text: move.text,
        ...(then === undefined ? {} : { seen: stateMark(then, move.name) }),
      });
      return;
    }
    case 'crash':
      world.crash();
  }
}

interface Press {
  readonly name: ActionName;
  readonly who: PersonRights | undefined;
  readonly text?: string;
  readonly seen?: string;
  readonly step?: string;
  readonly way?: Fix;
}

function press(world: PretendRun, { who = ann, ...action }: Press): boolean {
  if (who === undefined) throw new Error('nobody presses');
  const run = world.run();
  const verdict = actOnRun(run, wholeAction(run, action), who, world.now());
  if ('event' in verdict) world.append(verdict.event);
  else mustHold(verdict.reason !== '', 'a refusal has a reason');
  return 'event' in verdict;
}

/** What must hold in every state. */
function checkState(world: PretendRun): void {
  const run = world.run();
  const decisions = decide(run);
  const offered = offeredActions(run);
  mustHold(isDeepStrictEqual(decide(run), decisions), 'deciding twice is deciding the same');
  if (run.ended === undefined) {
    mustHold(offered.length + decisions.length > 0, 'a run that has not ended can go on');
  } else {
    mustHold(decisions.length === 0, 'nothing is decided after the end');
    mustHold(
      offered.every((name) => ['rollback', 'confirm', 'decline'].includes(name)),
      'only a rollback follows the end',
    );
  }
  for (const name of offered) {
    const pressed = modelPeople.map((person) =>
      actOnRun(
        run,
        wholeAction(run, { name, text: 'because', seen: stateMark(run, name) }),
        person,
        world.now(),
      ),
    );
    const refused = pressed.map((verdict) => ('refused' in verdict ? verdict.refused : undefined));
    mustHold(refused.includes(undefined), `somebody can press ${name}`);
    mustHold(refused.at(-1) === 'notAllowed', `a stranger cannot press ${name}`);
    if (name === 'approve') mustHold(refused[0] === 'notAllowed', 'the requester does not approve');
  }
}

/** A person's next press on the way to the run's end, and what the hosts do meanwhile. */
interface Strategy {
  readonly luck: HostLuck;
  readonly press: (run: Run) => Press | undefined;
}

const by = (name: ActionName): Press => ({ name, who: dan, text: 'because' });

/** Abort, and again where something outlived it. */
const leave: Strategy = { luck: 'good', press: () => by('abort') };

/** All hosts are dead for good. */
const leaveForDead: Strategy = {
  luck: 'silent',
  press: (run) =>
    by(offeredActions(run).includes('skip') && run.aborting !== undefined ? 'skip' : 'abort'),
};

/** Whatever brings the run on. */
const finish: Strategy = {
  luck: 'good',
  press: (run) => {
    const wish = (['decline', 'resume', 'done', 'retry', 'skip', 'approve', 'abort'] as const).find(
      (name) => offeredActions(run).includes(name),
    );
    if (wish !== 'approve') return wish === undefined ? undefined : by(wish);
    const given = openGate(run)?.given ?? [];
    const who = modelPeople.slice(1, 3).find(({ id }) => !given.includes(id));
    return { name: 'approve', who };
  },
};

async function canEnd(world: PretendRun, { luck, press: next }: Strategy): Promise<void> {
  for (let round = 0; round < 300 && world.run().ended === undefined; round += 1) {
    const { version } = world.run();
    await world.advance();
    for (const job of world.jobs()) world.work(job, luck);
    if (world.run().version !== version || world.run().ended !== undefined) continue;
    const wanted = next(world.run());
    if (wanted !== undefined) press(world, wanted);
  }
  mustHold(world.run().ended !== undefined, `people can end the run by ${next(world.run())?.name}`);
}
