import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Plan } from '../run/plan.ts';
import type { Run } from '../run/run.ts';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { holdMachinesLua } from './scripts/embedded.ts';

/** Who holds a cloud, since when and why. */
export const CloudLock = z.strictObject({
  run: z.string(),
  by: z.string(),
  at: z.string(),
  why: z.string(),
});
export type CloudLock = z.infer<typeof CloudLock>;

export const cloudLockKey = (cloud: string): string => `hopscotch:cloud:${cloud}:lock`;
export const lastRunKey = (cloud: string): string => `hopscotch:cloud:${cloud}:last`;
/** Which run holds which machine: run ids, by how the machine is reached. */
export const heldHostsKey = 'hopscotch:hosts';
export const runsKey = 'hopscotch:runs';
export const activeRunsKey = 'hopscotch:active';

/**
 * The machines of a plan, each by how it is reached: two cloud files may name one of them. Behind different bastions the same
 * address is another machine.
 */
export const machinesOf = ({ targets }: Pick<Plan, 'targets'>): string[] => [
  ...new Set(
    Object.values(targets).map(({ address, port, bastion }) =>
      [bastion && `${bastion.address}:${bastion.port}`, `${address}:${port}`]
        .filter((part) => part !== undefined)
        .join('>'),
    ),
  ),
];

/** The machines of a run, also by the keys that they showed: one of them may have several addresses. */
export const machinesOfRun = ({ plan, checks }: Pick<Run, 'plan' | 'checks'>): string[] => [
  ...machinesOf(plan),
  ...[...checks.values()].flatMap(({ hostKey }) =>
    hostKey === undefined ? [] : [keyMachine(hostKey)],
  ),
];

const keyMachine = (hostKey: string): string => `key ${hostKey}`;

/**
 * Lets a run that has not ended hold the machine that showed this key. Throws `HostLocked` where a run of another cloud holds
 * it, under whatever address.
 */
export async function holdMachine(
  redis: Redis,
  { id, plan: { cloud } }: Pick<Run, 'id' | 'plan'>,
  { host, hostKey }: { readonly host: string; readonly hostKey: string },
): Promise<void> {
  const machine = keyMachine(hostKey);
  const holder = await redis.eval(holdMachinesLua, 2, activeRunsKey, heldHostsKey, id, machine);
  if (typeof holder !== 'string' || holder === id) return;
  throw new OperatorError(
    `${host} of ${cloud} shows the host key ${hostKey}, and so does a host of run ${holder}, which is of another cloud: they are one machine`,
    {
      hint: `Wait for that run to end, or look at it with: /upgrade status ${holder}. If they are two machines that were copied, give each a host key of its own.`,
      name: 'HostLocked',
    },
  );
}

// What has ended holds nothing any more.
/** `json`: the run that holds a machine of the plan, and which one. */
export function hostLocked(
  { cloud, targets }: Pick<Plan, 'cloud' | 'targets'>,
  json: string,
): OperatorError {
  const { run, machine } = HeldMachine.parse(JSON.parse(json));
  const name = Object.entries(targets).find(([host, target]) =>
    machinesOf({ targets: { [host]: target } }).includes(machine),
  )?.[0];
  return new OperatorError(
    `${name ?? machine} of ${cloud} (${machine}) is a host of run ${run} as well, which is of another cloud`,
    {
      hint: `Wait for that run to end, or look at it with: /upgrade status ${run}`,
      name: 'HostLocked',
    },
  );
}

const HeldMachine = z.strictObject({ run: z.string(), machine: z.string() });

export function cloudLocked(cloud: string, json: string): OperatorError {
  const lock = CloudLock.parse(JSON.parse(json));
  return new OperatorError(
    `${cloud} is held by run ${lock.run} (${lock.why}), which ${lock.by} started at ${lock.at}`,
    {
      hint: `Wait for it to end, or look at it with: /upgrade status ${lock.run}`,
      name: 'CloudLocked',
      people: [lock.by],
    },
  );
}
