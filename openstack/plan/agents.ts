import { askedFirst } from './computes.ts';
import { type PlanContext, type StepDraft, hostsOfPart } from './context.ts';
import type { WholeHop } from './hop-state.ts';
import { serviceRowSteps } from '../deployment/packages/checks.ts';

/**
 * Hosts of agents, one at a time: routers and DHCP of a host pause with it, and only people see whether what ran through
 * it does so again. They look before the first and before the others.
 */
export function agentTurns(
  whole: WholeHop,
  turnOf: (host: string) => readonly StepDraft[],
): StepDraft[] {
  const { agents } = whole.tiers;
  const many = agents.length === 1 ? 'one host' : `${agents.length} hosts, one at a time`;
  const notes = [
    `Next are the network hosts and other hosts with agents, ${many}. Routers and DHCP on them may pause: watch a ping, or move routers away first.`,
    `The first of them, ${agents[0] ?? ''}, is upgraded. Approve once traffic flows through it as before.`,
  ];
  return agents.flatMap((host, index) => {
    const steps = [...turnOf(host), ...seenAlive(whole, host)];
    const note = notes[index];
    return note === undefined ? steps : askedFirst(steps, note);
  });
}

/** Agents report every half minute; a process that runs may still not reach the queue. */
const seenAlive = ({ context, all }: WholeHop, host: string): StepDraft[] =>
  serviceRowSteps(
    context,
    all.filter((moving) => hasPartOn(context, moving, host)),
  );

const hasPartOn = (context: PlanContext, moving: WholeHop['all'][number], host: string): boolean =>
  Object.keys(moving.here.parts).some((part) => hostsOfPart(context, moving, part).includes(host));
