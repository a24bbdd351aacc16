import type { ReadPart } from '../../../jobs/reading/reading.ts';
import { type Message, sectionBlocks } from '../blocks.ts';
import { type ReadingDepth, type ReadingRow, partRows, readingDepths } from './rows.ts';

/** A reading is at most so many characters, in at most two messages. */
export const mostReadingCharacters = 15_000;
const sectionsInMessage = 4;

/** A part of a plan with what was said before it, and with lines above its rows. */
export interface PartToRead {
  readonly part: ReadPart;
  readonly earlier: readonly ReadPart[];
  readonly above?: (depth: ReadingDepth) => readonly string[];
}

/** The rows of each part, as deep as they fit into two messages together, and all lines. */
export function readingRows(parts: readonly PartToRead[]): {
  readonly rows: readonly ReadingRow[];
  readonly lines: readonly string[];
} {
  const drawn = (depth: ReadingDepth) => {
    const each = parts.map(({ part, earlier, above }) => ({
      above: above?.(depth) ?? [],
      rows: partRows(part, earlier, depth),
    }));
    return {
      rows: each.flatMap(({ rows }) => rows),
      lines: each.flatMap(({ above, rows }) => [...above, ...rows.map(({ text }) => text)]),
    };
  };
  for (const depth of readingDepths) {
    const found = drawn(depth);
    if (fits(found.lines)) return found;
  }
  return drawn('all');
}

function fits(lines: readonly string[]): boolean {
  const length = lines.reduce((sum, line) => sum + line.length + 1, 0);
  return length <= mostReadingCharacters && sectionBlocks(lines).length <= 2 * sectionsInMessage;
}

/** The reading, in at most two messages. */
export function readingMessages(text: string, parts: readonly PartToRead[]): Message[] {
  const sections = sectionBlocks(readingRows(parts).lines);
  const count = Math.ceil(sections.length / sectionsInMessage);
  return Array.from({ length: count }, (_, index) => ({
    text,
    blocks: sections.slice(index * sectionsInMessage, (index + 1) * sectionsInMessage),
  }));
}
