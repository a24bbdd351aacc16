import type { ReadPart } from '../../../jobs/reading/reading.ts';
import type { SummaryFacts } from './plan-summary.ts';
import type { ReadingDepth } from './rows.ts';
import { countText, oneLineMrkdwn } from '../text.ts';

/** What stands above the steps of a reading: all of the summary that may have been cut there. */
export const factsAbove =
  ({ outages, does, unusual, notes }: SummaryFacts, part: ReadPart) =>
  (depth: ReadingDepth): string[] => {
    const { lines, characters } = MOST[depth];
    return [
      ...(outages === '' ? [] : [`*APIs down*  ${outages}`]),
      `*Does*  ${does.join(' · ')}`,
      ...listed('Unusual', unusual, lines),
      ...listed(
        'Known before this',
        notes.map((note) => headed(oneLineMrkdwn(note, characters))),
        lines,
      ),
      `*What runs*  ${countText(part.steps.length, 'step')}, ${countText(part.commands, 'command')}, counted on every host; word for word in this thread`,
    ];
  };

const MOST: Readonly<
  Record<ReadingDepth, { readonly lines: number; readonly characters: number }>
> = {
  steps: { lines: 60, characters: 900 },
  stages: { lines: 40, characters: 300 },
  turns: { lines: 20, characters: 200 },
  all: { lines: 20, characters: 150 },
};

function listed(title: string, all: readonly string[], most: number): string[] {
  const rest = all.length - most;
  const more = rest > 0 ? [`… and ${rest} more`] : [];
  return all.length === 0
    ? []
    : [`*${title}*`, ...all.slice(0, most).map((line) => `• ${line}`), ...more];
}

/** The first sentence in bold, where more follow. */
function headed(note: string): string {
  const [, first = '', rest = ''] = /^([^*]{1,120}?[.:]) (.+)$/s.exec(note) ?? [];
  return rest === '' ? note : `*${first}* ${rest}`;
}
