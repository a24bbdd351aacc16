import { hostsOnCloud } from '../../jobs/files/runbook.ts';
import { type PlanContext, type StepDraft, hopMark, hopTitle } from './context.ts';
import type { WholeHop } from './hop-state.ts';
import { smokeSteps } from '../deployment/packages/checks.ts';
import { reportedSteps } from './reported.ts';
import { tierOf } from './tiers.ts';
import { hostTurn } from './turns.ts';
import { type ServiceUnit, unitsOf, unitsOn } from '../deployment/packages/units.ts';

/** Computes after the control plane: one first, alone, then so many of a zone at a time. People look before both. */
export function computeTurns(
  whole: WholeHop,
  turnOf: (hosts: readonly string[]) => readonly StepDraft[] = (hosts) => hostTurn(whole, hosts),
): StepDraft[] {
  const { context, hop, tiers } = whole;
  const [canary, ...batches] = batchesOf(whole, tiers.computes);
  if (canary === undefined) return [];
  const many = `${tiers.computes.length} ${tiers.computes.length === 1 ? 'host' : 'hosts'}`;
  return [
    ...askedFirst(
      computeTurn(whole, canary, turnOf(canary)),
      `The control plane runs the new release. Computes are next, ${many}: one alone first.`,
    ),
    ...canary.flatMap((host) =>
      smokeSteps(context, hop, {
        what: 'smoke test on the first new compute',
        zone: `${zoneOf(context, host)}:${novaName(context, host)}`,
      }),
    ),
    ...askedFirst(
      batches.flatMap((hosts) => computeTurn(whole, hosts, turnOf(hosts))),
      `The first compute runs the new release. The others are next, ${batches.length === 1 ? 'in one batch' : `in ${batches.length} batches`}.`,
    ),
  ];
}

/** People look before these steps, and are told why. */
export const askedFirst = ([first, ...rest]: readonly StepDraft[], note: string): StepDraft[] =>
  first === undefined ? [] : [{ ...first, approval: true, notes: [note] }, ...rest];

/**
 * The first host of the first zone, then zone by zone, in the order of the cloud's file. Where instances leave, one host of
 * their zone stays: those that asked for it can go nowhere else.
 */
function batchesOf({ context }: Pick<WholeHop, 'context'>, hosts: readonly string[]): string[][] {
  const { batch, drain } = context.services.computes;
  const [canary, ...rest] = hosts;
  // The canary's zone goes on first: it is the first of the file.
  const zones = [...new Set(hosts.map((host) => zoneOf(context, host)))];
  return [
    ...(canary === undefined ? [] : [[canary]]),
    ...zones.flatMap((zone) => {
      const isIn = (host: string): boolean => zoneOf(context, host) === zone;
      const others = hosts.filter(isIn).length - 1;
      return chunks(
        rest.filter(isIn),
        drain === 'skip' ? batch : Math.max(1, Math.min(batch, others)),
      );
    }),
  ];
}

const zoneOf = ({ cloud }: Pick<PlanContext, 'cloud'>, host: string): string =>
  cloud.hosts[host]?.zone ?? 'nova';

const novaName = ({ services }: Pick<PlanContext, 'services'>, host: string): string =>
  services.openstack['nova']?.names[host] ?? host;

function chunks(hosts: readonly string[], size: number): string[][] {
  return hosts.length === 0 ? [] : [hosts.slice(0, size), ...chunks(hosts.slice(size), size)];
}

/** Hosts take their turn; instances leave before, where a host has them. */
export function computeTurn(
  whole: WholeHop,
  hosts: readonly string[],
  steps: readonly StepDraft[] = hostTurn(whole, hosts),
): StepDraft[] {
  const { context, all } = whole;
  return [
    ...computeDrainSteps(whole, hosts, 'drained'),
    ...steps,
    ...reportedSteps(context, all, hosts),
    ...computeDrainSteps(whole, hosts, 'enabled'),
  ];
}

/** Instances leave a host before its packages, and may come back after. It needs the cloud's `openrc`. */
export function computeDrainSteps(
  { context, hop, all }: Pick<WholeHop, 'context' | 'hop' | 'all'>,
  hosts: readonly string[],
  state: 'drained' | 'enabled',
): StepDraft[] {
  const { openrc, computes } = context.services;
  const nova = all.find(({ known }) => known.name === 'nova');
  if (openrc === undefined || nova === undefined) return [];
  const { drain: mode, reason, timeout } = computes;
  const units = unitsOf(context, all, 'before').filter(
    ({ moving, part }) => tierOf(moving, part) === 'compute',
  );
  return hosts
    .filter((host) => unitsOn(units, [host]).length > 0)
    .map((host) => {
      const name = novaName(context, host);
      const nowhere = mode === 'skip' ? undefined : aloneInZone(context, units, host);
      return {
        id: `${hopMark(hop)}-${state === 'drained' ? 'drain' : 'enable'}-${host}`,
        title: hopTitle(
          hop,
          state === 'drained'
            ? `${drains[mode](name)}${nowhere === undefined ? '' : ` (${nowhere}: some may stay)`}`
            : `enable nova-compute on ${name}`,
        ),
        kind: 'compute-drain',
        purpose: state === 'drained' ? 'drain' : 'enable',
        on: hostsOnCloud(context.cloud, openrc.on).slice(0, 1),
        params: {
          host: name,
          openrc: openrc.file,
          ...(state === 'drained'
            ? {
                mode,
                ...(reason !== undefined && { reason }),
                ...(nowhere !== undefined && { nowhere }),
                timeout,
              }
            : { state }),
        },
        service: 'nova',
      };
    });
}

/** Instances that asked for a zone go to no other one, so those of its only compute stay. */
function aloneInZone(
  context: PlanContext,
  units: readonly ServiceUnit[],
  host: string,
): string | undefined {
  const zone = zoneOf(context, host);
  const hasOthers = units.some(({ hosts }) =>
    hosts.some((other) => other !== host && zoneOf(context, other) === zone),
  );
  return hasOthers ? undefined : `zone ${zone} has no other compute`;
}

const drains = {
  live: (name: string) => `live-migrate instances off ${name}`,
  cold: (name: string) => `stop instances and cold-migrate them off ${name}`,
  skip: (name: string) => `disable nova-compute on ${name}, instances stay`,
} as const;
