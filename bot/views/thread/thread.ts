import { type ToldStage, backStages, forwardStages } from '../../../jobs/reading/told-stages.ts';
import type { RunEvent, Work } from '../../../jobs/run/events.ts';
import { evolve, fold } from '../../../jobs/run/fold.ts';
import { planRollback } from '../../../jobs/run/rollback/rollback.ts';
import { type Run, isCurrent } from '../../../jobs/run/run.ts';
import type { RecogniseFailure } from '../../../openstack/repair/signature.ts';
import { type Message, withBlockIds, sectionBlock, sectionBlocks } from '../blocks.ts';
import { knownFailureLines } from '../card/known-failure.ts';
import { planLines } from '../plan/plan.ts';
import { type DateStyle, cutText } from '../text.ts';
import type { EventLine } from './line.ts';
import { runEventLine } from './run-lines.ts';
import { type StageInThread, isStageDone, stageDoes, stageMessage } from './stage.ts';
import { stepEventLine } from './step-lines.ts';

export interface ThreadLine extends Message {
  /** The same for the same line of the same run, however often the list is made. */
  readonly key: string;
  /** Whether more may come to it: `often` while its stage lasts. */
  readonly changes: 'often' | 'rarely' | 'never';
}

interface ThreadLooks {
  readonly dates?: DateStyle;
  readonly recognise?: RecogniseFailure | undefined;
}

/**
 * What the thread of a run says, in order: one entry a stage, and one for each word of a person and for each trouble. A longer
 * log gives the same entries and more; what happened to a person or needs one stands in an entry that keeps all it said.
 */
export function threadLines(
  [first, ...rest]: readonly RunEvent[],
  looks: ThreadLooks = {},
): readonly ThreadLine[] {
  if (first === undefined) return [];
  const thread = rest.reduce((so, event) => threadAfter(so, event, looks), threadBefore(first));
  return linesOfThread(thread, looks);
}

/** A run and what its thread says so far. */
export interface RunThread {
  readonly run: Run;
  readonly items: readonly ThreadItem[];
  /** How often the run went back and on again: what it does then is told anew. */
  readonly pass: number;
  /** While it goes back: by how many requests, and the stages of that. */
  readonly back?: { readonly nth: number; readonly stages: readonly ToldStage[] };
}

type ThreadItem =
  | { readonly is: 'stage'; readonly stage: StageInThread }
  /** The run has turned: what the stage came to. */
  | { readonly is: 'left'; readonly line: ThreadLine }
  | { readonly is: 'said'; readonly group?: string; readonly said: readonly Said[] };

interface Said {
  readonly key: string;
  readonly lines: readonly string[];
  readonly known: readonly string[];
}

/** That of a run which has just begun. */
export function threadBefore(first: RunEvent): RunThread {
  const run = fold([first]);
  const said = { key: 'plan', lines: planLines(run), known: [] };
  return { run, items: [{ is: 'said', said: [said] }], pass: 0 };
}

/** That after one more event. */
export function threadAfter(
  before: RunThread,
  event: RunEvent,
  { dates = 'slack', recognise }: ThreadLooks,
): RunThread {
  const run = evolve(before.run, event);
  // An event about an attempt that is over changes nothing, so it says nothing.
  if ('work' in event && !isCurrent(before.run, event.work)) return { ...before, run };
  const turned = { ...turnedBy(before, event, dates), run };
  const thread = 'work' in event ? withStageOf(turned, event.work) : turned;
  const line =
    'work' in event ? stepEventLine(run, event, dates) : runEventLine(before.run, run, event);
  if (line === undefined) return thread;
  const known = event.type === 'StepFailed' ? knownFailureLines(run, event.work, recognise) : [];
  return { ...thread, items: withSaid(thread.items, line, known) };
}

/** What the thread says as the run is now. */
export const linesOfThread = (
  { run, items }: RunThread,
  { dates = 'slack' }: ThreadLooks,
): ThreadLine[] =>
  items.map((item) => {
    switch (item.is) {
      case 'left':
        return item.line;
      case 'stage':
        return drawnStage(run, item.stage, dates);
      case 'said':
        return saidLine(run, item);
    }
  });

