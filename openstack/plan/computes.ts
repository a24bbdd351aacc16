import type { PlannedHop } from '../deployment/deployment.ts';
import { novaName, type StepDraft, zoneOf } from './context.ts';

/** Computes after the control plane: one first, alone, then so many of a zone at a time. People look before both. */
export function computeTurns(
  hop: PlannedHop,
  turnOf: (hosts: readonly string[]) => readonly StepDraft[],
): StepDraft[] {
  const { context, tiers, deployment } = hop;
  const [canary, ...batches] = batchesOf(hop, tiers.computes);
  if (canary === undefined) return [];
  const many = `${tiers.computes.length} ${tiers.computes.length === 1 ? 'host' : 'hosts'}`;
  return [
    ...askedFirst(
      computeTurn(hop, canary, turnOf(canary)),
      `The control plane runs the new release. Computes are next, ${many}: one alone first.`,
    ),
    ...canary.flatMap((host) =>
      deployment.check(hop, {
        what: 'smoke',
        title: 'smoke test on the first new compute',
        zone: `${zoneOf(context, host)}:${novaName(context, host)}`,
      }),
    ),
    ...askedFirst(
      batches.flatMap((hosts) => computeTurn(hop, hosts, turnOf(hosts))),
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
function batchesOf({ context }: Pick<PlannedHop, 'context'>, hosts: readonly string[]): string[][] {
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

function chunks(hosts: readonly string[], size: number): string[][] {
  return hosts.length === 0 ? [] : [hosts.slice(0, size), ...chunks(hosts.slice(size), size)];
}

/** Hosts take their turn; instances leave before, where a host has them. */
export function computeTurn(
  hop: PlannedHop,
  on: readonly string[],
  steps: readonly StepDraft[],
): StepDraft[] {
  const { deployment } = hop;
  return [
    ...deployment.drain(hop, { what: 'instances', state: 'drained', on }),
    ...steps,
    ...deployment.check(hop, { what: 'reported', on }),
    ...deployment.drain(hop, { what: 'instances', state: 'enabled', on }),
  ];
}
