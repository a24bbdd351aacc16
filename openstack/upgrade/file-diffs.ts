import { createHash } from 'node:crypto';
import type { CommandOutput } from '../../handlers/contract/command.ts';
import { OperatorError } from '../../handlers/contract/errors.ts';
import type { InspectAnswer, InspectRequest } from '../../jobs/redis/inspect-request.ts';
import { stepDeed } from '../../jobs/reading/steps.ts';
import { type Plan, type PlanStep, handlerOf } from '../../jobs/run/plan.ts';

/** What a step does to files, against hosts as they are now; hosts where that is the same are named together. */
export interface FileDiff {
  /** Number on the card. */
  readonly step: number;
  readonly says: string;
  readonly hosts: readonly string[];
  /** A unified diff, or lines about owner and mode; secrets masked. Empty: nothing changes there. */
  readonly changes?: string;
  /** Why nobody could look. */
  readonly problem?: string;
}

type Look = (id: string, request: InspectRequest) => Promise<InspectAnswer>;

interface FileStep {
  readonly step: PlanStep;
  readonly number: number;
}

/** Looks at hosts, which changes nothing, and says what these steps would change in files. */
export async function fileDiffs(
  { targets, become, steps: all }: Plan,
  steps: readonly PlanStep[],
  look: Look,
): Promise<FileDiff[]> {
  const wanted = steps
    .filter((step) => step.doer === 'host' && writesFiles(step))
    .map((step): FileStep => ({ step, number: all.indexOf(step) + 1 }));
  const hosts = [...new Set(wanted.flatMap(({ step }) => step.hosts))];
  if (hosts.length === 0) return [];
  const onHost = (host: string): FileStep[] =>
    wanted.filter(({ step }) => step.hosts.includes(host));
  const request: InspectRequest = {
    become,
    hosts: Object.fromEntries(
      hosts.flatMap((host) => {
        const target = targets[host];
        const commands = onHost(host).flatMap(({ step }) => [...handlerOf(step).probe]);
        return target === undefined ? [] : [[host, { target, commands }]];
      }),
    ),
  };
  const answer = await look(idOf(request), request);
  const found = hosts.flatMap((host) => {
    const outputs = answer[host];
    return outputs !== undefined && 'outputs' in outputs
      ? changesOn(host, onHost(host), outputs.outputs)
      : onHost(host).map((one) =>
          diffOf(one, host, { problem: outputs?.problem.message ?? 'no answer' }),
        );
  });
  return together(found);
}

const writesFiles = (step: PlanStep): boolean =>
  stepDeed(step).changes.some(({ what }) => what === 'write' || what === 'remove');

/** What is asked again within a moment was seen a moment ago. */
const idOf = (request: InspectRequest): string =>
  `diffs-${createHash('sha256')
    .update(JSON.stringify([request, Math.floor(Date.now() / 10_000)]))
    .digest('hex')
    .slice(0, 24)}`;

function changesOn(
  host: string,
  steps: readonly FileStep[],
  outputs: readonly CommandOutput[],
): FileDiff[] {
  let from = 0;
  return steps.map((one) => {
    const handler = handlerOf(one.step);
    const own = outputs.slice(from, from + handler.probe.length);
    from += handler.probe.length;
    try {
      return diffOf(one, host, { changes: handler.changes(handler.parse(own)) });
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      return diffOf(one, host, { problem: error.message });
    }
  });
}

const diffOf = (
  { step, number }: FileStep,
  host: string,
  found: Pick<FileDiff, 'changes' | 'problem'>,
): FileDiff => ({ step: number, says: stepDeed(step).says, hosts: [host], ...found });

/** In the order of the steps. */
function together(diffs: readonly FileDiff[]): FileDiff[] {
  const groups = new Map<string, FileDiff>();
  for (const diff of diffs) {
    const { hosts, ...rest } = diff;
    const key = JSON.stringify(rest);
    const known = groups.get(key);
    groups.set(key, known === undefined ? diff : { ...known, hosts: [...known.hosts, ...hosts] });
  }
  return [...groups.values()].toSorted((a, b) => a.step - b.step);
}