const drawnStage = (run: Run, stage: StageInThread, dates: DateStyle): ThreadLine => ({
  ...stageMessage(run, stage, dates),
  key: stage.key,
  changes: isStageDone(run, stage) ? 'rarely' : 'often',
});

/** Where a run turns, what its stages came to stays as it is said. */
function turnedBy(thread: RunThread, event: RunEvent, dates: DateStyle): RunThread {
  const { run, items, pass, back } = thread;
  if (event.type === 'Rewound') {
    const { back: _back, ...rest } = thread;
    return { ...rest, items: items.map((item) => left(item, run, dates)), pass: pass + 1 };
  }
  if (event.type !== 'RollbackRequested') return thread;
  const steps = planRollback(run, event.to).steps;
  const again = items.map((item) =>
    item.is === 'stage' && item.stage.phase === 'undo' ? left(item, run, dates) : item,
  );
  const stages = backStages(steps.map(({ step, hosts }) => ({ ...step, hosts: [...hosts] })));
  return { ...thread, items: again, back: { nth: (back?.nth ?? 0) + 1, stages } };
}

const left = (item: ThreadItem, run: Run, dates: DateStyle): ThreadItem =>
  item.is === 'stage' ? { is: 'left', line: drawnStage(run, item.stage, dates) } : item;

function withStageOf(thread: RunThread, { phase, step }: Work): RunThread {
  const { run, items, pass, back } = thread;
  const stages = phase === 'apply' ? forwardStages(run.plan) : (back?.stages ?? []);
  const stage = stages.find((steps) => steps.some(({ id }) => id === step));
  const first = stage?.find(({ way }) => way === undefined) ?? stage?.[0];
  if (stage === undefined || first === undefined) return thread;
  const turn = phase === 'apply' ? `${pass}` : `${pass}.${back?.nth ?? 0}`;
  const key = `stage.${phase}.${turn}.${first.id}`;
  const steps = stage.map(({ id, hosts }) => ({ id, hosts }));
  const at = items.findIndex((item) => item.is === 'stage' && item.stage.key === key);
  const known = items[at];
  // A fix brings steps into a stage, and takes them out again.
  if (known?.is === 'stage' && known.stage.steps.length === steps.length) return thread;
  const item: ThreadItem = { is: 'stage', stage: { key, phase, steps, does: stageDoes(stage) } };
  return { ...thread, items: at === -1 ? [...items, item] : items.with(at, item) };
}

function withSaid(
  items: readonly ThreadItem[],
  { key, group, lines }: EventLine,
  known: readonly string[],
): readonly ThreadItem[] {
  const all = lines.filter((line): line is string => line !== undefined && line !== '');
  const said: Said = { key, known, lines: all };
  const last = items.findLast((item) => item.is === 'said');
  if (group === undefined || last?.group !== group || isFull(last.said))
    return [...items, { is: 'said', ...(group !== undefined && { group }), said: [said] }];
  return items.map((item) => (item === last ? { ...last, said: [...last.said, said] } : item));
}

/** A message takes 13,000 characters in all. */
const isFull = (said: readonly Said[]): boolean =>
  said.flatMap(({ lines, known }) => [...lines, ...known]).join('').length > 6000;

/** Of hosts to which the same happened, the first are told whole, the others in a line each. */
const mostWhole = 2;

function saidLine(run: Run, { group, said }: Extract<ThreadItem, { is: 'said' }>): ThreadLine {
  const [first] = said;
  const key = first?.key ?? '';
  const known = first?.known ?? [];
  const rest = said.slice(mostWhole).flatMap(({ lines }) => lines[0] ?? []);
  return {
    key,
    changes: group === undefined ? 'never' : 'rarely',
    text: cutText(first?.lines[0] ?? '', 1000),
    blocks: withBlockIds(`${run.id}.thread.${key}`, [
      ...said.slice(0, mostWhole).map(({ lines }) => sectionBlock(...lines)),
      ...sectionBlocks(rest),
      ...(known.length === 0 ? [] : [sectionBlock(...known)]),
    ]),
  };
}
