import type { RunEvent } from './events.ts';
import { type HostStep, type Run, type TakenFix, hostStep, isPassed, stepOf } from './run.ts';

type Chosen = Extract<RunEvent, { type: 'WayOutChosen' }>;

/**
 * The steps of a fix stand behind the step that failed, which counts as passed: in the order of the plan everything
 * began in the order of time, so that the rollback, last first, is right for them too.
 */
export function takeFix(run: Run, { by, at, step, title, steps, planHash }: Chosen): Run {
  const { plan } = run;
  const behind = plan.steps.findIndex(({ id }) => id === step) + 1;
  const states = run.apply[step] ?? new Map();
  const number = run.fixesChosen + 1;
  return {
    ...run,
    plan: { ...plan, steps: plan.steps.toSpliced(behind, 0, ...steps) },
    planHash,
    apply: { ...run.apply, [step]: new Map([...states, ...left(run, step)]) },
    fixes: [
      ...run.fixes,
      { number, by, at, title, from: step, plan, planHash: run.planHash, states },
    ],
    fixesChosen: number,
  };
}

/** The fix that this gate asks about, where nothing of it has begun. */
export const untouchedFix = (run: Run, gate: string): TakenFix | undefined =>
  run.fixes.findLast(
    ({ number }) =>
      run.plan.steps.find(({ way }) => way === number)?.id === gate &&
      run.plan.steps
        .filter(({ way }) => way === number)
        .every(({ id }) => [...(run.apply[id]?.values() ?? [])].every(({ began }) => !began)),
  );

/** As if it, and those after it, had not been chosen: the step is failed again, and somebody decides anew. */
export function leaveFix(run: Run, { from, plan, planHash, states, number }: TakenFix): Run {
  const known = new Set(plan.steps.map(({ id }) => id));
  const keep = <T>(all: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(all).filter(([id]) => known.has(id)));
  return {
    ...run,
    plan,
    planHash,
    gates: keep(run.gates),
    apply: { ...keep(run.apply), [from]: states },
    undo: keep(run.undo),
    fixes: run.fixes.slice(
      0,
      run.fixes.findIndex((way) => way.number === number),
    ),
  };
}

/** Once the step that failed is undone, nothing is left that a fix would cure. */
export function leaveFixesFrom(run: Run, to: string): Run {
  const ids = run.plan.steps.map(({ id }) => id);
  const way = run.fixes.find(({ from }) => ids.indexOf(from) >= ids.indexOf(to));
  return way === undefined ? run : leaveFix(run, way);
}

const left = (run: Run, step: string): [string, HostStep][] =>
  stepOf(run, step).hosts.flatMap((host): [string, HostStep][] => {
    const state = hostStep(run, { phase: 'apply', step, host });
    return isPassed(state) ? [] : [[host, { ...state, status: 'skipped' }]];
  });
