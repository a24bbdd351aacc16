import type { Button, KnownBlock, ModalView } from '@slack/types';
import type { Run } from '../../../jobs/run/run.ts';
import { actionsBlocks, contextBlock, sectionBlock, sectionBlocks } from '../blocks.ts';
import type { ButtonValue } from '../button-value.ts';

/** What a window shows of an approval. */
export const lookKinds = ['steps', 'diffs'] as const;
export type LookKind = (typeof lookKinds)[number];

/** What buttons of ours do that only show something. */
export const lookActions = {
  read: 'look.read',
  diffs: 'look.diffs',
  page: 'look.page',
  output: 'look.output',
  search: 'look.search',
  file: 'look.file',
  more: 'look.more',
} as const;

export interface LookedPage {
  readonly gate: string;
  /** From 1; beyond the last it is the last. */
  readonly page: number;
}

const sectionsOnPage = 3;

/** A window in pages, with buttons that lead from one to the next. */
export function pagedModal(
  run: Run,
  { gate, page, of }: LookedPage & { readonly of: LookKind },
  { title, lines }: { readonly title: string; readonly lines: readonly string[] },
): ModalView {
  const sections = sectionBlocks(lines);
  const pages = Math.max(1, Math.ceil(sections.length / sectionsOnPage));
  const shown = Math.min(Math.max(page, 1), pages);
  const turn = (to: number, text: string): Button => ({
    type: 'button',
    action_id: `${lookActions.page}.${to < shown ? 1 : 2}`,
    text: { type: 'plain_text', text, emoji: false },
    value: JSON.stringify(lookValue(run, { gate, page: to, of })),
  });
  return windowOf(`Run ${run.id}`, [
    contextBlock(`${title} · page ${shown} of ${pages}`),
    ...sections.slice((shown - 1) * sectionsOnPage, shown * sectionsOnPage),
    ...actionsBlocks([
      ...(shown > 1 ? [turn(shown - 1, `Back to page ${shown - 1}`)] : []),
      ...(shown < pages ? [turn(shown + 1, `On to page ${shown + 1}`)] : []),
    ]),
  ]);
}

export const lookValue = (
  { id }: Run,
  { gate, page, of }: LookedPage & { readonly of: LookKind },
): ButtonValue => ({ run: id, seen: of, step: gate, choice: `${page}` });

/** A window that only says something. */
export const textModal = (text: string): ModalView => windowOf('Hopscotch', [sectionBlock(text)]);

const windowOf = (title: string, blocks: KnownBlock[]): ModalView => ({
  type: 'modal',
  callback_id: 'look',
  title: { type: 'plain_text', text: title },
  close: { type: 'plain_text', text: 'Close' },
  blocks,
});
