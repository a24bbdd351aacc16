import type { PlanStep } from '../../jobs/run/plan.ts';
import { type Run, hostStep, isPassed, stepOf } from '../../jobs/run/run.ts';

/** `old-program`: the service's schema is of a later release than its program on that host; `new-program`: of an earlier one. */
export type ProgramStanding = 'old-program' | 'new-program';

/**
 * Which of program and schema is older where a step failed, by what the run itself did on this hop: whether it has synced the
 * service's databases, and whether it has upgraded that host's packages. `undefined` where both or neither is so, or either is
 * half done: then the text alone has to tell.
 */
export function programStanding(
  run: Run,
  { step, host }: { readonly step: string; readonly host: string },
): ProgramStanding | undefined {
  const { service, hop, kind } = stepOf(run, step);
  // A sync that fails does not say which side is older: it is what brings them together.
  if (service === undefined || hop === undefined || kind === 'schema-sync') return undefined;
  const ofHop = run.plan.steps.filter((one) => one.hop?.to === hop.to);
  const synced = doneOn(
    run,
    ofHop
      .filter((one) => one.kind === 'schema-sync' && one.service === service)
      .flatMap((one) => one.hosts.map((on) => ({ one, on }))),
  );
  const upgraded = doneOn(
    run,
    ofHop
      .filter((one) => one.purpose === 'upgrade-packages' && one.hosts.includes(host))
      .map((one) => ({ one, on: host })),
  );
  if (synced === 'all' && upgraded === 'none') return 'old-program';
  if (synced === 'none' && upgraded === 'all') return 'new-program';
  return undefined;
}

interface Placed {
  readonly one: PlanStep;
  readonly on: string;
}

function doneOn(run: Run, steps: readonly Placed[]): 'all' | 'none' | 'some' {
  if (steps.length === 0) return 'some';
  const stands = steps.map(({ one, on }) => {
    const applied = hostStep(run, { phase: 'apply', step: one.id, host: on });
    const undone = hostStep(run, { phase: 'undo', step: one.id, host: on });
    if (undone.status !== 'pending') return undone.status === 'succeeded' ? 'none' : 'some';
    if (isPassed(applied) && applied.status !== 'skipped') return 'all';
    return applied.status === 'pending' && !applied.began ? 'none' : 'some';
  });
  const [first = 'some'] = stands;
  return stands.every((one) => one === first) ? first : 'some';
}
