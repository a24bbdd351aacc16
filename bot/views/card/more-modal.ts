import type { ModalView } from '@slack/types';
import type { RecogniseFailure } from '../../../openstack/repair/signature.ts';
import type { Run } from '../../../jobs/run/run.ts';
import { actionsBlocks, contextBlock } from '../blocks.ts';
import { oneLineMrkdwn } from '../text.ts';
import { moreButtons } from './buttons.ts';
import { moreBlocks } from './trouble.ts';

/** What the card has no room for, in a window: all of a failure, and the other buttons. Their answers go to the channel. */
export function moreModal(run: Run, recognise: RecogniseFailure | undefined): ModalView {
  const buttons = moreButtons(run, { recognise });
  return {
    type: 'modal',
    callback_id: 'look',
    private_metadata: JSON.stringify({ channel: run.plan.channel }),
    title: { type: 'plain_text', text: `Run ${run.id}` },
    close: { type: 'plain_text', text: 'Close' },
    blocks: [
      ...moreBlocks(run, recognise),
      contextBlock(
        buttons.length === 0
          ? `${oneLineMrkdwn(run.plan.title, 150)}: the card has every button that there is now`
          : oneLineMrkdwn(run.plan.title, 150),
      ),
      ...actionsBlocks(buttons),
    ],
  };
}
