import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Command } from '../../handlers/contract/command.ts';
import { handlers } from '../../handlers/index.ts';
import type { AnyHandler, BoundHandler } from '../../handlers/contract/handler.ts';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { onceEach } from '../../handlers/contract/once-each.ts';
import { HostTarget } from '../files/cloud.ts';
import { Purpose, StepHop } from '../files/purposes.ts';

export const PlanStep = z.strictObject({
  id: z.string(),
  title: z.string(),
  kind: z.string(),
  params: z.unknown(),
  hosts: z.array(z.string()).min(1),
  exit: z.enum(['reversible', 'restorable', 'oneWay']),
  /** What undoing it restores of what later `restorable` steps changed. */
  restores: z.enum(['databases', 'hosts']).optional(),
  /** In logs of older versions: it restores databases. */
  isBackup: z.boolean().optional(),
  /** The hosts that it is a backup of. */
  covers: z.array(z.string()).optional(),
  /** What has to be restored to undo it, where it is `restorable`. Absent: databases. */
  restoredBy: z.enum(['databases', 'hosts']).optional(),
  doer: z.enum(['host', 'person']),
  /** What a person is asked to do. Absent: the params say it. */
  asks: z.strictObject({ instructions: z.string(), proof: z.string() }).optional(),
  /** What a person does to take a person's step back; empty when there is nothing to take back. */
  undoByPerson: z.string().optional(),
  /** What runs on each host, word for word, with the words that change the user already in front. */
  apply: z.array(Command),
  /** Hosts at a time. */
  batch: z.int().min(1),
  /** Failed hosts that the step tolerates before it stops. */
  maxFailures: z.int().min(0),
  timeoutMs: z.int().min(1),
  /** What it may write on a host before it is ended there. Absent: 1 GiB. */
  outputLimitBytes: z.int().min(1).optional(),
  /** Approvals needed before this step and those after it, up to the next gate. Absent: no gate here. */
  gate: z.int().min(1).optional(),
  /** What people should know before they approve it. */
  notes: z.array(z.string()).optional(),
  /** The hop of an upgrade that it belongs to. */
  hop: StepHop.optional(),
  /** The service that it is about, if a single one. */
  service: z.string().optional(),
  purpose: Purpose.optional(),
  /** The step that it does once more, as part of a fix. */
  again: z.string().optional(),
  /** Which fix of a failure brought it into the run, counted from 1. Absent: it was planned from the start. */
  way: z.int().min(1).optional(),
});
export type PlanStep = z.infer<typeof PlanStep>;

/** Everything that a run will do and where. A worker needs nothing else, so what was approved is what runs. */
export const Plan = z.strictObject({
  title: z.string(),
  cloud: z.string(),
  environment: z.string(),
  channel: z.string(),
  runbook: z.string(),
  /** What it was planned for. Absent: the runbook is a file. */
  origin: z
    .discriminatedUnion('of', [
      z.strictObject({ of: z.literal('upgrade'), release: z.string() }),
      z.strictObject({ of: z.literal('healing') }),
    ])
    .optional(),
  become: z.boolean(),
  targets: z.record(z.string(), HostTarget),
  steps: z.array(PlanStep).min(1),
});
export type Plan = z.infer<typeof Plan>;

/**
 * For people: what a planned step has on this standard input, its secrets masked. Undefined where its kind does not say, or
 * when its contents are gone.
 */
export function maskedInput(
  { kind, params }: Pick<PlanStep, 'kind' | 'params'>,
  stdin: string,
): string | undefined {
  const handler = Object.hasOwn(handlers, kind) ? handlers[kind] : undefined;
  if (handler?.params.safeParse(params).success !== true) return undefined;
  const { apply, masked } = handler.bind(params);
  return apply.some((command) => command.stdin === stdin) ? masked() : undefined;
}

const knownHandler = (kind: string): AnyHandler | undefined =>
  Object.hasOwn(handlers, kind) ? handlers[kind] : undefined;

/** What a planned step does, as its kind says; undefined for one of a kind that this version does not know. */
export const plannedDeed = ({ kind, params }: Pick<PlanStep, 'kind' | 'params'>) =>
  knownHandler(kind)?.deedOf(params);

/** The handler of a planned step, with the step's parameters filled in. */
export function handlerOf(step: Pick<PlanStep, 'kind' | 'params' | 'id'>): BoundHandler {
  const handler = knownHandler(step.kind);
  if (handler === undefined) {
    throw new OperatorError(
      `step ${step.id} is of a kind that this version does not know: ${step.kind}`,
      {
        hint: `The kinds are ${Object.keys(handlers).join(', ')}.`,
        name: 'UnknownKind',
      },
    );
  }
  return handler.bind(step.params);
}

/**
 * Puts the words in front that make a command run as its user: `sudo -n` where the cloud allows `become`, `runuser` where
 * the login user is root. Throws an OperatorError where neither is possible.
 */
export function asUser(command: Command, ssh: { user: string; become: boolean }): Command {
  const { as: user, ...rest } = command;
  if (ssh.become) {
    const sudo =
      user === undefined || user === 'root'
        ? ['sudo', '-n', '--']
        : ['sudo', '-n', '-u', user, '--'];
    return { ...rest, words: [...sudo, ...command.words] };
  }
  if (user === undefined || user === ssh.user) return { ...rest, words: command.words };
  if (ssh.user === 'root')
    return { ...rest, words: ['runuser', '-u', user, '--', ...command.words] };
  throw new OperatorError(
    `${command.words.join(' ')} should run as ${user}, but the login user is ${ssh.user}`,
    {
      hint: 'Set ssh.become: true in the cloud file, and allow it in sudoers without a password.',
      name: 'NoBecome',
    },
  );
}

/**
 * Fingerprint of a plan: SHA-256, hexadecimal, over its JSON with sorted keys: all that runs, and all that people read
 * before they approve it. What a plan and its steps are filed under is neither; plans of older versions do not have it. The
 * larger ones take tens of milliseconds.
 */
export const planHash = onceEach(({ origin: _origin, steps, ...plan }: Plan): string => {
  const hashed = steps.map(
    ({ hop: _hop, service: _service, purpose: _purpose, again: _again, ...step }) => step,
  );
  return createHash('sha256')
    .update(canonicalJson({ ...plan, steps: hashed }))
    .digest('hex');
});

/** JSON with the keys of every object sorted and undefined members left out; with `indent`, for people. */
export function canonicalJson(value: unknown, indent?: number): string {
  return JSON.stringify(
    value,
    (_key, inner: unknown) =>
      inner !== null && typeof inner === 'object' && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    indent,
  );
}
