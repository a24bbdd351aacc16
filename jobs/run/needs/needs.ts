// What of a run needs a person: each need once, from when it came up until somebody or something settled it.
import { askedWork, openGate, stuckWork } from '../decide.ts';
import type { RunEvent, Work } from '../events.ts';
import { evolve, fold } from '../fold.ts';
import { type Run, hostStep } from '../run.ts';
import { isHeldByServing } from '../serving/serving.ts';

export type NeedKind =
  'failure' | 'unknown' | 'manual' | 'approval' | 'rollback' | 'breach' | 'ended';

export interface OpenNeed {
  /** The same as long as it is the same need. */
  readonly key: string;
  readonly kind: NeedKind;
  /** Of what failed, is unknown or waits for a person. */
  readonly works?: readonly Work[];
}

export interface RunNeed extends OpenNeed {
  readonly at: string;
  /** The run as it was then. */
  readonly run: Run;
  /** When it was settled, and who did what settled it; absent where the run or a host did. */
  readonly settled?: { readonly at: string; readonly by?: string };
}

/** What needs a person now. */
export function openNeeds(run: Run): OpenNeed[] {
  const proposed: OpenNeed[] =
    run.proposed === undefined
      ? []
      : [{ kind: 'rollback', key: `rollback.${Date.parse(run.proposed.at)}` }];
  if (run.ended !== undefined)
    return [...proposed, { kind: 'ended', key: `ended.${Date.parse(run.ended.at)}` }];
  return [...proposed, ...stuckNeeds(run), ...askedNeeds(run), ...gateNeeds(run), ...breach(run)];
}

function stuckNeeds(run: Run): OpenNeed[] {
  const works = stuckWork(run);
  const [first] = works;
  if (first === undefined) return [];
  const same = works.filter(({ phase, step }) => phase === first.phase && step === first.step);
  const isUnknown = same.every((work) => hostStep(run, work).status === 'unknown');
  return [needOf(isUnknown ? 'unknown' : 'failure', same)];
}

const askedNeeds = (run: Run): OpenNeed[] =>
  run.aborting === undefined ? askedWork(run).map((work) => needOf('manual', [work])) : [];

const needOf = (kind: NeedKind, works: readonly Work[]): OpenNeed => {
  const [first] = works;
  const attempt = Math.max(...works.map((work) => work.attempt));
  const host = kind === 'manual' ? `.${first?.host}` : '';
  return { kind, works, key: `${kind}.${first?.phase}.${first?.step}${host}.${attempt}` };
};

function gateNeeds(run: Run): OpenNeed[] {
  if (run.paused !== undefined || run.proposed !== undefined || run.rollback !== undefined)
    return [];
  const gate = openGate(run)?.step.id;
  const at = gate === undefined ? undefined : run.gates[gate]?.requestedAt;
  return at === undefined ? [] : [{ kind: 'approval', key: `approval.${gate}.${Date.parse(at)}` }];
}

const breach = (run: Run): OpenNeed[] =>
  isHeldByServing(run)
    ? [{ kind: 'breach', key: `breach.${Date.parse(run.serving?.breach?.at ?? '') || 0}` }]
    : [];

/** What ever needed a person in a run, oldest first, and the run. */
export interface NeedHistory {
  readonly run: Run;
  readonly needs: readonly RunNeed[];
}

export const needsBefore = (first: RunEvent): NeedHistory => ({ run: fold([first]), needs: [] });

export function needsAfter({ run: before, needs }: NeedHistory, event: RunEvent): NeedHistory {
  const run = evolve(before, event);
  const open = openNeeds(run);
  const isOpen = (key: string): boolean => open.some((need) => need.key === key);
  const by = 'by' in event ? { by: event.by } : {};
  const kept = needs.map((need) =>
    need.settled !== undefined || isOpen(need.key)
      ? need
      : { ...need, settled: { at: event.at, ...by } },
  );
  const fresh = open.filter(({ key }) => !needs.some((need) => need.key === key));
  return {
    run,
    needs: [...kept, ...fresh.map((need) => ({ ...need, at: event.at, run }))],
  };
}

/** The same of a whole log. */
export function needsOf([first, ...rest]: readonly RunEvent[]): readonly RunNeed[] {
  return first === undefined ? [] : rest.reduce(needsAfter, needsBefore(first)).needs;
}
