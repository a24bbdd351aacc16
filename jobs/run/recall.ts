import { mapHosts, withHosts, withoutKey } from './changes.ts';
import { stepTurned } from './fold-step.ts';
import { approvalsNeeded } from './decide.ts';
import { currentStep } from './standing.ts';
import { type RunEvent, type Work, executionId } from './events.ts';
import type { PlanStep } from './plan.ts';
import { planRollback } from './rollback/rollback.ts';
import { type HostStep, type Run, hostStep } from './run.ts';

type Recalled = Extract<RunEvent, { type: 'HostRecalled' }>;

/** A store that was started anew may have lost its last events: before anything goes on, every host says what it knows. */
export const askAllHosts = (
  run: Run,
  { at, store }: Extract<RunEvent, { type: 'StoreRestarted' }>,
): Run => ({
  ...run,
  restarted: { at, store },
  recalling: Object.keys(run.plan.targets),
});

/** What a host has begun that the log has forgotten is under way again; a person sees it before anything else begins. */
export function recallHost(run: Run, { host, begun, silent, lost, at }: Recalled): Run {
  const left = (run.recalling ?? []).filter((name) => name !== host);
  const asked = left.length > 0 ? { ...run, recalling: left } : withoutKey(run, 'recalling');
  if (silent !== undefined) return doubtHost(asked, host, silent);
  const forgotten = begun.filter(({ work }) => isForgotten(asked, work));
  const told = forgotten.reduce(
    (now, { work, ...found }) => takeUp(now, work, { at, ...found }),
    forgotten.length === 0 ? asked : withAllChecked(asked),
  );
  return lost === undefined ? told : doubtNext(told, host, lost);
}

/** Whether a host that knows of this work knows more than the log. */
export function isForgotten(run: Run, work: Work): boolean {
  if (!run.plan.steps.some(({ id }) => id === work.step)) return false;
  const { attempt, status } = hostStep(run, work);
  return attempt < work.attempt || (attempt === work.attempt && status === 'pending');
}

/** Of executions on a host by their ids: the work of this run that the log has forgotten. */
export const forgottenWork = (run: Run, host: string, ids: readonly string[]): Work[] =>
  ids
    .flatMap((id) => {
      const found = run.plan.steps.flatMap(({ id: step }) =>
        (['apply', 'undo'] as const).flatMap((phase): Work[] => {
          const stem = executionId(run.id, { phase, step, host, attempt: 1 }).slice(0, -1);
          const attempt = id.startsWith(stem) ? Number(id.slice(stem.length)) : Number.NaN;
          return Number.isInteger(attempt) && attempt > 0 ? [{ phase, step, host, attempt }] : [];
        }),
      );
      return found.slice(0, 1);
    })
    .filter((work) => isForgotten(run, work));

/** The last that the log has begun forward on a host, where it is none of the executions that the host knows. */
export function lostWork(run: Run, host: string, ids: readonly string[]): Work | undefined {
  const begun = run.plan.steps.flatMap(({ id: step, doer, hosts }): Work[] => {
    if (doer !== 'host' || !hosts.includes(host)) return [];
    const { attempt, startedAt, failure } = hostStep(run, { phase: 'apply', step, host });
    if (startedAt === undefined || failure?.neverBegan === true) return [];
    return [{ phase: 'apply', step, host, attempt }];
  });
  const last = begun.at(-1);
  return last === undefined || ids.includes(executionId(run.id, last)) ? undefined : last;
}

/** Nothing begins before every host was looked at. */
const withAllChecked = (run: Run): Run => ({
  ...run,
  checks: {
    ...Object.fromEntries(Object.keys(run.plan.targets).map((host) => [host, {}])),
    ...run.checks,
  },
});

type Found = Pick<HostStep, 'before' | 'changes' | 'commands'> & { readonly at: string };

function takeUp(run: Run, work: Work, { at, before, ...found }: Found): Run {
  const isPressKnown =
    work.attempt === hostStep(run, work).attempt &&
    (work.phase === 'undo' ? run.rollback !== undefined : isApproved(run, work.step));
  const now = withHosts(run, { ...work, hosts: [work.host] }, (step) => ({
    status: 'running',
    attempt: work.attempt,
    began: true,
    beganEarlier: step.began,
    before: step.began ? step.before : before,
    ...found,
    startedAt: at,
  }));
  // Then a press was lost, too: an approval, a retry, a rollback. Who pressed is not known.
  const by = run.requestedBy;
  const reason = `Redis lost the last events, and ${work.step} runs on ${work.host}`;
  const paused = isPressKnown || run.aborting !== undefined ? {} : { paused: { by, at, reason } };
  if (work.phase === 'apply') return { ...now, ...paused };
  // At least as far back as what alone restores what this one changed.
  const to = planRollback(run, work.step).needs?.id ?? work.step;
  const goesBackBefore = run.plan.steps.find(({ id }) => id === to || id === run.rollback?.to)?.id;
  if (goesBackBefore === run.rollback?.to) return { ...now, ...paused };
  const turned = mapHosts(withoutKey(now, 'proposed'), (step) => stepTurned(step, at));
  return { ...turned, ...paused, rollback: { by, at, to } };
}

/** Whether the log has the approvals that let this step begin. */
function isApproved(run: Run, id: string): boolean {
  const index = run.plan.steps.findIndex((step) => step.id === id);
  const upTo = run.plan.steps.slice(0, index + 1);
  const gate = upTo.findLast((step) => step.gate !== undefined || run.gates[step.id] !== undefined);
  if (gate === undefined) return true;
  const given = (run.gates[gate.id]?.approvals ?? []).filter(
    ({ planHash }) => planHash === run.planHash,
  );
  return new Set(given.map(({ by }) => by)).size >= approvalsNeeded(run, gate);
}

/** Nobody can know what it began: what comes next there may have begun. */
function doubtHost(before: Run, host: string, evidence: string): Run {
  const run = { ...before, unheard: [...(before.unheard ?? []), host] };
  const step = currentStep(run);
  return step !== undefined && isPending(run, step, host) ? doubt(run, step, host, evidence) : run;
}

const isPending = (run: Run, { id, hosts }: PlanStep, host: string): boolean =>
  hosts.includes(host) && hostStep(run, { phase: 'apply', step: id, host }).status === 'pending';

const doubt = (run: Run, { id }: PlanStep, host: string, evidence: string): Run =>
  withHosts(run, { phase: 'apply', step: id, hosts: [host] }, (state) => ({
    ...state,
    status: 'unknown',
    evidence,
  }));

/**
 * The log lost its end, and the host what it knew: neither can tell whether the next step has begun there, up to a gate that is
 * not open.
 */
function doubtNext(run: Run, host: string, { step: known }: Work): Run {
  const now = currentStep(run);
  if (now === undefined || run.rollback !== undefined) return run;
  const ahead = run.plan.steps.slice(run.plan.steps.indexOf(now));
  const gate = ahead.findIndex((step) => !isApproved(run, step.id));
  const next = ahead
    .slice(0, gate === -1 ? ahead.length : gate)
    .find((step) => step.doer === 'host' && isPending(run, step, host));
  if (next === undefined) return run;
  const evidence = `Redis lost the last events, and ${host} knows nothing of ${known}, which had begun there: so this may have begun as well`;
  return doubt(run, next, host, evidence);
}
