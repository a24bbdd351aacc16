import { z } from 'zod';
import { Command } from '../../handlers/contract/command.ts';
import { HostTarget } from '../files/cloud.ts';

/** Read-only commands for hosts, outside any run. */
export const InspectRequest = z.strictObject({
  become: z.boolean(),
  hosts: z.record(z.string(), z.strictObject({ target: HostTarget, commands: z.array(Command) })),
});
export type InspectRequest = z.infer<typeof InspectRequest>;

const HostAnswer = z.union([
  /** In the order of the commands. */
  z.strictObject({
    outputs: z.array(z.strictObject({ exit: z.int(), stdout: z.string(), stderr: z.string() })),
  }),
  z.strictObject({ problem: z.strictObject({ message: z.string(), hint: z.string() }) }),
]);

/** What each host answered, or why it did not: one silent host does not hide the others. */
export const InspectAnswer = z.record(z.string(), HostAnswer);
export type InspectAnswer = z.infer<typeof InspectAnswer>;
