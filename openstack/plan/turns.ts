import { backendReadySteps } from '../deployment/packages/balancer.ts';
import { checkSteps } from './checks.ts';
import { configSteps } from '../deployment/packages/config.ts';
import { type PlanContext, type StepDraft, type MovingService } from './context.ts';
import type { WholeHop } from './hop-state.ts';
import { upgradeCheckSteps } from '../deployment/packages/checks.ts';
import { cellSyncSteps } from '../deployment/packages/nova.ts';
import { optionSteps } from '../deployment/packages/options.ts';
import { ruleSteps, type RuleSlot } from './rules.ts';
import { reportSteps, syncSteps } from '../deployment/packages/service.ts';
import { sortedByTier, tierOf } from './tiers.ts';
import {
  isUnitOn,
  startUnits,
  stopSteps,
  type ServiceUnit,
  unitsOf,
  unitsOn,
} from '../deployment/packages/units.ts';
import { restartSteps, wholeHostSteps } from '../deployment/packages/whole-host.ts';

/** The packages of hosts whose services are stopped, and the files that go with them. */
export function preparedSteps(whole: WholeHop, on: readonly string[], batch?: number): StepDraft[] {
  const { context, hop, all } = whole;
  return [
    ...rulesOn(whole, 'beforePackages', on),
    ...all.flatMap((moving) => configSteps(context, moving, 'beforePackages', on)),
    ...wholeHostSteps(context, hop, all, { on, ...(batch !== undefined && { batch }) }),
    ...all.flatMap((moving) => configSteps(context, moving, 'afterPackages', on)),
    ...all.flatMap((moving) => optionSteps(context, moving, on)),
    ...rulesOn(whole, 'afterPackages', on),
  ];
}

/** Leads each service's databases to the new release and starts it where they were synced. */
export function activateFirst(whole: WholeHop): StepDraft[] {
  const { context, hop, all, tiers } = whole;
  const synced = new Set<MovingService>();
  const ordered = [
    ...all.filter(({ known }) => !known.last),
    ...all.filter(({ known }) => known.last),
  ];
  const steps = ordered.flatMap((moving) => {
    const due = [moving, ...sharersOf(whole, moving)].filter((one) => !synced.has(one));
    for (const one of due) synced.add(one);
    const units = controlUnits(whole).filter((unit) => unit.moving === moving);
    return [
      ...due.flatMap((one) => [
        ...ruleSteps(context, hop, one, 'beforeSync'),
        ...syncSteps(context, one),
        ...cellSyncSteps(context, one),
        ...ruleSteps(context, hop, one, 'afterSync'),
      ]),
      // nova's check fails on an unsupported hop until computes have reported: there only the one at the end tells.
      ...(whole.isCold ? [] : upgradeCheckSteps(context, [moving], 'synced')),
      ...startUnits(context, all, { units: unitsOn(units, tiers.first) }),
      ...reportSteps(context, moving),
      ...checkSteps(context, moving, { which: 'host', on: tiers.first }),
      ...rulesOn({ ...whole, all: [moving] }, 'afterStart', tiers.first),
      ...backendReadySteps(context, hop, {
        which: 'inner',
        services: [moving.known.name],
        on: tiers.first,
      }),
      // A login goes by the catalogue, so through the balancer.
      ...checkSteps(context, moving, { which: 'login' }),
    ];
  });
  const rest = orderedUnits(whole).filter(({ moving, part }) => tierOf(moving, part) !== 'control');
  return [...steps, ...startUnits(context, all, { units: unitsOn(rest, tiers.first) })];
}

/** Stops what still runs on hosts, upgrades them, and starts them again. */
export function hostTurn(whole: WholeHop, on: readonly string[]): StepDraft[] {
  const { context, all } = whole;
  return [
    ...stopSteps(context, all, running(whole, on)),
    ...preparedSteps(whole, on),
    ...restartSteps(whole.hop, on),
    ...startOn(whole, on),
  ];
}

/** Starts all that hosts have: what serves APIs first, then agents, then computes. */
export function startOn(whole: WholeHop, on: readonly string[]): StepDraft[] {
  const { context, all } = whole;
  return [
    ...startUnits(context, all, { units: unitsOn(orderedUnits(whole), on) }),
    ...all.flatMap((moving) => checkSteps(context, moving, { which: 'host', on })),
    ...rulesOn(whole, 'afterStart', on),
  ];
}

/** What a hop's beginning has left running there. */
function running({ context, all, stopped }: WholeHop, on: readonly string[]): ServiceUnit[] {
  return sortedByTier(unitsOn(unitsOf(context, all, 'before'), on)).flatMap((unit) => {
    const done = stopped.find(
      ({ name, part, moving }) =>
        name === unit.name && part === unit.part && moving === unit.moving,
    );
    const hosts = unit.hosts.filter((host) => done?.hosts.includes(host) !== true);
    return hosts.length === 0 ? [] : [{ ...unit, hosts }];
  });
}

/** Services that the same process serves, such as Apache: their schemas have to be there before it starts. */
function sharersOf({ context, all, tiers }: WholeHop, moving: MovingService): MovingService[] {
  const own = startedNames(context, moving);
  return all.filter(
    (other) =>
      other !== moving &&
      unitsOf(context, [other], 'after').some(
        (unit) => own.has(unit.name) && isUnitOn(unit, tiers.first),
      ),
  );
}

const startedNames = (context: PlanContext, moving: MovingService): ReadonlySet<string> =>
  new Set(unitsOf(context, [moving], 'after').map(({ name }) => name));

const controlUnits = (whole: WholeHop): ServiceUnit[] =>
  orderedUnits(whole).filter(({ moving, part }) => tierOf(moving, part) === 'control');

const orderedUnits = ({ context, all }: WholeHop): ServiceUnit[] =>
  sortedByTier(unitsOf(context, all, 'after'));

/** Steps of rules, on those of their hosts whose turn it is. */
function rulesOn(
  { context, hop, all }: WholeHop,
  slot: RuleSlot,
  on: readonly string[],
): StepDraft[] {
  return all
    .flatMap((moving) => ruleSteps(context, hop, moving, slot))
    .map((draft) => ({ ...draft, on: draft.on.filter((host) => on.includes(host)) }))
    .filter((draft) => draft.on.length > 0);
}
