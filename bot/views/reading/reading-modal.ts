import type { Button, KnownBlock, ModalView } from '@slack/types';
import { gateNumbers } from '../../../jobs/run/gate-steps.ts';
import type { Run } from '../../../jobs/run/run.ts';
import { actionsBlocks, contextBlock, sectionBlock, sectionBlocks } from '../blocks.ts';
import type { ButtonValue } from '../card/buttons.ts';
import { countText, oneLineMrkdwn } from '../text.ts';
import { factsAbove } from './facts-above.ts';
import { gateFacts, readGate } from './gate-reading.ts';
import type { KnownCloud } from './plan-summary.ts';
import { partRows } from './rows.ts';

/** What a button of ours that only shows something does; it carries a `ButtonValue`, with the page as its choice. */
export const lookActions = { read: 'look.read', page: 'look.page' } as const;

const sectionsOnPage = 3;

/** All that an approval lets happen, in pages of a window. */
export function readingModal(
  run: Run,
  gate: string,
  { page, known }: { readonly page: number; readonly known: KnownCloud | undefined },
): ModalView {
  const reading = readGate(run, gate);
  const { part, earlier } = reading;
  const sections = sectionBlocks([
    ...factsAbove(gateFacts(run, reading, known), part)('steps'),
    ...partRows(part, earlier, 'steps').map(({ text }) => text),
  ]);
  const pages = Math.max(1, Math.ceil(sections.length / sectionsOnPage));
  const shown = Math.min(Math.max(page, 1), pages);
  const turn = (to: number, text: string): Button => ({
    type: 'button',
    action_id: `${lookActions.page}.${to < shown ? 1 : 2}`,
    text: { type: 'plain_text', text, emoji: false },
    value: JSON.stringify(lookValue(run, gate, to)),
  });
  return windowOf(`Run ${run.id}`, [
    contextBlock(
      `${oneLineMrkdwn(run.plan.title, 100)} · ${gateNumbers(run, gate)} · page ${shown} of ${pages}`,
    ),
    ...sections.slice((shown - 1) * sectionsOnPage, shown * sectionsOnPage),
    ...actionsBlocks([
      ...(shown > 1 ? [turn(shown - 1, `Back to page ${shown - 1}`)] : []),
      ...(shown < pages ? [turn(shown + 1, `On to page ${shown + 1}`)] : []),
    ]),
  ]);
}

/** `Read all 98 steps`: opens the window. */
export const readButton = (run: Run, gate: string, steps: number): Button => ({
  type: 'button',
  action_id: lookActions.read,
  text: {
    type: 'plain_text',
    text: steps === 1 ? 'Read the step' : `Read all ${countText(steps, 'step')}`,
    emoji: false,
  },
  value: JSON.stringify(lookValue(run, gate, 1)),
});

const lookValue = ({ id }: Run, gate: string, page: number): ButtonValue => ({
  run: id,
  seen: 'any',
  step: gate,
  choice: `${page}`,
});

/** A window that only says something. */
export const textModal = (text: string): ModalView => windowOf('Hopscotch', [sectionBlock(text)]);

const windowOf = (title: string, blocks: KnownBlock[]): ModalView => ({
  type: 'modal',
  callback_id: 'look',
  title: { type: 'plain_text', text: title },
  close: { type: 'plain_text', text: 'Close' },
  blocks,
});
