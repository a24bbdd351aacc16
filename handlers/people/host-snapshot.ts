import { z } from 'zod';
import { deedOn } from '../contract/deed.ts';
import { defineHandler } from '../contract/handler.ts';

export const HostName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'expected a host such as ctl1');

/**
 * A person takes snapshots of whole hosts, with whatever the hosts run on. Going back, a person restores the hosts from
 * them: the rollback for what no program of the host undoes, such as an upgrade to another release of its distribution.
 */
export const hostSnapshotHandler = defineHandler({
  kind: 'host-snapshot',
  params: z.strictObject({
    hosts: z
      .array(HostName)
      .min(1)
      .refine((names) => new Set(names).size === names.length, 'names a host twice')
      .describe('The hosts of the cloud that are backed up whole. `on` has to name the same.'),
    label: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'expected a word such as before-epoxy')
      .describe('What the snapshots should be called, so that they are found again.'),
    how: z
      .string()
      .trim()
      .min(1, 'cannot be empty')
      .optional()
      .describe('How it is done here, such as the command of the virtualization or the storage.'),
  }),
  before: z.strictObject({}),
  doer: 'person',
  timeoutMs: 8 * 60 * 60_000,
  restores: 'hosts',
  covers: ({ hosts }) => hosts,
  reversibility: () => 'reversible',
  probe: () => [],
  parse: () => ({}),
  isDone: () => undefined,
  apply: () => [],
  undo: () => [],
  // Only the person who restored them can tell.
  isRestored: () => true,
  does: ({ hosts, label }) => deedOn(`by hand: snapshot whole hosts as ${label}`, 'person', hosts),
  changes: ({ hosts, label }) => `${hosts.join(', ')}: a snapshot of the whole host, ${label}`,
  asks: ({ hosts, label, how }) => ({
    instructions: [
      `Take a snapshot of the whole host, all of its disks, of each of: ${hosts.join(', ')}. Call it ${label}.`,
      ...(how === undefined ? [] : [how]),
      'Without it the next steps on these hosts have no rollback.',
    ].join('\n'),
    proof: 'the name of the snapshot of each host, as the storage or the virtualization lists it',
  }),
  undoByPerson: ({ hosts, label, how }) =>
    [
      `Restore whole hosts from their snapshots ${label}: ${hosts.join(', ')}. Start them, and see that they answer over SSH.`,
      ...(how === undefined ? [] : [`How the snapshots were to be taken: ${how}`]),
      'What was written on these hosts since then is lost. A host on which no package was changed needs no restore: say so.',
    ].join('\n'),
});
