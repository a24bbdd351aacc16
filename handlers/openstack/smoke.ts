import { z } from 'zod';
import { deedOn } from '../contract/deed.ts';
import { defineHandler } from '../contract/handler.ts';
import { apiAnswer, apiCommand, ApiFailure, OpenRc, refuseSilence, Seconds } from './api.ts';
import { smokeLeftPython, smokeRemovePython, smokePython } from './scripts/embedded.ts';

/** How what a smoke test makes is called; people and later steps know it by that. */
const smokePrefix = 'hopscotch-smoke-';

const Made = z.strictObject({
  kind: z.enum(['server', 'port', 'volume']),
  id: z.string(),
  name: z.string(),
});

const Found = z.strictObject({ left: z.array(Made) });
const Before = z.union([Found, ApiFailure]);
type Before = z.infer<typeof Before>;

const text = z.string().min(1);

export const SmokeParams = z.strictObject({
  openrc: OpenRc,
  image: text.optional().describe('Name or id. Default: the smallest active image.'),
  flavor: text.optional().describe('Name or id. Default: the smallest that the image fits.'),
  network: text
    .optional()
    .describe(
      'Name or id, or none. Default: one of the project or a shared one; the server gets a port of it where an agent binds it.',
    ),
  zone: text
    .optional()
    .describe('Availability zone of the server, or zone:host. Default: as nova schedules it.'),
  survivors: z
    .array(text)
    .optional()
    .describe('Names or ids of servers of any project that have to be ACTIVE.'),
  volume: z.boolean().default(false).describe('Makes a volume of 1 GiB, too.'),
  keep: z
    .boolean()
    .default(false)
    .describe('Keeps what it made; rolling back deletes it. Default: it is deleted at once.'),
  timeout: Seconds.default(300).describe('Seconds after which it waits no longer. Default: 300.'),
});

/**
 * Uses the cloud as its users do: makes a server, a port and a volume through the APIs, waits until they are there, and deletes
 * them. It also looks whether servers from before survived. What a broken run of it left behind its undo finds by name.
 */
export const smokeHandler = defineHandler({
  kind: 'smoke',
  params: SmokeParams,
  before: Before,
  timeoutMs: 40 * 60_000,
  probeTimeoutMs: 3 * 60_000,
  reversibility: () => 'reversible',
  probe: (params) => [apiCommand(smokeLeftPython, params, [smokePrefix])],
  parse: ([output]) => apiAnswer(output, Found),
  isDone: ({ keep }, found, before) => {
    refuseSilence('trying the cloud', found);
    if (before === undefined || keep) return undefined;
    return addedTo(before, found).length === 0;
  },
  apply: ({ openrc, ...wants }) => [
    apiCommand(smokePython, { openrc, timeout: wants.timeout }, [
      JSON.stringify({ ...wants, prefix: smokePrefix }),
    ]),
  ],
  undo: (params, before, now) => {
    refuseSilence('looking for what the smoke test left', now);
    const added = addedTo(before, now);
    return added.length === 0
      ? []
      : [apiCommand(smokeRemovePython, params, ['300', JSON.stringify(added)])];
  },
  isRestored: (_params, before, now) => {
    refuseSilence('looking for what the smoke test left', now);
    return addedTo(before, now).length === 0;
  },
  does: ({ zone, keep }) =>
    deedOn(`smoke test${zone === undefined ? '' : ` on ${zone}`}${keep ? ', kept' : ''}`, 'try', [
      'server, port',
    ]),
  changes: (_params, found) =>
    'left' in found && found.left.length > 0
      ? `left by others: ${found.left.map(({ kind, name }) => `${kind} ${name}`).join(', ')}`
      : '',
});

function addedTo(before: Before, now: z.infer<typeof Found>): z.infer<typeof Found>['left'] {
  const known = new Set('left' in before ? before.left.map(({ id }) => id) : []);
  return now.left.filter(({ id }) => !known.has(id));
}
