// What of a run needs a person: each need once, from when it came up until somebody or something settled it.
import { askedWork, openGate, stuckWork } from '../decide.ts';
import { slowWork } from '../durations/slow.ts';
import type { RunEvent, Work } from '../events.ts';
import { evolve, fold } from '../fold.ts';
import { type Run, hostStep } from '../run.ts';
import { isHeldByServing } from '../serving/serving.ts';

export type NeedKind =
  'failure' | 'unknown' | 'manual' | 'slow' | 'approval' | 'rollback' | 'breach' | 'ended';

export interface OpenNeed {
  /** The same as long as it is the same need. */
  readonly key: string;
  readonly kind: NeedKind;
  /** Of what failed, is unknown, takes long or waits for a person. */
  readonly works?: readonly Work[];
}

export interface RunNeed extends OpenNeed {
  /** What it was called while it was open: the same thing may come up again later. */
  readonly base: string;
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
  return [
    ...proposed,
    ...stuckNeeds(run),
    ...askedNeeds(run),
    ...needsByStep('slow', slowWork(run)),
    ...gateNeeds(run),
    ...breach(run),
  ];
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
  run.aborting === undefined ? needsByStep('manual', askedWork(run)) : [];

/** One of a step, on however many hosts it is so, one after the other: whoever looks at the first knows of the others. */
function needsByStep(kind: 'manual' | 'slow', works: readonly Work[]): OpenNeed[] {
  const steps = [...new Set(works.map(({ phase, step }) => `${phase} ${step}`))];
  return steps.map((of) =>
    needOf(
      kind,
      works.filter(({ phase, step }) => `${phase} ${step}` === of),
    ),
  );
}

const needOf = (kind: NeedKind, works: readonly Work[]): OpenNeed => {
  const [first] = works;
  const attempt = Math.max(...works.map((work) => work.attempt));
  return { kind, works, key: `${kind}.${first?.phase}.${first?.step}.${attempt}` };
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
  const by = 'by' in event ? { by: event.by } : {};
  const kept = needs.map((need) => {
    const now = open.find(({ key }) => key === need.base);
    if (now === undefined)
      return need.settled === undefined ? { ...need, settled: { at: event.at, ...by } } : need;
    // The next host of a step that is done one by one: the same thing, of which everybody has heard.
    return (need.kind === 'manual' || need.kind === 'slow') && need.settled !== undefined
      ? { ...now, key: need.key, base: need.base, at: event.at, run }
      : need;
  });
  const fresh = open.filter(
    ({ key }) => !kept.some(({ base, settled }) => base === key && settled === undefined),
  );
  return { run, needs: [...kept, ...fresh.map((need) => freshNeed(need, kept, run))] };
}

/** What comes up again after it was settled is another need: another host failed, or the same one once more. */
function freshNeed(need: OpenNeed, known: readonly RunNeed[], run: Run): RunNeed {
  const isKnown = known.some(({ base }) => base === need.key);
  const key = isKnown ? `${need.key}.${Date.parse(run.at)}` : need.key;
  return { ...need, key, base: need.key, at: run.at, run };
}

/** The same of a whole log. */
export function needsOf([first, ...rest]: readonly RunEvent[]): readonly RunNeed[] {
  return first === undefined ? [] : rest.reduce(needsAfter, needsBefore(first)).needs;
}
