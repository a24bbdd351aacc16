import type { Work } from './events.ts';
import { withEntry } from '../../handlers/contract/changed-map.ts';
import { carryStanding } from './standing.ts';
import { leaveFixesFrom } from './taken-fixes.ts';
import {
  type GateState,
  type HostStep,
  type HostSteps,
  type Run,
  hostStep,
  isCurrent,
  isPassed,
  isSettled,
  stepOf,
} from './run.ts';

type StepStates = Run['apply'];

/** The next attempt: what began and what was found before it stays, the rest starts anew. */
export const nextAttempt = ({
  began,
  before,
  status,
  evidence = '',
  unsure = status === 'unknown' ? evidence : undefined,
  ...numbers
}: HostStep): HostStep => ({
  status: 'pending',
  ...nextNumber(numbers),
  began,
  ...(before === undefined ? {} : { before }),
  ...(unsure === undefined ? {} : { unsure }),
});

export function withGate(run: Run, id: string, change: (gate: GateState) => GateState): Run {
  return { ...run, gates: { ...run.gates, [id]: change(run.gates[id] ?? { approvals: [] }) } };
}

export function withWork(run: Run, work: Work, change: (step: HostStep) => HostStep): Run {
  // A fix that was left again took its steps with it.
  const isPlanned = run.plan.steps.some(({ id }) => id === work.step);
  return isPlanned && isCurrent(run, work)
    ? withHosts(run, { ...work, hosts: [work.host] }, change)
    : run;
}

export function withHosts(
  run: Run,
  { phase, step, hosts }: { phase: Work['phase']; step: string; hosts: readonly string[] },
  change: (step: HostStep) => HostStep,
): Run {
  let perHost: HostSteps = run[phase][step] ?? new Map();
  for (const host of hosts) {
    const [was, before] = [hostStep(run, { phase, step, host }), perHost];
    const now = change(was);
    perHost = withEntry(before, host, now);
    if (phase === 'apply') carryStanding({ before, after: perHost }, { host, was, now });
  }
  return { ...run, [phase]: { ...run[phase], [step]: perHost } };
}

export function mapHosts(run: Run, change: (step: HostStep) => HostStep): Run {
  const each = (steps: StepStates): StepStates =>
    mapValues(steps, (perHost) => mapStates(perHost, change));
  return { ...run, apply: each(run.apply), undo: each(run.undo) };
}

/** A rollback that is asked for again tries again what did not work the first time. */
export function retryUndo(run: Run): Run {
  const undo = mapValues(run.undo, (perHost) =>
    mapStates(perHost, (step) => (isSettled(step) && !isPassed(step) ? nextAttempt(step) : step)),
  );
  return { ...run, undo };
}

const mapStates = (perHost: HostSteps, change: (step: HostStep) => HostStep): HostSteps =>
  new Map(Array.from(perHost, ([host, step]) => [host, change(step)]));

const mapValues = <A, B>(
  record: Readonly<Record<string, A>>,
  change: (value: A) => B,
): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));

/**
 * Undone steps become as if they had never run, only with the next attempt's number, so that no execution id returns. They
 * do not run again on the approvals they ran on before: the first of them becomes a gate.
 */
export function rewindRun(before: Run, to: string): Run {
  const run = leaveFixesFrom(before, to);
  const steps = run.plan.steps.slice(run.plan.steps.findIndex(({ id }) => id === to));
  const undone = new Set(steps.map(({ id }) => id));
  // Steps of a fix have an approval of their own, so what comes after them needs one again, too.
  const asked = steps.filter(({ way }, index) => index === 0 || way !== steps[index - 1]?.way);
  const reset = (all: StepStates): StepStates =>
    Object.fromEntries(
      Object.entries(all).map(([id, perHost]) => [
        id,
        undone.has(id) ? mapStates(perHost, anew) : perHost,
      ]),
    );
  const gates = Object.fromEntries(Object.entries(run.gates).filter(([id]) => !undone.has(id)));
  const by = run.rollback?.by ?? run.requestedBy;
  return {
    ...withoutKey(run, 'rollback'),
    gates: { ...gates, ...Object.fromEntries(asked.map(({ id }) => [id, { approvals: [] }])) },
    apply: reset(run.apply),
    undo: reset(run.undo),
    paused: { by, at: run.at, reason: `rolled back to before ${stepOf(run, to).title}` },
  };
}

const anew = (step: HostStep): HostStep => ({
  status: 'pending',
  ...nextNumber(step),
  began: false,
});

const nextNumber = ({
  attempt,
  unusedNumbers,
}: Pick<HostStep, 'attempt' | 'unusedNumbers'>): Pick<HostStep, 'attempt' | 'unusedNumbers'> => ({
  attempt: attempt + 1,
  ...(unusedNumbers === undefined ? {} : { unusedNumbers }),
});

export function withoutKey<T extends object, K extends keyof T>(
  value: T,
  key: K,
): Omit<T, K> & Partial<Pick<T, K>> {
  if (!(key in value)) return value;
  const { [key]: _dropped, ...rest } = value;
  // TypeScript does not see that a rest of T is T without the key.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return rest as Omit<T, K> & Partial<Pick<T, K>>;
}
