import { stateMark } from '../../jobs/run/act.ts';
import type { ActionName, PersonRights } from '../../jobs/run/action.ts';
import { openGate } from '../../jobs/run/decide.ts';
import { failedStep } from '../../jobs/run/fixes.ts';
import type { Run } from '../../jobs/run/run.ts';
import { requested } from '../support/runs/events.ts';
import { mustHold } from '../support/runs/must-hold.ts';
import { modelPeople, someFix } from '../support/runs/small-plans.ts';
import type { SimulatedCore } from './core.ts';
import type { SimEnding, SimHistory, SimMove } from './moves.ts';
import { type SimPress, SimWorld, isAllInLog } from './world.ts';

const [ann, , , dan] = modelPeople;

/** How often something happened, over all histories. */
export type HistoryCounts = Map<string, number>;

/** Plays a history. Throws `broken: …` where a promise does not hold. */
export function playHistory(
  core: SimulatedCore,
  { plan, calm, moves: all, ending }: SimHistory,
  counts: HistoryCounts = new Map(),
): void {
  const world = new SimWorld(core, requested(plan));
  const player: Player = { core, world, seen: [], counts };
  for (const move of all) {
    player.seen.push(world.load());
    world.tick(700);
    if (!faults.has(move.do) || move.luck >= calm) carryOut(player, move);
    if (world.load() !== player.seen.at(-1)) checkState(player);
  }
  bringToEnd(player, ending);
  count(counts, `ended: ${world.load().ended?.outcome ?? ''}`);
}

const faults: ReadonlySet<SimMove['do']> = new Set([
  'host',
  'expire',
  'crash',
  'crashAll',
  'storeGoesBack',
  'jump',
]);

interface Player {
  readonly core: SimulatedCore;
  readonly world: SimWorld;
  readonly seen: Run[];
  readonly counts: HistoryCounts;
  last?: SimPress;
}

const count = (counts: HistoryCounts, what: string): void =>
  void counts.set(what, (counts.get(what) ?? 0) + 1);

function carryOut(player: Player, move: SimMove): void {
  const { world, counts } = player;
  switch (move.do) {
    case 'work':
      return world.work(move.nth, move.steps + 1);
    case 'decide':
      return world.decide();
    case 'goOn':
      for (let round = 0; round <= move.rounds; round += 1) goOn(player, 'a good day');
      return;
    case 'press':
      return wish(player, move);
    case 'pressAgain':
      if (player.last !== undefined) world.press(player.last);
      return;
    case 'process': {
      const processes = world.hosts.flatMap((host) =>
        host.processes.map((process) => ({ host, process })),
      );
      const one = processes[move.nth % Math.max(1, processes.length)];
      if (one === undefined) return;
      count(counts, move.what);
      if (move.what === 'isLate') one.process.isLate = true;
      else if (move.what === 'isStubborn') one.process.isStubborn = true;
      else if (move.what === 'vanishes') one.host.vanish(one.process);
      else one.host.finish(one.process, move.what === 'fails' ? 3 : 0, move.what === 'leavesChild');
      return;
    }
    case 'host': {
      const host = world.hosts[move.nth % world.hosts.length];
      // One witness at least is left, the log or the host.
      const isForgetting = move.what === 'forgets' || move.what === 'goesBack';
      if (host === undefined || (isForgetting && !isAllInLog(world.load(), host))) return;
      count(counts, `host ${move.what}`);
      if (move.what === 'reboots') return host.reboot();
      if (move.what === 'forgets') return host.forget();
      if (move.what === 'goesBack') return host.restore(move.count);
      host.isSilent = move.what === 'silent';
      return;
    }
    case 'expire':
      return world.expire(move.nth);
    case 'crash':
      return world.crash(move.nth, move.isLost);
    case 'crashAll':
      return world.crashAll();
    case 'storeGoesBack':
      return count(
        counts,
        world.goBack(move.events, move.losesJobs) ? 'store went back' : 'no witness',
      );
    case 'jump':
      return world.jump(move.ms);
  }
}

const leaving: ReadonlySet<ActionName> = new Set([
  'abort',
  'reject',
  'pause',
  'rollback',
  'decline',
]);

