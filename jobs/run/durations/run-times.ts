// How long steps took, and what that says of steps to come. Pure; others take timesOfRun and what estimates.ts answers.
import { z } from 'zod';
import { onceEach } from '../../../handlers/contract/once-each.ts';
import type { Work } from '../events.ts';
import { type PlanStep, plannedDeed } from '../plan.ts';
import { type HostStep, type Run, hostStep } from '../run.ts';

/** How long the steps of one run took. */
export const RunTimes = z.strictObject({
  run: z.string(),
  cloud: z.string(),
  /** When the run ended; ISO 8601. */
  at: z.iso.datetime(),
  /** Ms, each for one turn of a step: as many hosts as it takes at a time. By what was done, the closest likeness first. */
  steps: z.array(z.strictObject({ keys: z.array(z.string()), ms: z.array(z.int().min(0)) })),
  /** Ms from the end of a step to the start of the next, where nobody was waited for. */
  pauses: z.array(z.int().min(0)),
});
export type RunTimes = z.infer<typeof RunTimes>;

/** Of a step that was done so often in one run, more says little. */
const mostOfOne = 20;

/** What a run that has ended teaches; undefined where no step was done in one go. */
export function timesOfRun(run: Run): RunTimes | undefined {
  if (run.ended === undefined) return undefined;
  const found = new Map<string, { keys: readonly string[]; ms: number[] }>();
  for (const { step, phase, hosts } of worksOf(run)) {
    const ms = turnMs(run, { step, phase, hosts }) ?? unchangedMs(run, { step, phase });
    if (ms === undefined) continue;
    const keys = likenessKeys(step, phase);
    const name = keys.join('\n');
    const known = found.get(name) ?? { keys, ms: [] };
    found.set(name, known);
    if (known.ms.length < mostOfOne) known.ms.push(ms);
  }
  if (found.size === 0) return undefined;
  return {
    run: run.id,
    cloud: run.plan.cloud,
    at: run.ended.at,
    steps: [...found.values()].map(({ keys, ms }) => ({ keys: [...keys], ms })),
    pauses: pausesOf(run).slice(0, 200),
  };
}

export interface TimedStep {
  readonly phase: Work['phase'];
  readonly step: PlanStep;
  readonly hosts: readonly string[];
}

const worksOf = (run: Run): TimedStep[] =>
  (['apply', 'undo'] as const).flatMap((phase) =>
    run.plan.steps.map((step) => ({
      phase,
      step,
      hosts: step.hosts.filter((host) => isDone(hostStep(run, { phase, step: step.id, host }))),
    })),
  );

/** What stood still, or was tried again, says nothing of how long it takes. */
const isDone = ({ status, attempt, startedAt, finishedAt }: HostStep): boolean =>
  status === 'succeeded' && attempt === 1 && startedAt !== undefined && finishedAt !== undefined;

/** How many turns a step takes for these hosts. */
export const turnsOf = ({ step, hosts }: Pick<TimedStep, 'step' | 'hosts'>): number =>
  Math.ceil(hosts.length / Math.max(1, step.batch));

function turnMs(run: Run, { phase, step, hosts }: TimedStep): number | undefined {
  if (step.doer === 'person' || hosts.length === 0) return undefined;
  const states = hosts.map((host) => hostStep(run, { phase, step: step.id, host }));
  const began = states.map(({ startedAt = '' }) => Date.parse(startedAt));
  const ended = states.map(({ finishedAt = '' }) => Date.parse(finishedAt));
  const ms = Math.max(...ended) - Math.min(...began);
  return Math.max(0, Math.round(ms / turnsOf({ step, hosts })));
}

/** What was as it should be everywhere took no time of its own. */
const unchangedMs = (run: Run, { phase, step }: Omit<TimedStep, 'hosts'>): number | undefined =>
  step.hosts.every((host) => hostStep(run, { phase, step: step.id, host }).status === 'unchanged')
    ? 0
    : undefined;

function pausesOf(run: Run): number[] {
  const spans = run.plan.steps.flatMap((step) => {
    const hosts = step.hosts.map((host) => hostStep(run, { phase: 'apply', step: step.id, host }));
    if (!hosts.every(isDone)) return [{ gate: true, from: 0, to: 0 }];
    const from = Math.min(...hosts.map(({ startedAt = '' }) => Date.parse(startedAt)));
    const to = Math.max(...hosts.map(({ finishedAt = '' }) => Date.parse(finishedAt)));
    return [{ gate: step.gate !== undefined, from, to }];
  });
  return spans.slice(1).flatMap(({ gate, from }, index) => {
    const before = spans[index];
    return gate || before === undefined || before.to === 0 || from < before.to
      ? []
      : [from - before.to];
  });
}

/**
 * What makes two steps alike, the closest first: the same step of a plan; one of the same hop, purpose, service, kind and
 * size; the same of any hop.
 */
export const likenessKeys = (step: PlanStep, phase: Work['phase']): readonly string[] =>
  keysOf(step).map((key) => `${phase} ${key}`);

const keysOf = onceEach((step: PlanStep): readonly string[] => {
  const { id, kind, hosts, hop, service, purpose } = step;
  const name = hosts.reduce((text, host) => text.replaceAll(host, '*'), id).replace(/-\d+$/, '');
  const size = sizeOf(step);
  const place = hop === undefined ? '' : `${hop.from ?? ''}>${hop.to}`;
  const same = `${place} ${name} ${kind} ${size}`;
  if (purpose === undefined) return [same];
  const alike = `${purpose} ${service ?? ''} ${kind} ${size}`;
  return [same, `${place} ${alike}`, alike];
});

/** In steps of a factor of two: how many things it changes. */
const sizeOf = (step: PlanStep): number =>
  Math.round(Math.log2(1 + (plannedDeed(step)?.changes.length ?? 1)));
