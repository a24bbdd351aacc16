import type { PlannedHop } from '../deployment/deployment.ts';
import { releaseNameTitle } from '../knowledge/releases.ts';
import type { Hop } from '../path/path.ts';
import { agentTurns } from './agents.ts';
import { oldProgramSteps } from './by-service.ts';
import { computeTurn, computeTurns } from './computes.ts';
import type { StepDraft } from './context.ts';
import { heldByOvn, sortedByTier, tierOf, tooFarBehind, unitsOn } from './tiers.ts';
import { activateFirst, hostTurn, preparedSteps, startOn, type StoppedHop } from './turns.ts';
import { unnamedSteps } from './unnamed.ts';

/**
 * One hop that upgrades whole hosts: one apt run moves the libraries of every service on a host. Checks come first, while
 * everything runs. Then people are kept out and all that uses databases stops; the first host of each service gets its
 * packages, all databases are dumped, schemas are synced and services start; the cloud is tried and lets people in again.
 * The other control hosts follow one at a time, then agents, then computes by zone.
 *
 * Backwards it reads: new programs stopped, databases restored, packages, files and archive as they were, old programs
 * started.
 */
export function byHost(planned: PlannedHop): StepDraft[] {
  const { deployment, tiers } = planned;
  const units = sortedByTier(deployment.unitsToStop(planned));
  const stopped = units.flatMap((unit) =>
    tierOf(unit.moving, unit.part) === 'control' ? [unit] : unitsOn([unit], tiers.first),
  );
  const hop = { ...planned, stopped };
  return [
    ...looksBefore(hop),
    ...deployment.adapt(hop, { slot: 'mixed' }),
    ...deployment.drain(hop, { what: 'instances', state: 'drained', on: tiers.first }),
    ...outageFrom(hop, 'Computes and agents keep running the old release until their turn.', [
      ...behindNotes(hop),
      ...ovnNotes(hop),
    ]),
    ...upgradedFirst(hop, tiers.first),
    ...activateFirst(hop, (service) =>
      deployment.check(hop, { what: 'own checks', when: 'synced', of: [service] }),
    ),
    ...restarted(hop, tiers.first),
    ...othersInTurns(hop),
    ...deployment.adapt(hop, { slot: 'afterServices' }),
    ...unnamedSteps(hop.context, hop.hop, 'after'),
    ...deployment.adapt(hop, { slot: 'unmixed' }),
    ...looksAfter(hop),
    ...deployment.adapt(hop, { slot: 'over' }),
  ];
}

/**
 * As `byHost`, where releases must not mix: computes and agents stop with the rest, and all hosts get their packages at
 * once.
 */
export function byHostTogether(planned: PlannedHop): StepDraft[] {
  const { context, deployment, tiers } = planned;
  const hop = { ...planned, stopped: sortedByTier(deployment.unitsToStop(planned)) };
  const everywhere = context.moved;
  return [
    ...looksBefore(hop),
    ...outageFrom(
      hop,
      'Computes and agents stop too, until their packages are installed and all schemas are synced.',
      [],
    ),
    ...upgradedFirst(hop, everywhere),
    // nova's check fails on an unsupported hop until computes have reported: there only the one at the end tells.
    ...activateFirst(hop, () => []),
    ...restarted(hop, everywhere),
    ...tiers.control.flatMap((host) => startOn(hop, [host])),
    ...deployment.drain(hop, { what: 'people', state: 'back', which: 'inner', on: tiers.control }),
    ...startOn(hop, tiers.agents),
    ...startOn(hop, tiers.computes),
    ...deployment.check(hop, { what: 'reported', on: everywhere }),
    ...deployment.adapt(hop, { slot: 'afterServices' }),
    ...unnamedSteps(context, hop.hop, 'after'),
    ...looksAfter(hop),
    ...deployment.drain(hop, { what: 'people', state: 'back', which: 'door', on: everywhere }),
    ...deployment.adapt(hop, { slot: 'over' }),
  ];
}

