import { currentStep } from '../standing.ts';
import { planRollback } from '../rollback/rollback.ts';
import { type Run, hostStep, isPassed } from '../run.ts';
import { type RunTimes, type TimedStep, likenessKeys, turnsOf } from './run-times.ts';

/** What earlier runs say of how long things take. */
export interface KnownTimes {
  /** Ms that one turn of a step usually takes; undefined where too little is known. */
  readonly usualMs: (step: Likened) => number | undefined;
  /** The same for adding many up, where one run before is enough. */
  readonly roughMs: (step: Likened) => number | undefined;
  /** Ms between two steps. */
  readonly pauseMs: number;
}

type Likened = Pick<TimedStep, 'step' | 'phase'>;

/** How many samples it takes, by how close the likeness is: of this cloud, or so many times as many of any. */
interface Takes {
  readonly own: readonly number[];
  readonly others: number;
}
const usualTakes: Takes = { own: [2, 4, 8], others: 2 };
const roughTakes: Takes = { own: [1, 2, 4], others: 1 };
/** The latest count: hosts and clouds change. */
const mostSamples = 30;

interface Sample {
  readonly ms: number;
  readonly cloud: string;
}

/** `runs`: the latest first. What the same cloud took says most. */
export function knownTimes(runs: readonly RunTimes[], cloud: string): KnownTimes {
  const samples = new Map<string, Sample[]>();
  for (const run of runs)
    for (const { keys, ms } of run.steps)
      for (const key of keys) {
        const all = samples.get(key) ?? [];
        samples.set(key, all);
        all.push(...ms.map((one) => ({ ms: one, cloud: run.cloud })));
      }
  const of =
    ({ own: takes, others }: Takes) =>
    ({ step, phase }: Likened): number | undefined => {
      for (const [closeness, key] of likenessKeys(step, phase).entries()) {
        const all = samples.get(key) ?? [];
        const needed = takes[closeness] ?? Infinity;
        const own = all.filter((sample) => sample.cloud === cloud);
        // Another cloud has other disks and other numbers of rows.
        const counted = own.length >= needed ? own : all.length >= others * needed ? all : [];
        if (counted.length > 0) return median(counted.slice(0, mostSamples).map(({ ms }) => ms));
      }
      return undefined;
    };
  return {
    usualMs: of(usualTakes),
    roughMs: of(roughTakes),
    pauseMs: median(runs.flatMap(({ pauses }) => pauses)) ?? 0,
  };
}

/** How long what is left of a run takes, and how far it is by that. */
export interface RunEstimate {
  readonly leftMs: number;
  /** From 0 to 1. */
  readonly share: number;
  /** What it does not count: approvals to come, and steps that a person does. */
  readonly approvals: number;
  readonly byHand: number;
}

/** Of so many hosts of steps it must be known how long they take. */
const enough = 0.9;

/** Undefined where too little is known of what is left, or the run has ended. */
export function runEstimate(run: Run, known: KnownTimes, nowMs: number): RunEstimate | undefined {
  if (run.ended !== undefined) return undefined;
  const steps = run.rollback === undefined ? forward(run) : back(run, run.rollback.to);
  const weighed = weigh(run, steps, { known, nowMs });
  if (weighed === undefined) return undefined;
  const { doneMs, leftMs } = weighed;
  const current = currentStep(run);
  const ahead = current === undefined ? [] : run.plan.steps.slice(run.plan.steps.indexOf(current));
  const isForward = run.rollback === undefined;
  return {
    leftMs,
    share: doneMs + leftMs === 0 ? 1 : doneMs / (doneMs + leftMs),
    approvals: isForward
      ? ahead.filter(({ id, gate }) => gate !== undefined && !isOpened(run, id)).length
      : 0,
    byHand: steps.filter(
      (one) =>
        one.step.doer === 'person' && one.hosts.some((host) => !isPassed(stateOf(run, one, host))),
    ).length,
  };
}

/** How long going back takes from here, to `to` or as far as it goes; undefined where too little is known. */
export function rollbackMs(run: Run, known: KnownTimes, to?: string): number | undefined {
  return weigh(run, back(run, to), { known, nowMs: Date.parse(run.at) })?.leftMs;
}

/** Ms that what runs now of a step usually takes; undefined where too little is known, or nothing of it runs. */
export function usualOf(
  run: Run,
  of: Pick<TimedStep, 'phase' | 'step'>,
  known: KnownTimes,
): number | undefined {
  if (of.step.doer === 'person') return undefined;
  const isRunning = of.step.hosts.some((host) => stateOf(run, of, host).status === 'running');
  return isRunning ? known.usualMs(of) : undefined;
}

