import { onceEach } from '../../handlers/contract/once-each.ts';
import { z } from 'zod';
import { OperatorError } from '../../handlers/contract/errors.ts';
import type { AnyHandler } from '../../handlers/contract/handler.ts';
import { handlers } from '../../handlers/index.ts';
import type { Cloud } from './cloud.ts';
import { listNames, readNamedFile } from './named-files.ts';
import { Size } from './sizes.ts';
import { nearestWord } from './nearest.ts';
import { Purpose, StepHop } from './purposes.ts';

const UNITS_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };
/** A week: longer waits than any step has, shorter than what a timer can hold (2^31 ms). */
const LONGEST_MS = 7 * 24 * 3_600_000;

/** Milliseconds of a duration such as `90s`, `10m` or `2h`, a week at most. Throws `BadDuration`. */
export function parseDuration(text: string): number {
  const ms = durationMs(text);
  if (ms === undefined)
    throw new OperatorError(`reading the duration ${JSON.stringify(text)}: it is none`, {
      name: 'BadDuration',
      hint: 'Write a number and s, m or h, such as 90s, 10m or 2h; 168h is the longest.',
    });
  return ms;
}

function durationMs(text: string): number | undefined {
  const [, count, unit] = /^([1-9]\d{0,8})([smh])$/.exec(text) ?? [];
  const ms = Number(count) * (UNITS_MS[unit ?? ''] ?? Number.NaN);
  return ms <= LONGEST_MS ? ms : undefined;
}

const place = z.string().min(1);

const stepOf = ({ kind, params }: Pick<AnyHandler, 'kind' | 'params'>) =>
  z.strictObject({
    id: z
      .string()
      .regex(
        /^[a-z0-9][a-z0-9-]{0,39}$/,
        'expected 1 to 40 lower-case letters, digits and dashes, beginning with a letter or digit',
      )
      .describe('What the step is called in commands and logs. Unique in the runbook.'),
    title: z.string().min(1).max(150).describe('What the step does, for the card.'),
    kind: z.literal(kind).describe('What kind of step it is; params follow from it.'),
    on: z
      .union([place, z.array(place).min(1)])
      .describe('Where it runs: all, a role, a host, or a list of roles and hosts.'),
    params: params,
    batch: z
      .int()
      .min(1)
      .exactOptional()
      .describe('How many hosts at a time. Without it: all at once.'),
    maxFailures: z
      .int()
      .min(0)
      .default(0)
      .describe('How many hosts may fail before no further host is begun.'),
    timeout: z
      .string()
      .refine((text) => durationMs(text) !== undefined, {
        error: 'expected a duration such as 90s, 10m or 2h, of 168h at most',
      })
      .exactOptional()
      .describe('How long it may take on one host, such as 90s, 10m or 2h.'),
    outputLimit: Size.exactOptional().describe(
      'What it may write on one host before it is ended, such as 64MiB or 2GiB. Without it: as the cloud says.',
    ),
    approval: z
      .union([z.boolean(), z.int().min(1)])
      .exactOptional()
      .describe(
        'Whether people approve before it begins, or how many. Without it: as the cloud says.',
      ),
    notes: z
      .array(z.string().min(1))
      .exactOptional()
      .describe('What to know before approving, for the message that asks for it. An item a line.'),
    hop: StepHop.exactOptional().describe(
      'The hop of an upgrade that it belongs to: from which release to which.',
    ),
    service: z.string().min(1).exactOptional().describe('The service that it is about, if one.'),
    purpose: Purpose.exactOptional().describe('What it is for, in one of the usual words.'),
  });

type AnyStep = ReturnType<typeof stepOf>;

function stepKinds([first, ...rest]: readonly AnyHandler[]): [AnyStep, ...AnyStep[]] {
  if (first === undefined) throw new RangeError('no step kind is registered');
  return [stepOf(first), ...rest.map(stepOf)];
}

