import type { PlannedHop } from '../deployment/deployment.ts';
import { isOnHost } from './context.ts';
import type { HopOrder } from './order.ts';

/**
 * Hosts of agents, one at a time: routers and DHCP of a host pause with it, and only people see whether what ran through
 * it does so again. They look before the first and before the others.
 */
export function agentTurns(
  { all, tiers: { agents } }: PlannedHop,
  turnOf: (host: string) => readonly HopOrder[],
): HopOrder[] {
  const many = agents.length === 1 ? 'one host' : `${agents.length} hosts, one at a time`;
  const notes = [
    `Next are the network hosts and other hosts with agents, ${many}. Routers and DHCP on them may pause: watch a ping, or move routers away first.`,
    `The first of them, ${agents[0] ?? ''}, is upgraded. Approve once traffic flows through it as before.`,
  ];
  return agents.flatMap((host, index): HopOrder[] => {
    const of = all.filter((service) => isOnHost(service, host));
    // Agents report every half minute; a process that runs may still not reach the queue.
    const order: HopOrder[] = [...turnOf(host), { do: 'check', what: 'rows', of }];
    const note = notes[index];
    return note === undefined ? order : [{ do: 'ask', notes: [note], order }];
  });
}