/** While everything runs, and nothing has changed. */
function looksBefore(hop: StoppedHop): StepDraft[] {
  const { deployment } = hop;
  return [
    ...deployment.check(hop, { what: 'packages', isPartial: false }),
    ...deployment.backUp(hop, { what: 'packages', isPartial: false }),
    ...deployment.check(hop, { what: 'own checks', when: 'before' }),
    ...deployment.migrateData(hop, 'before'),
    ...deployment.check(hop, { what: 'cells' }),
    ...deployment.check(hop, { what: 'rows' }),
    ...deployment.check(hop, { what: 'smoke', title: 'smoke test before the upgrade' }),
    ...deployment.adapt(hop, { slot: 'beforeStop' }),
    ...unnamedSteps(hop.context, hop.hop, 'before'),
  ];
}

/** People look again before the outage, unless they have approved all of the hop in one go. */
function outageFrom(hop: StoppedHop, computes: string, besides: readonly string[]): StepDraft[] {
  const { deployment } = hop;
  const [first, ...rest] = [
    ...deployment.drain(hop, { what: 'people', state: 'out' }),
    ...deployment.stop(hop, hop.stopped),
  ];
  if (first === undefined) return [];
  if (hop.hop.rule === 'unsupported') return [first, ...rest];
  const note = `The outage begins here: the APIs are down until the first control host is back. ${computes} No step before this one changed a service.`;
  return [{ ...first, approval: true, notes: [note, ...besides] }, ...rest];
}

const behindNotes = ({ context, all, hop }: PlannedHop): string[] =>
  tooFarBehind(context, all).map(({ known }) => waiting(known.title, hop));

const waiting = (title: string, { from, to }: Hop): string =>
  `${title}'s ${releaseNameTitle(from)} agents may not understand its ${releaseNameTitle(to)} server: what exists keeps working, but changes on a host may wait until the host is upgraded.`;

const ovnNotes = ({ all, tiers }: PlannedHop): string[] =>
  heldByOvn(all, tiers).length === 0
    ? []
    : [
        "Once OVN's northd is upgraded, each ovn-controller of the old version holds still: what runs keeps its network, and new ports are wired on upgraded hosts alone. So no instance is tried before the APIs reopen.",
      ];

/** Packages where nothing runs any more, then the dump: what is synced afterwards can be restored. */
const upgradedFirst = (hop: StoppedHop, on: readonly string[]): StepDraft[] => [
  ...oldProgramSteps(hop),
  ...preparedSteps(hop, on),
  ...hop.deployment.backUp(hop, { what: 'databases', of: hop.all }),
];

/** Not before the schemas are there: at boot everything starts. Then it is seen that all of it runs. */
function restarted(hop: StoppedHop, on: readonly string[]): StepDraft[] {
  const steps = hop.deployment.start(hop, { hosts: on });
  return steps.length === 0 ? [] : [...steps, ...startOn(hop, hop.tiers.first)];
}

/** The cloud is tried and opens; then the other hosts follow. */
function othersInTurns(hop: StoppedHop): StepDraft[] {
  const { all, tiers, deployment } = hop;
  const back = (which: 'door' | 'all', on: readonly string[]) =>
    deployment.drain(hop, { what: 'people', state: 'back', which, on });
  return [
    // Computes and agents were alone for a while. The other control hosts still wait for their turn.
    ...deployment.check(hop, { what: 'rows', stopped: unitsOn(hop.stopped, tiers.control) }),
    ...(heldByOvn(all, tiers).length > 0
      ? []
      : deployment.check(hop, { what: 'smoke', title: 'smoke test before the APIs reopen' })),
    ...back('door', tiers.first),
    ...deployment.check(hop, { what: 'reported', on: tiers.first }),
    ...deployment.drain(hop, { what: 'instances', state: 'enabled', on: tiers.first }),
    ...tiers.control.flatMap((host) => [
      ...computeTurn(hop, [host], hostTurn(hop, [host])),
      ...back('all', [host]),
    ]),
    ...agentTurns(hop, (host) => hostTurn(hop, [host])),
    ...computeTurns(hop, (hosts) => hostTurn(hop, hosts)),
  ];
}

/** What a release wants once all hosts run it. */
function looksAfter(hop: StoppedHop): StepDraft[] {
  const { deployment } = hop;
  return [
    ...deployment.migrateData(hop, 'after'),
    ...deployment.check(hop, { what: 'own checks', when: 'after' }),
    ...deployment.check(hop, { what: 'rows' }),
    ...deployment.check(hop, { what: 'stale', of: 'services' }),
    ...deployment.check(hop, { what: 'smoke', title: 'smoke test after the upgrade' }),
  ];
}
