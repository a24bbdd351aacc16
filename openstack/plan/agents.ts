import type { PlannedHop } from '../deployment/deployment.ts';
import { askedFirst } from './computes.ts';
import { type StepDraft, isOnHost } from './context.ts';

/**
 * Hosts of agents, one at a time: routers and DHCP of a host pause with it, and only people see whether what ran through
 * it does so again. They look before the first and before the others.
 */
export function agentTurns(
  hop: PlannedHop,
  turnOf: (host: string) => readonly StepDraft[],
): StepDraft[] {
  const { agents } = hop.tiers;
  const many = agents.length === 1 ? 'one host' : `${agents.length} hosts, one at a time`;
  const notes = [
    `Next are the network hosts and other hosts with agents, ${many}. Routers and DHCP on them may pause: watch a ping, or move routers away first.`,
    `The first of them, ${agents[0] ?? ''}, is upgraded. Approve once traffic flows through it as before.`,
  ];
  return agents.flatMap((host, index) => {
    const steps = [...turnOf(host), ...seenAlive(hop, host)];
    const note = notes[index];
    return note === undefined ? steps : askedFirst(steps, note);
  });
}

/** Agents report every half minute; a process that runs may still not reach the queue. */
const seenAlive = (hop: PlannedHop, host: string): StepDraft[] =>
  hop.deployment.check(hop, {
    what: 'rows',
    of: hop.all.filter((service) => isOnHost(service, host)),
  });
