import { isOverUsual, slowWork } from '../../../jobs/run/durations/slow.ts';
import type { HostStep, Run } from '../../../jobs/run/run.ts';
import { durationText, inlineCode } from '../text.ts';

/** What it took before, beside what it takes now: nothing where neither the log nor earlier runs tell. */
export function usualText(
  usualMs: number | undefined,
  { states, tookMs }: { readonly states: readonly HostStep[]; readonly tookMs: number },
): string {
  const noted = slowText(states);
  if (noted !== '' || usualMs === undefined) return noted;
  return isOverUsual(usualMs, tookMs) ? overText(usualMs) : `, usually ${durationText(usualMs)}`;
}

/** That something takes long, where it is noted in the log. */
export function slowText(states: readonly HostStep[]): string {
  const slow = states.find(({ status, slow: noted }) => status === 'running' && noted)?.slow;
  return slow === undefined ? '' : overText(slow.usualMs);
}

const overText = (usualMs: number): string => `, *over twice the usual ${durationText(usualMs)}*`;

/** What people can do about it. */
export function slowNext(run: Run): string {
  const [work] = slowWork(run);
  const number = run.plan.steps.findIndex(({ id }) => id === work?.step) + 1;
  const log = inlineCode(`/upgrade log ${run.id} ${number} ${work?.host ?? ''}`.trim());
  return `see what it prints with ${log}; it may still end well, and ${inlineCode(`/upgrade abort ${run.id}`)} stops it`;
}
