import { agentTurns } from './agents.ts';
import { closeArchives } from '../deployment/packages/archive.ts';
import { backendDrainSteps, backendReadySteps } from '../deployment/packages/balancer.ts';
import { computeTurns, computeDrainSteps as emptySteps, computeTurn } from './computes.ts';
import { type PlanContext, type StepDraft, movedHosts } from './context.ts';
import { activateFirst, hostTurn, preparedSteps, startOn } from './turns.ts';
import { backupSteps, oldProgramSteps } from './hop.ts';
import { type WholeHop, wholeHopOf } from './hop-state.ts';
import {
  cellSteps,
  dataMigrationSteps,
  serviceRowSteps,
  smokeSteps,
  staleSteps,
  upgradeCheckSteps,
} from '../deployment/packages/checks.ts';
import { forecastSteps } from '../deployment/packages/forecast.ts';
import { pinSteps, unpinSteps } from '../deployment/packages/nova.ts';
import { reportedSteps } from './reported.ts';
import { ruleSteps, type RuleSlot } from './rules.ts';
import { heldByOvn, tooFarBehind } from './tiers.ts';
import { unnamedSteps } from './unnamed.ts';
import { stopSteps } from '../deployment/packages/units.ts';
import { keepSteps } from '../deployment/packages/way-back.ts';
import { restartSteps } from '../deployment/packages/whole-host.ts';
import type { Hop } from '../path/path.ts';
import { releaseNameTitle } from '../knowledge/releases.ts';

/**
 * One hop that moves whole hosts: one apt run moves the libraries of every service on a host. Looks come first, while
 * everything runs. Then people are kept out and all that uses databases stops; the first host of each service gets its
 * packages, all databases are dumped, schemas are synced and services start; the cloud is tried and lets people in again.
 * The other control hosts follow one at a time, then agents, then computes by zone.
 *
 * Backwards it reads: new programs stopped, databases restored, packages, files and archive as they were, old programs
 * started. Where releases must not mix, computes and agents stop with the rest, and all hosts get their packages at once.
 */
export function wholeHostHop(context: PlanContext, hop: Hop): StepDraft[] {
  const whole = wholeHopOf(context, hop);
  const { all, tiers } = whole;
  const rules = (slot: RuleSlot) => all.flatMap((moving) => ruleSteps(context, hop, moving, slot));
  const together = whole.isCold ? movedHosts(context) : tiers.first;
  return [
    ...forecastSteps(context, hop, all),
    ...keepSteps(context, { hop }, movedHosts(context)),
    ...upgradeCheckSteps(context, all, 'before'),
    ...dataMigrationSteps(context, all, 'before'),
    ...cellSteps(context, all),
    ...serviceRowSteps(context, all),
    ...smokeSteps(context, hop, { what: 'smoke test before the upgrade' }),
    ...rules('beforeStop'),
    ...unnamedSteps(context, hop, 'before'),
    ...(whole.isCold ? [] : pinSteps(context, all)),
    ...(whole.isCold ? [] : emptySteps(whole, tiers.first, 'drained')),
    ...outageFrom(whole, [
      ...backendDrainSteps(context, hop),
      ...stopSteps(context, all, whole.stopped),
    ]),
    ...oldProgramSteps(context, hop, all),
    ...preparedSteps(whole, together),
    ...backupSteps(context, all),
    ...activateFirst(whole),
    ...restarted(whole, together),
    ...(whole.isCold ? coldRest(whole) : warmRest(whole)),
    ...rules('afterServices'),
    ...unnamedSteps(context, hop, 'after'),
    ...closing(whole),
  ];
}

/** Not before the schemas are there: at boot everything starts. Then it is seen that all of it runs. */
function restarted(whole: WholeHop, on: readonly string[]): StepDraft[] {
  const steps = restartSteps(whole.hop, on);
  return steps.length === 0 ? [] : [...steps, ...startOn(whole, whole.tiers.first)];
}

/** People look again before the outage, unless they have approved all of the hop in one go. */
function outageFrom(
  { context, all, hop, tiers, isCold: cold }: WholeHop,
  [first, ...rest]: readonly StepDraft[],
): StepDraft[] {
  if (first === undefined) return [];
  if (hop.rule === 'unsupported') return [first, ...rest];
  const computes = cold
    ? 'Computes and agents stop too, until their packages are installed and all schemas are synced.'
    : 'Computes and agents keep running the old release until their turn.';
  const note = `The outage begins here: the APIs are down until the first control host is back. ${computes} No step before this one changed a service.`;
  const behind = cold
    ? []
    : tooFarBehind(context, all).map(({ known }) => waiting(known.title, hop));
  const held = cold || heldByOvn(context, all, tiers).length === 0 ? [] : [ovnHolds];
  return [{ ...first, approval: true, notes: [note, ...behind, ...held] }, ...rest];
}

const ovnHolds =
  "Once OVN's northd is upgraded, each ovn-controller of the old version holds still: what runs keeps its network, and new ports are wired on upgraded hosts alone. So no instance is tried before the APIs reopen.";

const waiting = (title: string, { from, to }: Hop): string =>
  `${title}'s ${releaseNameTitle(from)} agents may not understand its ${releaseNameTitle(to)} server: what exists keeps working, but changes on a host may wait until the host is upgraded.`;

/** All hosts have their packages: the rest only starts. */
function coldRest(whole: WholeHop): StepDraft[] {
  const { context, hop, all, tiers } = whole;
  return [
    ...tiers.control.flatMap((host) => startOn(whole, [host])),
    ...backendReadySteps(context, hop, { which: 'inner', on: tiers.control }),
    ...startOn(whole, tiers.agents),
    ...startOn(whole, tiers.computes),
    ...reportedSteps(context, all, movedHosts(context)),
  ];
}

function warmRest(whole: WholeHop): StepDraft[] {
  const { context, hop, all, tiers } = whole;
  return [
    // Computes and agents were alone for a while.
    ...serviceRowSteps(context, all),
    ...(heldByOvn(context, all, tiers).length > 0
      ? []
      : smokeSteps(context, hop, { what: 'smoke test before the APIs reopen' })),
    ...backendReadySteps(context, hop, { which: 'door', on: tiers.first }),
    ...reportedSteps(context, all, tiers.first),
    ...emptySteps(whole, tiers.first, 'enabled'),
    ...tiers.control.flatMap((host) => [
      ...computeTurn(whole, [host]),
      ...backendReadySteps(context, hop, { which: 'all', on: [host] }),
    ]),
    ...agentTurns(whole, (host) => hostTurn(whole, [host])),
    ...computeTurns(whole),
  ];
}

/** What a release wants once all hosts run it; then nothing of the old one is left. */
function closing({ context, hop, all, isCold: cold }: WholeHop): StepDraft[] {
  return [
    ...(cold ? [] : unpinSteps(context, all)),
    ...dataMigrationSteps(context, all, 'after'),
    ...upgradeCheckSteps(context, all, 'after'),
    ...serviceRowSteps(context, all),
    ...staleSteps(context, hop, all),
    ...smokeSteps(context, hop, { what: 'smoke test after the upgrade' }),
    ...(cold ? backendReadySteps(context, hop, { which: 'door', on: movedHosts(context) }) : []),
    ...closeArchives(context, hop),
  ];
}