const stateOf = (run: Run, { phase, step }: Pick<TimedStep, 'phase' | 'step'>, host: string) =>
  hostStep(run, { phase, step: step.id, host });

const isOpened = ({ gates }: Run, id: string): boolean => (gates[id]?.approvals.length ?? 0) > 0;

/** What the run is past is done, whatever a step allowed to fail. */
function forward(run: Run): Weighed[] {
  const current = currentStep(run);
  const at = current === undefined ? Infinity : run.plan.steps.indexOf(current);
  return run.plan.steps.map((step, index) => ({
    phase: 'apply',
    step,
    hosts: step.hosts,
    isPast: index < at,
  }));
}

type Weighed = TimedStep & { readonly isPast?: boolean };

const back = (run: Run, to?: string): Weighed[] =>
  planRollback(run, to).steps.map(({ step, hosts }) => ({ phase: 'undo', step, hosts }));

interface Weighing {
  readonly known: KnownTimes;
  readonly nowMs: number;
}

function weigh(
  run: Run,
  steps: readonly Weighed[],
  { known, nowMs }: Weighing,
): { readonly doneMs: number; readonly leftMs: number } | undefined {
  const timed = steps.filter(({ step }) => step.doer === 'host');
  const parts = timed.map((one) => partOf(run, one, { known, nowMs }));
  const left = parts.filter(({ isLeft }) => isLeft);
  const sure = left.filter(({ isKnown }) => isKnown).length;
  if (left.length > 0 && sure / left.length < enough) return undefined;
  const pace = paceOf(parts);
  return {
    doneMs: sum(parts.map(({ tookMs, isLeft }) => (isLeft ? 0 : tookMs + known.pauseMs))),
    leftMs: sum(
      left.map(({ wholeMs, goneMs }) => {
        const restMs = wholeMs * pace - goneMs;
        // Over its time: nobody knows, but not nothing.
        return Math.max(restMs, goneMs > 0 ? wholeMs * 0.2 : 0) + known.pauseMs;
      }),
    ),
  };
}

interface Part {
  readonly isLeft: boolean;
  readonly isKnown: boolean;
  /** By earlier runs. */
  readonly wholeMs: number;
  /** Of what runs: since when. */
  readonly goneMs: number;
  /** Of what is done. */
  readonly tookMs: number;
}

function partOf(run: Run, one: Weighed, { known, nowMs }: Weighing): Part {
  const states = one.hosts.map((host) => stateOf(run, one, host));
  const ms = known.roughMs(one);
  const open =
    one.isPast === true ? [] : one.hosts.filter((host) => !isPassed(stateOf(run, one, host)));
  const turns = turnsOf({ step: one.step, hosts: open });
  const started = states.flatMap(({ startedAt, status }) =>
    status === 'running' && startedAt !== undefined ? [Date.parse(startedAt)] : [],
  );
  const spans = states.flatMap(({ startedAt, finishedAt, status, attempt }) =>
    status === 'succeeded' && attempt === 1 && startedAt !== undefined && finishedAt !== undefined
      ? [[Date.parse(startedAt), Date.parse(finishedAt)] as const]
      : [],
  );
  const took =
    spans.length === 0
      ? 0
      : Math.max(...spans.map(([, to]) => to)) - Math.min(...spans.map(([from]) => from));
  const isLeft = open.length > 0;
  return {
    isLeft,
    isKnown: ms !== undefined,
    wholeMs: (ms ?? 0) * (isLeft ? turns : turnsOf(one)),
    goneMs: started.length === 0 ? 0 : Math.max(0, nowMs - Math.min(...started)),
    tookMs: took,
  };
}

/** How fast this run goes beside earlier ones, once enough of it is done to tell. */
function paceOf(parts: readonly Part[]): number {
  const done = parts.filter(({ isLeft, isKnown, tookMs }) => !isLeft && isKnown && tookMs > 0);
  const before = sum(done.map(({ wholeMs }) => wholeMs));
  if (done.length < 5 || before === 0) return 1;
  const pace = sum(done.map(({ tookMs }) => tookMs)) / before;
  return Math.min(4, Math.max(0.25, pace));
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

function median(numbers: readonly number[]): number | undefined {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor((sorted.length - 1) / 2);
  const [low, high] = [sorted[middle], sorted[Math.ceil((sorted.length - 1) / 2)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}
