import { isDeepStrictEqual } from 'node:util';
import { mapHosts, withHosts, withoutKey } from './changes.ts';
import { stepTurned } from './fold-step.ts';
import { approvalsNeeded, startableNow, undoWorks, workOf } from './decide.ts';
import { currentStep } from './standing.ts';
import { type RunEvent, type Work, executionId } from './events.ts';
import { planRollback } from './rollback/rollback.ts';
import { type HostCheck, type HostStep, type Run, hostStep } from './run.ts';

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
  return lost === undefined ? told : doubtAfter(told, lost);
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

/** The last that the log has begun on a host, where it is none of the executions that the host knows. */
export function lostWork(run: Run, host: string, ids: readonly string[]): Work | undefined {
  const begun = [...worksOn(run, host, 'apply'), ...undoWorks(run).flat()].flatMap(
    (work): Work[] => {
      if (work.host !== host) return [];
      const { attempt, startedAt, failure, status, began } = hostStep(run, work);
      // The next attempt was asked for, and has not begun.
      if (status === 'pending')
        return began && attempt > 1 ? [{ ...work, attempt: attempt - 1 }] : [];
      if (startedAt === undefined || failure?.neverBegan === true) return [];
      return [work];
    },
  );
  const last = begun.at(-1);
  return last === undefined || ids.includes(executionId(run.id, last)) ? undefined : last;
}

const worksOn = (run: Run, host: string, phase: Work['phase']): Work[] =>
  run.plan.steps
    .filter(({ doer, hosts }) => doer === 'host' && hosts.includes(host))
    .map(({ id }) => workOf(run, phase, id, host));

/** Nothing begins before every host was looked at. */
const withAllChecked = (run: Run): Run => ({
  ...run,
  checks: new Map([
    ...Object.keys(run.plan.targets).map((host): [string, HostCheck] => [host, {}]),
    ...run.checks,
  ]),
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
  if (step === undefined || !step.hosts.includes(host)) return run;
  const work: Work = { phase: 'apply', step: step.id, host, attempt: 1 };
  return hostStep(run, work).status === 'pending' ? withUnknown(run, work, evidence) : run;
}

const withUnknown = (run: Run, { phase, step, host }: Work, evidence: string): Run =>
  withHosts(run, { phase, step, hosts: [host] }, (state) => ({
    ...state,
    status: 'unknown',
    evidence,
  }));

/** Where the outcome of the last that the log knows is unknown, whoever decides about it decides about the doubt as well. */
function doubtAfter(before: Run, lost: Work): Run {
  const { step: known, host } = lost;
  const run = { ...before, doubted: { ...before.doubted, [host]: { known, asked: lost } } };
  return hostStep(run, lost).status === 'unknown'
    ? withUnknown(run, lost, evidenceFor(host, known))
    : run;
}

/**
 * The log lost its end, and the host what it knew: neither can tell whether what comes next there has begun, forward or back.
 * So it does not begin, and a person says. Asked once it could begin: until then a gate or a person may lead elsewhere.
 */
export function doubtNext(run: Run): Run {
  const { doubted } = run;
  const next = doubted === undefined ? undefined : startableNow(run);
  if (doubted === undefined || next === undefined || next.step.doer !== 'host') return run;
  return next.hosts.reduce((now, host) => {
    const doubt = doubted[host];
    if (doubt === undefined) return now;
    const { known } = doubt;
    const asked = workOf(run, next.phase, next.step.id, host);
    const isAsked = { ...now, doubted: { ...now.doubted, [host]: { known, asked } } };
    return withUnknown(isAsked, asked, evidenceFor(host, known));
  }, run);
}

/**
 * Who has begun again what is unknown on such a host has looked there. What the host and the log have forgotten may be an attempt
 * at this, or at anything that follows, or several:
 * so each of them goes on with numbers of the second of this retry. A lost one was of another second, and had others.
 */
export function withoutDoubts(
  before: Run,
  { at, phase, step, hosts }: Extract<RunEvent, { type: 'RetryRequested' }>,
): Run {
  const doubted = Object.entries(before.doubted ?? {});
  const isSettled = ([host, { asked }]: (typeof doubted)[number]): boolean => {
    const work = workOf(before, phase, step, host);
    const isUnknown = hostStep(before, work).status === 'unknown';
    return isUnknown && hosts.includes(host) && isDeepStrictEqual(asked, work);
  };
  const settled = doubted.filter(isSettled);
  if (settled.length === 0) return before;
  const unused = numbersOfASecond * (1 + secondsInto(before, at));
  const left = Object.fromEntries(doubted.filter((one) => !isSettled(one)));
  const run = settled.reduce(
    (now, [host]) => skipNumbers(now, host, { phase, step, unused }),
    before,
  );
  return settled.length === doubted.length ? withoutKey(run, 'doubted') : { ...run, doubted: left };
}

/** More than people retry within one. */
const numbersOfASecond = 10;

const secondsInto = ({ requestedAt }: Run, at: string): number =>
  Math.max(0, Math.floor((Date.parse(at) - Date.parse(requestedAt)) / 1000));

interface Skipping extends Pick<Work, 'phase' | 'step'> {
  readonly unused: number;
}

function skipNumbers(run: Run, host: string, { unused, ...now }: Skipping): Run {
  const isOpen = ({ phase, step }: Work): boolean =>
    (phase === now.phase && step === now.step) ||
    hostStep(run, { phase, step, host }).status === 'pending';
  return [...worksOn(run, host, 'apply'), ...worksOn(run, host, 'undo')].filter(isOpen).reduce(
    (all, work) =>
      withHosts(all, { ...work, hosts: [host] }, (state) => ({
        ...state,
        attempt: state.attempt + unused,
        unusedNumbers: (state.unusedNumbers ?? 0) + unused,
      })),
    run,
  );
}

const evidenceFor = (host: string, known: string): string =>
  `Redis lost the last events, and ${host} knows nothing of ${known}, which had begun there: so this may have begun as well`;
