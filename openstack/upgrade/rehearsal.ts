import { createHash } from 'node:crypto';
import type { RunEvent } from '../../jobs/run/events.ts';
import { type Plan, canonicalJson } from '../../jobs/run/plan.ts';

interface Ended {
  readonly run: string;
  readonly cloud: string;
  readonly at: string;
}

/** A plan counts as rehearsed once it ran to its end, and was rolled back from its end, both on a verification cloud. */
type Rehearsal =
  | { readonly isRehearsed: true; readonly green: Ended; readonly drill: Ended }
  | { readonly isRehearsed: false; readonly reason: string };

interface When {
  /** ISO 8601. */
  readonly now: string;
  /** How long a rehearsal counts: hosts, archives and people change. */
  readonly days: number;
}

/** Whether the logs of other runs show that this plan was rehearsed, host names apart. */
export function rehearsalOf(
  plan: Plan,
  logs: readonly (readonly RunEvent[])[],
  { now, days: counts }: When,
): Rehearsal {
  const key = rehearsalKey(plan);
  const runs = logs.flatMap(trialOf).filter((trial) => trial.plan.runbook === plan.runbook);
  const same = runs.filter((trial) => rehearsalKey(trial.plan) === key);
  const [green, drill] = [newest(same, 'green'), newest(same, 'drill')];
  if (same.length === 0) return { isRehearsed: false, reason: never(runs) };
  const where = [...new Set(same.map(({ plan: { cloud } }) => cloud))].join(', ');
  if (green === undefined)
    return missing(
      `no run of this plan on ${where} came to its end without a skipped step or a fix of a failure`,
    );
  if (drill === undefined)
    return missing(`nobody has rolled this plan back on ${where} from after its last schema sync`);
  const oldest = green.at < drill.at ? green : drill;
  const days = Math.floor((Date.parse(now) - Date.parse(oldest.at)) / 86_400_000);
  if (days >= counts)
    return missing(
      `run ${oldest.run} on ${oldest.cloud} was ${days} days ago, and a rehearsal counts for ${counts}`,
    );
  return { isRehearsed: true, green, drill };
}

const missing = (reason: string): Rehearsal => ({ isRehearsed: false, reason });

function never(others: readonly Trial[]): string {
  const [other] = others;
  return other === undefined
    ? 'this plan never ran on a verification cloud'
    : `run ${other.run} on ${other.plan.cloud} went to the same release by other steps`;
}

/**
 * The same for two plans that differ in nothing but hosts, their addresses and what stands in the operator's files. How
 * many hosts a step runs on does not matter either.
 */
export function rehearsalKey(plan: Plan): string {
  const neutral = neutralOf(plan);
  const steps = plan.steps.map(({ kind, params }) => canonicalJson([kind, neutral(params)]));
  return createHash('sha256').update(withoutRepeats(steps).join('\n')).digest('hex');
}

/** Hosts that take their turns repeat what they do: one turn stands for all that follow it. */
function withoutRepeats(steps: readonly string[]): string[] {
  return steps.reduce<string[]>((kept, step) => {
    const next = [...kept, step];
    for (let length = 1; length <= LONGEST_TURN && 2 * length <= next.length; length += 1) {
      const [last, before] = [next.slice(-length), next.slice(-2 * length, -length)];
      if (last.every((one, index) => one === before[index])) return next.slice(0, -length);
    }
    return next;
  }, []);
}

/** In steps; the turn of a control host has about 60. */
const LONGEST_TURN = 100;

function neutralOf({ targets }: Plan): (value: unknown) => unknown {
  const names = Object.entries(targets).flatMap(([host, { address }]) => [host, address]);
  const any = names
    .toSorted((a, b) => b.length - a.length)
    .map((name) => name.replaceAll(/[^A-Za-z0-9]/g, (character) => `\\${character}`));
  const host = new RegExp(
    `(?<![\\w.-])(?:${[...any, String.raw`\d{1,3}(?:\.\d{1,3}){3}`].join('|')})(?![\\w.-])`,
    'g',
  );
  const neutral = (value: unknown): unknown => {
    if (typeof value === 'string') return value.replaceAll(host, '<host>');
    if (Array.isArray(value)) {
      const all = value.map(neutral);
      return all.filter(
        (one, index) => index === 0 || canonicalJson(one) !== canonicalJson(all[index - 1]),
      );
    }
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => !OWN.has(key))
        .map(([key, inner]) => [key, neutral(inner)]),
    );
  };
  return neutral;
}

/**
 * What a configuration file says, where the operator keeps it, and what a smoke test uses is each cloud's own; what only
 * people read may be worded anew.
 */
const OWN: ReadonlySet<string> = new Set([
  'content',
  'sha256',
  'file',
  'image',
  'flavor',
  'network',
  'survivors',
  'zone',
  'what',
  'missing',
]);

interface Trial {
  readonly run: string;
  readonly plan: Plan;
  /** When it last came to its end, with every step done. */
  readonly green?: string;
  /** When it last was back at its start, after a rollback from beyond its last schema sync. */
  readonly drill?: string;
}

/** What one log shows; nothing for a run that was no trial. */
function trialOf([first, ...rest]: readonly RunEvent[]): Trial[] {
  if (first?.type !== 'RunRequested' || first.plan.environment !== 'verification') return [];
  const syncs = first.plan.steps.filter(({ kind }) => kind === 'schema-sync').map(({ id }) => id);
  const passed = new Set<string>();
  let trial: Trial = { run: first.run, plan: first.plan };
  let [hasStrayed, isDeep] = [false, false];
  for (const event of rest) {
    if (event.type === 'StepSucceeded' || event.type === 'StepUnchanged') {
      if (event.work.phase === 'apply') passed.add(event.work.step);
    } else if (event.type === 'SkipRequested' || event.type === 'WayOutChosen') hasStrayed = true;
    else if (event.type === 'RollbackRequested') isDeep = syncs.every((id) => passed.has(id));
    else if (event.type === 'Rewound') passed.clear();
    else if (event.type === 'RunEnded' && !hasStrayed) {
      if (event.outcome === 'succeeded') trial = { ...trial, green: event.at };
      if (event.outcome === 'rolledBack' && isDeep) trial = { ...trial, drill: event.at };
    }
  }
  return [trial];
}

function newest(trials: readonly Trial[], what: 'green' | 'drill'): Ended | undefined {
  return trials
    .flatMap(({ run, plan: { cloud }, [what]: at }) =>
      at === undefined ? [] : [{ run, cloud, at }],
    )
    .toSorted((a, b) => (a.at < b.at ? -1 : 1))
    .at(-1);
}
