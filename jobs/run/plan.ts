import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Command } from '../../handlers/contract/command.ts';
import { handlers } from '../../handlers/index.ts';
import type { BoundHandler } from '../../handlers/contract/handler.ts';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { refuseUncovered } from './backups.ts';
import { type Cloud, mostApprovals, Target, targetOf } from '../files/cloud.ts';
import { hostsOf, parseDuration, type Runbook, type StepSpec } from '../files/runbook.ts';

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
  /** Approvals needed before this step and those after it, up to the next gate. Absent: no gate here. */
  gate: z.int().min(1).optional(),
  /** What people should know before they approve it. */
  notes: z.array(z.string()).optional(),
  /** Which way out of a failure brought it into the run, counted from 1. Absent: it was planned from the start. */
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
  become: z.boolean(),
  targets: z.record(z.string(), Target),
  steps: z.array(PlanStep).min(1),
});
export type Plan = z.infer<typeof Plan>;

/** Composes the plan of a runbook on a cloud. Throws an OperatorError when a step has no host or no way to run. */
export function compose(cloud: Cloud, runbook: Runbook, runbookName: string): Plan {
  const specs = runbook.steps.map((spec) => composeStep(cloud, spec));
  refuseUncovered(specs);
  const steps = withGates(cloud, runbook.steps, specs);
  refuseUngiven(steps, cloud, cloud.access.engineers);
  const used = new Set(specs.flatMap((step) => step.hosts));
  return {
    title: runbook.title,
    cloud: cloud.name,
    environment: cloud.environment,
    channel: cloud.channel,
    runbook: runbookName,
    become: cloud.ssh.become,
    targets: Object.fromEntries(
      Object.keys(cloud.hosts)
        .filter((host) => used.has(host))
        .map((host) => [host, targetOf(cloud, host)]),
    ),
    steps,
  };
}

/** Steps that join a run under way, in one go: the first of them is their gate, and always asks. */
export function composeSteps(cloud: Cloud, specs: readonly StepSpec[]): PlanStep[] {
  const gates = withGates(
    cloud,
    specs,
    specs.map((spec) => composeStep(cloud, spec)),
  );
  const gate = Math.max(1, ...gates.map((step) => step.gate ?? 0));
  return gates.map(({ gate: _own, ...step }, index) => (index === 0 ? { ...step, gate } : step));
}

/** Refuses a plan of one of these people that asks for more approvals than can come together. */
export function refuseUngiven(
  steps: readonly Pick<PlanStep, 'id' | 'gate'>[],
  { name, access }: Pick<Cloud, 'name' | 'access'>,
  requesters: readonly string[],
): void {
  const most = mostApprovals({ engineers: requesters, approvers: access.approvers });
  const gate = steps.find(({ gate: needed = 0 }) => needed > most);
  if (gate === undefined) return;
  const approvers = [...new Set(access.approvers)].map((id) => `<@${id}>`).join(', ');
  const needs = `needs ${gate.gate} approval${gate.gate === 1 ? '' : 's'}`;
  const can = most === 0 ? 'nobody can give it' : `at most ${most} can come together`;
  throw new OperatorError(
    `step ${gate.id} ${needs}, and on ${name} ${can}: its approvers are ${approvers}, and nobody approves a run of their own`,
    {
      name: 'TooFewApprovers',
      hint: `Name more people under access.approvers in ${name}.yaml, ask for fewer under approval of the step, or let somebody start it who approves nothing.`,
    },
  );
}

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

/** The handler of a planned step, with the step's parameters filled in. */
export function handlerOf(step: Pick<PlanStep, 'kind' | 'params' | 'id'>): BoundHandler {
  const handler = Object.hasOwn(handlers, step.kind) ? handlers[step.kind] : undefined;
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

/** Fingerprint of a plan: SHA-256, hexadecimal, over its JSON with sorted keys. The same plan gives the same hash. */
export const planHash = (plan: Plan): string =>
  createHash('sha256').update(canonical(plan)).digest('hex');

/** JSON with the keys of every object sorted and undefined members left out. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

function composeStep(cloud: Cloud, spec: StepSpec): Omit<PlanStep, 'gate'> {
  const handler = handlerOf(spec);
  const hosts = hostsOf(cloud, spec.on);
  if (hosts.length === 0) {
    throw new OperatorError(
      `step ${spec.id} would run nowhere: no host of ${cloud.name} matches its "on"`,
      {
        hint: 'Name a host or a role that the cloud file has.',
        name: 'NoHosts',
      },
    );
  }
  const other = handler.covers?.find((host) => !hosts.includes(host));
  if (other !== undefined) {
    throw new OperatorError(`step ${spec.id} is about ${other}, which is not in its "on"`, {
      hint: 'Name the same hosts in "on" and in its params.',
      name: 'NoHosts',
    });
  }
  // A user that nobody can become is an error now, not half-way through the run.
  for (const command of handler.probe) asUser(command, cloud.ssh);
  return {
    id: spec.id,
    title: spec.title,
    kind: spec.kind,
    params: spec.params,
    // A person does the work once, whatever the number of hosts it is about.
    hosts: handler.doer === 'person' ? hosts.slice(0, 1) : hosts,
    exit: handler.exit,
    ...backing(handler),
    doer: handler.doer,
    ...(handler.doer === 'person' ? { undoByPerson: handler.undoByPerson } : {}),
    ...(handler.asks === undefined ? {} : { asks: { ...handler.asks } }),
    apply: handler.apply.map((command) => asUser(command, cloud.ssh)),
    batch: spec.batch ?? hosts.length,
    maxFailures: spec.maxFailures ?? 0,
    timeoutMs: spec.timeout === undefined ? handler.timeoutMs : parseDuration(spec.timeout),
    ...(spec.notes !== undefined && { notes: spec.notes }),
  };
}

const backing = ({
  exit,
  restores,
  covers,
  restoredBy,
}: BoundHandler): Pick<PlanStep, 'restores' | 'covers' | 'restoredBy'> => ({
  ...(restores === undefined ? {} : { restores }),
  ...(covers === undefined ? {} : { covers: [...covers] }),
  ...(exit === 'restorable' && restoredBy !== 'databases' ? { restoredBy } : {}),
});

/**
 * A gate stands before the first step, before every step that asks for one, and before every one-way step that does not
 * say `approval: false`. It needs the highest number of approvals that any step up to the next gate asks for.
 */
function withGates(
  cloud: Cloud,
  specs: readonly StepSpec[],
  steps: readonly Omit<PlanStep, 'gate'>[],
): PlanStep[] {
  const isGate = steps.map((step, index) => {
    const asked = specs[index]?.approval;
    if (asked === false) return index === 0;
    return index === 0 || asked !== undefined || step.exit === 'oneWay';
  });
  const needed = steps.map((step, index) => {
    const asked = specs[index]?.approval;
    return Math.max(
      typeof asked === 'number' ? asked : asked === true ? 1 : 0,
      cloud.access.approvals[step.exit],
    );
  });
  return steps.map((step, index) => {
    if (!isGate[index]) return step;
    const next = isGate.indexOf(true, index + 1);
    const gate = Math.max(...needed.slice(index, next === -1 ? undefined : next));
    return gate === 0 ? step : { ...step, gate };
  });
}
