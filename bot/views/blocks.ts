import type {
  ActionsBlock,
  Button,
  ContextBlock,
  HeaderBlock,
  KnownBlock,
  SectionBlock,
} from '@slack/types';
import { cutText, plainLabel } from './text.ts';

/** A message as Slack takes it; `text` is what notifications and screen readers give. */
export interface Message {
  readonly text: string;
  readonly blocks: KnownBlock[];
  /** Nothing was done: for whoever asks in a script. Slack is not told. */
  readonly isRefusal?: true;
}

/** A file that goes into a thread. */
export interface TextFile {
  readonly name: string;
  readonly title: string;
  readonly content: string;
}

/** A message that is one text. */
export const textMessage = (text: string): Message => ({ text, blocks: [sectionBlock(text)] });

/** A message that says why nothing was done. */
export const refusalMessage = (message: Message): Message => ({ ...message, isRefusal: true });

export const headerBlock = (text: string): HeaderBlock => ({
  type: 'header',
  text: { type: 'plain_text', text: plainLabel(text, 150), emoji: false },
});

/** Lines that are mrkdwn already; `undefined` and empty ones at the ends are left out. */
export const sectionBlock = (...lines: readonly (string | undefined)[]): SectionBlock => ({
  type: 'section',
  text: mrkdwn(lines),
});

export const contextBlock = (...lines: readonly (string | undefined)[]): ContextBlock => ({
  type: 'context',
  elements: [mrkdwn(lines)],
});

export const actionsBlocks = (elements: readonly Button[]): ActionsBlock[] =>
  elements.length === 0 ? [] : [{ type: 'actions', elements: [...elements] }];

/** Lines packed into as few sections as take them. A line longer than a section takes is cut. */
export function sectionBlocks(lines: readonly string[], max = 2900): SectionBlock[] {
  const packed: string[][] = [];
  let left = 0;
  for (const line of lines.map((whole) => cutText(whole, max))) {
    if (line.length + 1 > left) {
      packed.push([]);
      left = max;
    }
    packed.at(-1)?.push(line);
    left -= line.length + 1;
  }
  return packed
    .filter((part) => part.some((line) => line.trim() !== ''))
    .map((part) => sectionBlock(...part));
}

/** Full sections by message: three stay under what Slack takes in all, 13,000 characters. */
export const sectionsByMessage = (parts: readonly SectionBlock[]): SectionBlock[][] =>
  Array.from({ length: Math.ceil(parts.length / 3) }, (_, index) =>
    parts.slice(index * 3, (index + 1) * 3),
  );

/** Gives each block an id of its own that begins with `prefix`, so that a message can be found again by it. */
export const withBlockIds = (prefix: string, blocks: readonly KnownBlock[]): KnownBlock[] =>
  blocks.map((block, index) => ({ ...block, block_id: `${prefix.slice(0, 240)}.${index}` }));

const mrkdwn = (lines: readonly (string | undefined)[]) => ({
  type: 'mrkdwn' as const,
  text: cutText(lines.filter((line) => line !== undefined).join('\n'), 3000),
  verbatim: true,
});
