import { z } from 'zod';
import type { Plan } from '../run/plan.ts';
import { OperatorError } from '../../handlers/contract/errors.ts';

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
