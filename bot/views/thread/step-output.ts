import { sizeText } from '../../../jobs/files/sizes.ts';
import type { HostStep } from '../../../jobs/run/run.ts';
import { codeLines, cutText } from '../text.ts';

/** What the step changed, as its handler says it: a few lines. */
export function changeLines(text: string | undefined): string | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const all = codeLines(cutText(text.trimEnd(), 700));
  return [...all.slice(0, 8), ...(all.length > 8 ? ['…'] : [])].join('\n');
}

/** That what is shown is the end of more. */
export function moreOutput({
  tail = '',
  sizeBytes = 0,
}: Pick<HostStep, 'tail' | 'sizeBytes'>): string | undefined {
  return sizeBytes > Buffer.byteLength(tail) || tail.trimEnd().split('\n').length > 6
    ? `the end of ${sizeText(sizeBytes)} of output`
    : undefined;
}
