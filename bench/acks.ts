import { setTimeout as sleep } from 'node:timers/promises';
import { pretendPeople } from '../sandbox/slack/people.ts';
import type { LocalWorkspace } from '../sandbox/slack/slack.ts';

/** How long people wait until a command they typed is acknowledged, in ms. */
export interface Acks {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
}

/** Types a command again and again until `isOver`, and then says how long each was waited for. */
export async function measureAcks(
  { control }: Pick<LocalWorkspace, 'control'>,
  isOver: (count: number) => boolean,
  pauseMs = 20,
): Promise<Acks> {
  const waits: number[] = [];
  while (!isOver(waits.length)) {
    const began = performance.now();
    await control.command({ user: pretendPeople.ann.id, text: 'help' });
    waits.push(performance.now() - began);
    await sleep(pauseMs);
  }
  const sorted = waits.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), worst: at(1) };
}

export const acksText = ({ count, p50, p99, worst }: Acks): string =>
  `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, worst ${worst.toFixed(0)} ms of ${count}`;
