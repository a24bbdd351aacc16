// Steps that take over twice as long as is usual: what is noted of them, once an attempt, and who is told what.
import { ongoingWork } from '../decide.ts';
import type { RunEvent, Work } from '../events.ts';
import { type Run, hostStep, stepOf } from '../run.ts';
import { standingOf } from '../standing.ts';
import { type KnownTimes, usualOf } from './estimates.ts';

/** What is over in a moment may take twice as long by chance. */
const leastMoreMs = 10_000;

/** Whether people are told that something takes long. */
export const isOverUsual = (usualMs: number, tookMs: number): boolean =>
  tookMs > 2 * usualMs && tookMs - usualMs > leastMoreMs;

/** The first step that takes so long on hosts of which the log does not say it yet; undefined where none does. */
export function slowNews(run: Run, known: KnownTimes, at: string): RunEvent | undefined {
  const unnoted = runningWork(run).filter((work) => hostStep(run, work).slow === undefined);
  for (const { phase, step } of unnoted) {
    const usualMs = usualOf(run, { phase, step: stepOf(run, step) }, known);
    if (usualMs === undefined) continue;
    const hosts = unnoted
      .filter((work) => work.phase === phase && work.step === step)
      .filter((work) => isOverUsual(usualMs, msSinceBegin(run, work, at)))
      .map(({ host }) => host);
    if (hosts.length > 0)
      return { type: 'StepFoundSlow', at, phase, step, hosts, usualMs: Math.round(usualMs) };
  }
  return undefined;
}

/** What takes over twice as long as is usual, as far as the log says it, and still runs. */
export const slowWork = (run: Run): Work[] =>
  run.rollback === undefined && run.plan.steps.every((step) => standingOf(run, step).slow === 0)
    ? []
    : runningWork(run).filter((work) => hostStep(run, work).slow !== undefined);

/** Behind "is running": that it takes long; nothing where it does not. */
export function slowWords(run: Run): string {
  const [work] = slowWork(run);
  return work === undefined
    ? ''
    : `; "${stepOf(run, work.step).title}" takes over twice its usual time on ${work.host}`;
}

/** What people have not ended, and whose host answers: else something else is told of it. */
const runningWork = (run: Run): Work[] =>
  run.ended !== undefined || run.aborting !== undefined
    ? []
    : ongoingWork(run).filter((work) => {
        const { status, lostAt } = hostStep(run, work);
        const isTurned = run.rollback !== undefined && work.phase === 'apply';
        return status === 'running' && lostAt === undefined && !isTurned;
      });

const msSinceBegin = (run: Run, work: Work, at: string): number =>
  Date.parse(at) - Date.parse(hostStep(run, work).startedAt ?? at);
