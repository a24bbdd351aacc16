import { setTimeout as pause } from 'node:timers/promises';
import type { RunStore } from '../../jobs/redis/store.ts';
import { outcomeTexts, runStanding } from '../../jobs/run/act.ts';
import { ongoingWork } from '../../jobs/run/decide.ts';
import { type Run, stepOf } from '../../jobs/run/run.ts';
import { fewNames } from '../../handlers/words/counts.ts';
import { servingLines } from '../views/card/serving-lines.ts';
import { runProgress } from '../views/card/situation.ts';
import { plainText } from './plain-text.ts';
import { textMessage } from '../views/blocks.ts';

interface Watching {
  readonly say: (text: string) => void;
  readonly gone: AbortSignal;
  readonly store: Pick<RunStore, 'load'>;
  /** Asked again now and then: a right that is taken away ends the watch. */
  readonly mayLook: () => Promise<boolean>;
  readonly everyMs?: number;
}

const askAgainMs = 60_000;

/** Says a line each time that something of a run changes, until it ends or nobody listens. How it ended. */
export async function watchRun(
  id: string,
  { say, gone, store, mayLook, everyMs = 1000 }: Watching,
): Promise<Run['ended']> {
  let said: string | undefined;
  let askedMs = performance.now();
  while (!gone.aborted) {
    const run = await store.load(id);
    const line = standingLine(run);
    if (line !== said) say(`${run.at.slice(11, 19)} UTC  ${line}`);
    said = line;
    if (run.ended !== undefined) return run.ended;
    await pause(everyMs, undefined, { signal: gone }).catch(() => {});
    if (performance.now() - askedMs < askAgainMs) continue;
    askedMs = performance.now();
    if (!(await mayLook())) {
      say('You may no longer look at this run.');
      return undefined;
    }
  }
  return undefined;
}

/** How far, where and how the cloud is: the same as long as nothing changes. */
export function standingLine(run: Run): string {
  if (run.ended !== undefined) return `ended: ${outcomeTexts[run.ended.outcome]}`;
  const { done, total, step, steps } = runProgress(run);
  const share = total === 0 ? 100 : Math.floor((done / total) * 100);
  const works = ongoingWork(run);
  const titles = [...new Set(works.map((work) => stepOf(run, work.step).title))];
  const hosts = [...new Set(works.map(({ host }) => host))];
  const doing = works.length === 0 ? '' : `${fewNames(titles)} on ${fewNames(hosts)}`;
  const cloud = servingLines(run, { now: run.at, dates: 'plain' });
  const parts = [
    `${share} %`,
    `${run.rollback === undefined ? 'step' : 'undoing'} ${step} of ${steps}`,
    doing === '' || run.paused !== undefined ? runStanding(run) : doing,
    ...cloud,
  ];
  return plainText(textMessage(parts.filter((part) => part !== '').join('  ·  ')));
}
