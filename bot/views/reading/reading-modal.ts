import type { Button, ModalView } from '@slack/types';
import { gateNumbers } from '../../../jobs/run/gate-steps.ts';
import type { Run } from '../../../jobs/run/run.ts';
import { countText, oneLineMrkdwn } from '../text.ts';
import { factsAbove } from './facts-above.ts';
import { gateFacts, readGate } from './gate-reading.ts';
import { lookActions, lookValue, pagedModal } from './paged-modal.ts';
import type { KnownCloud } from './plan-summary.ts';
import { partRows } from './rows.ts';

/** All that an approval lets happen, in pages of a window. */
export function readingModal(
  run: Run,
  gate: string,
  { page, known }: { readonly page: number; readonly known: KnownCloud | undefined },
): ModalView {
  const reading = readGate(run, gate);
  const { part, earlier } = reading;
  return pagedModal(
    run,
    { gate, page, of: 'steps' },
    {
      title: `${oneLineMrkdwn(run.plan.title, 100)} · ${gateNumbers(run, gate)}`,
      lines: [
        ...factsAbove(gateFacts(run, reading, known), part)('steps'),
        ...partRows(part, earlier, 'steps').map(({ text }) => text),
      ],
    },
  );
}

/** `Read all 98 steps` and, where files change, `File diffs`: they open windows. */
export function lookButtons(
  run: Run,
  gate: string,
  { steps, hasFiles }: { readonly steps: number; readonly hasFiles: boolean },
): Button[] {
  const button = (action_id: string, text: string, of: 'steps' | 'diffs'): Button => ({
    type: 'button',
    action_id,
    text: { type: 'plain_text', text, emoji: false },
    value: JSON.stringify(lookValue(run, { gate, page: 1, of })),
  });
  const read = steps === 1 ? 'Read the step' : `Read all ${countText(steps, 'step')}`;
  return [
    button(lookActions.read, read, 'steps'),
    ...(hasFiles ? [button(lookActions.diffs, 'File diffs', 'diffs')] : []),
  ];
}