/** One step of a runbook. `params` is what the handler of its kind takes; `timeout` stays as written. */
export const StepSpec = z.discriminatedUnion('kind', stepKinds(Object.values(handlers)));
export type StepSpec = z.infer<typeof StepSpec>;

const steps = z
  .array(StepSpec)
  .min(1)
  .superRefine(
    (all, context) => {
      const seen = new Map<unknown, number>();
      for (const [index, step] of (all as readonly (Partial<StepSpec> | null)[]).entries()) {
        const id = step?.id;
        const first = seen.get(id);
        if (typeof id === 'string' && first !== undefined)
          context.addIssue({
            code: 'custom',
            path: [index, 'id'],
            message: `expected an id of its own: steps[${first}] has it`,
          });
        else seen.set(id, index);
      }
    },
    // Also beside other problems, so that one reading shows them all.
    { when: ({ value }) => Array.isArray(value) },
  );

export const Runbook = z
  .strictObject({
    name: z
      .string()
      .exactOptional()
      .describe('What the file is called, without .yaml. May be left out.'),
    title: z.string().min(1).max(150).describe('What the runbook does, for the card.'),
    description: z.string().exactOptional().describe('When to use it and what to know before.'),
    steps: steps.describe('What happens, in this order.'),
  })
  .describe('A list of steps to run on the hosts of a cloud.');
export type Runbook = z.infer<typeof Runbook>;

/** The names of the runbooks in a folder, sorted. */
export const listRunbooks = (dir: string): Promise<string[]> => listNames({ dir, noun: 'runbook' });

/**
 * One runbook, with its name. Throws `UnknownRunbook` with the names there are, or `BadFile` with every problem and its
 * line.
 */
export async function loadRunbook(
  dir: string,
  name: string,
): Promise<Runbook & { readonly name: string }> {
  const schema = Runbook.extend({
    name: z.literal(name, { error: `expected ${name}, as the file is called` }).exactOptional(),
  });
  const runbook = await readNamedFile({ dir, noun: 'runbook' }, { name, schema });
  return { ...runbook, name };
}

/**
 * The hosts that `on` means, each once, in the order of the cloud's file. Throws `UnknownPlace` for a word that is
 * neither `all` nor a role nor a host.
 */
export function hostsOnCloud(cloud: Pick<Cloud, 'name' | 'hosts'>, on: StepSpec['on']): string[] {
  const words = new Set(typeof on === 'string' ? [on] : on);
  const hosts = Object.entries(cloud.hosts);
  const roles = rolesOf(cloud.hosts);
  for (const word of words) {
    if (word !== 'all' && !roles.has(word) && !Object.hasOwn(cloud.hosts, word))
      throw unknownPlace(word, { cloud: cloud.name, roles, hosts: hosts.map(([name]) => name) });
  }
  return hosts
    .filter(
      ([name, host]) =>
        words.has('all') || words.has(name) || host.roles.some((role) => words.has(role)),
    )
    .map(([name]) => name);
}

/** Asked for each part of each service on each hop. */
const rolesOf = onceEach(
  (hosts: Cloud['hosts']): ReadonlySet<string> =>
    new Set(Object.values(hosts).flatMap((host) => host.roles)),
);

interface Places {
  readonly cloud: string;
  readonly roles: ReadonlySet<string>;
  readonly hosts: readonly string[];
}

function unknownPlace(word: string, { cloud, roles, hosts }: Places): OperatorError {
  const known = [...roles].toSorted();
  const meant = nearestWord(word, [...known, ...hosts, 'all']);
  return new OperatorError(
    `looking for ${word} in cloud ${cloud}: neither a role (${known.join(', ') || 'none'}) nor a host (${hosts.join(', ')})`,
    {
      name: 'UnknownPlace',
      hint:
        meant === undefined
          ? 'Use all, one of these roles or one of these hosts.'
          : `Did you mean ${meant}?`,
    },
  );
}
