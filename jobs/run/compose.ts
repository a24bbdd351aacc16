import type { BoundHandler } from '../../handlers/contract/handler.ts';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { refuseUncovered } from './rollback/backups.ts';
import { type Cloud, mostApprovals, hostTarget } from '../files/cloud.ts';
import { sizeBytes } from '../files/sizes.ts';
import { hostsOnCloud, parseDuration, type Runbook, type StepSpec } from '../files/runbook.ts';
import { PlanStep, Plan, handlerOf, asUser } from './plan.ts';

/** Composes the plan of a runbook on a cloud. Throws an OperatorError when a step has no host or no way to run. */
export function composePlan(cloud: Cloud, runbook: Runbook, runbookName: string): Plan {
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
        .map((host) => [host, hostTarget(cloud, host)]),
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
  const approvers = [...new Set(access.approvers)];
  const needs = `needs ${gate.gate} approval${gate.gate === 1 ? '' : 's'}`;
  const can = most === 0 ? 'nobody can give it' : `at most ${most} can come together`;
  throw new OperatorError(
    `step ${gate.id} ${needs}, and on ${name} ${can}: its approvers are ${approvers.join(', ')}, and nobody approves a run of their own`,
    {
      name: 'TooFewApprovers',
      people: approvers,
      hint: `Name more people under access.approvers in ${name}.yaml, ask for fewer under approval of the step, or let somebody start it who approves nothing.`,
    },
  );
}

function composeStep(cloud: Cloud, spec: StepSpec): Omit<PlanStep, 'gate'> {
  const handler = handlerOf(spec);
  const hosts = hostsOnCloud(cloud, spec.on);
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
  // A user that nobody can become is an error now, not partway through the run.
  for (const command of handler.probe) asUser(command, cloud.ssh);
  return {
    id: spec.id,
    title: spec.title,
    kind: spec.kind,
    params: spec.params,
    // A person does the work once, whatever the number of hosts it is about.
    hosts: handler.doer === 'person' ? hosts.slice(0, 1) : hosts,
    exit: handler.reversibility,
    ...backing(handler),
    doer: handler.doer,
    ...(handler.doer === 'person' ? { undoByPerson: handler.undoByPerson } : {}),
    ...(handler.asks === undefined ? {} : { asks: { ...handler.asks } }),
    apply: handler.apply.map((command) => asUser(command, cloud.ssh)),
    batch: spec.batch ?? hosts.length,
    maxFailures: spec.maxFailures ?? 0,
    timeoutMs: spec.timeout === undefined ? handler.timeoutMs : parseDuration(spec.timeout),
    ...outputLimit(spec.outputLimit ?? cloud.outputLimit),
    ...(spec.notes !== undefined && { notes: spec.notes }),
    ...(spec.hop !== undefined && { hop: spec.hop }),
    ...(spec.service !== undefined && { service: spec.service }),
    ...(spec.purpose !== undefined && { purpose: spec.purpose }),
  };
}

const backing = ({
  reversibility: exit,
  restores,
  covers,
  restoredBy,
}: BoundHandler): Pick<PlanStep, 'restores' | 'covers' | 'restoredBy'> => ({
  ...(restores === undefined ? {} : { restores }),
  ...(covers === undefined ? {} : { covers: [...covers] }),
  ...(exit === 'restorable' && restoredBy !== 'databases' ? { restoredBy } : {}),
});

function outputLimit(written: string | undefined): Pick<PlanStep, 'outputLimitBytes'> {
  const outputLimitBytes = written === undefined ? undefined : sizeBytes(written);
  return outputLimitBytes === undefined ? {} : { outputLimitBytes };
}

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