function wish(player: Player, move: Extract<SimMove, { do: 'press' }>): void {
  const { core, world, seen } = player;
  const run = world.load();
  const from = seen.at(-1 - move.ago) ?? run;
  const offered = [
    ...core.offeredActions(from),
    ...(failedStep(from) === undefined ? [] : ['fix' as const]),
    // Who asked goes alone, or somebody asks for another one.
    ...(from.proposed === undefined ? [] : ['rollback' as const]),
  ];
  const name = move.wishes.find(
    (one, index) => offered.includes(one) && (index === 0 || !leaving.has(one)),
  );
  if (name === undefined) return;
  const to = move.back === null ? undefined : run.plan.steps[move.back]?.id;
  // Nobody is left to approve twice what one of the two approvers chose.
  const person = (name === 'fix' ? dan : modelPeople[move.who]) ?? ann;
  if (person === undefined) return;
  const action = {
    name,
    text: 'because',
    ...(move.isTyped ? {} : { seen: stateMark(from, name) }),
    ...(name === 'fix' ? { way: someFix(run, move.who) } : {}),
    ...(to === undefined ? {} : { step: to }),
  };
  player.last = { action, person };
  world.press(player.last);
}

/** What must hold in every state. */
function checkState({ core, world }: Player): void {
  const run = world.load();
  const decisions = core.decide(run);
  const offered = core.offeredActions(run);
  if (run.ended === undefined) {
    mustHold(offered.length + decisions.length > 0, 'a run that has not ended can go on');
    if (run.aborting === undefined)
      mustHold(offered.includes('abort'), 'a run that has not ended can be aborted');
  } else {
    mustHold(decisions.length === 0, 'nothing is decided after the end');
    mustHold(
      offered.every((name) => ['rollback', 'confirm', 'decline'].includes(name)),
      'only a rollback follows the end',
    );
  }
}

/** Nothing more goes wrong: people and hosts bring the run to its end. */
function bringToEnd(player: Player, ending: SimEnding): void {
  const { world } = player;
  world.crashAll();
  for (const host of world.hosts) host.isSilent = ending === 'hosts are dead';
  for (let round = 0; round < 400 && world.load().ended === undefined; round += 1)
    goOn(player, round > 200 && ending === 'finish' ? 'abort' : ending);
  mustHold(world.load().ended !== undefined, `people can bring a run to its end: ${ending}`);
}

/** Everything that can happen by itself, or else the next that hosts or people do. */
function goOn({ core, world }: Player, ending: SimEnding): void {
  const { version } = world.load();
  world.decide();
  // What was decided, and what it led to.
  for (let round = 0; round < 2; round += 1)
    for (let job = world.jobCount() - 1; job >= 0; job -= 1) world.work(job, 40);
  world.tick(3000);
  if (world.load().version !== version) return;
  // On an ordinary day nobody ends what a step has left behind, or what no signal ends.
  const processes = world.hosts
    .flatMap((host) => host.processes.map((process) => ({ host, process })))
    .filter(({ process }) => ending !== 'a good day' || !(process.isChild || process.isStubborn));
  if (processes.length > 0 && ending !== 'hosts are dead') {
    for (const { host, process } of processes) host.finish(process, 0, false);
    return;
  }
  if (core.decide(world.load()).some(({ do: what }) => !ofHosts.has(what))) return;
  if (ending === 'finish') checkFound(world.load());
  press(core, world, ending);
}

/** Decisions that only a host can answer. */
const ofHosts: ReadonlySet<string> = new Set(['start', 'stop', 'recall']);

/** Every host answers, and nothing more happens by itself. */
function checkFound(run: Run): void {
  const open = Object.values(run.apply).flatMap((perHost) => [...perHost.values()]);
  mustHold(
    run.aborting !== undefined ||
      run.rollback !== undefined ||
      open.every(({ status, lostAt }) => status !== 'unknown' || lostAt === undefined),
    'what a silent host did is found once it answers',
  );
}

function press(core: SimulatedCore, world: SimWorld, ending: SimEnding): void {
  const run = world.load();
  const offered = core.offeredActions(run);
  const onwards: readonly ActionName[] = ['decline', 'resume', 'done', 'retry', 'approve', 'skip'];
  const leave: readonly ActionName[] = run.aborting === undefined ? ['abort'] : ['skip', 'abort'];
  const order =
    { 'a good day': onwards, finish: [...onwards, ...leave] }[ending as string] ?? leave;
  const name = order.find((one) => offered.includes(one));
  if (name === undefined) return;
  const given = openGate(run)?.given ?? [];
  const approver = modelPeople.slice(1, 3).find(({ id }) => !given.includes(id));
  const person: PersonRights | undefined = name === 'approve' ? approver : dan;
  if (person !== undefined) world.press({ action: { name, text: 'because' }, person });
}
