import type { VoidedApprovals } from '../../jobs/run/run.ts';
import { countText, mention, oneLineMrkdwn } from './text.ts';

/** Why what was approved counts no more: `@ben can approve on prod no longer`. */
export function voidedWords(
  { lost, needed, neededBefore }: VoidedApprovals,
  cloud: string,
): string {
  const name = oneLineMrkdwn(cloud, 100);
  const people = lost.map((id) => mention(id)).join(', ');
  const reasons = [
    ...(lost.length === 0 ? [] : [`${people} can no longer approve on ${name}`]),
    ...(needed === neededBefore
      ? []
      : [`${name} asks for ${countText(needed, 'approval')} now, and asked for ${neededBefore}`]),
  ];
  return reasons.join('; ');
}
