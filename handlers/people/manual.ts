import { z } from 'zod';
import { deedOn } from '../contract/deed.ts';
import { defineHandler } from '../contract/handler.ts';
import { HostName } from './host-snapshot.ts';

const text = z.string().trim().min(1, 'cannot be empty');

/**
 * A person does it and says so. With `undo` a person can take it back, and `changes: false` says that it only looks;
 * otherwise the step is one-way.
 */
export const manualHandler = defineHandler({
  kind: 'manual',
  params: z
    .strictObject({
      instructions: text.describe('What the person has to do.'),
      proof: text
        .optional()
        .describe('What the person has to paste when it is done, such as the output of a command.'),
      undo: text
        .optional()
        .describe('What a person has to do to take it back. Without it the step is one-way.'),
      changes: z
        .boolean()
        .default(true)
        .describe('false: the person only looks at something, so there is nothing to take back.'),
      restarts: z
        .array(HostName)
        .min(1)
        .optional()
        .describe(
          'Hosts that the person restarts: what they serve is down until later steps see it started.',
        ),
    })
    .refine(({ undo, changes }) => changes || undo === undefined, {
      message: 'a step that only looks (changes: false) has nothing to take back: leave undo out',
      path: ['undo'],
    }),
  before: z.strictObject({}),
  doer: 'person',
  // A person's lunch, and a maintenance window.
  timeoutMs: 8 * 60 * 60_000,
  reversibility: ({ undo, changes }) => (changes && undo === undefined ? 'oneWay' : 'reversible'),
  probe: () => [],
  parse: () => ({}),
  isDone: () => undefined,
  apply: () => [],
  undo: () => [],
  // Only the person who took it back can tell.
  isRestored: () => true,
  does: ({ instructions, changes, restarts = [] }) => {
    const says = `by hand: ${(instructions.split('\n')[0] ?? '').slice(0, 200)}`;
    const { changes: booted } = deedOn(says, 'boot', restarts);
    return {
      says,
      changes: [...(changes ? [{ what: 'person', name: says } as const] : []), ...booted],
    };
  },
  changes: ({ instructions, proof }) =>
    proof === undefined ? instructions : `${instructions}\nProof: ${proof}`,
  undoByPerson: ({ undo = '' }) => undo,
});
