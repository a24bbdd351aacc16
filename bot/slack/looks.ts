import type { App, BlockAction } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import { checkModalLimits } from '../views/limits.ts';
import { textModal } from '../views/reading/paged-modal.ts';

export interface LookIntake {
  /** What the window shows to this person. */
  readonly windowFor: (look: {
    readonly user: string;
    readonly value: string | undefined;
  }) => Promise<ModalView>;
  readonly log: Logger;
}

/**
 * Buttons that only show something: the window opens at once, as its trigger is good for three seconds, and is filled when
 * what it shows is there. They change nothing, so they go by no queue.
 */
export function listenToLooks(app: App, intake: LookIntake): void {
  app.action({ type: 'block_actions', action_id: /^look\./ }, async ({ body, ack, client }) => {
    await ack();
    try {
      const id = body.view?.id ?? (await openedWindow(client, body));
      if (id !== undefined) await fill(client, id, await viewFor(body, intake));
    } catch (error) {
      intake.log.warn({ user: body.user.id, err: error }, 'a window was not shown');
    }
  });
}

async function openedWindow(
  { views }: Pick<WebClient, 'views'>,
  { trigger_id }: BlockAction,
): Promise<string | undefined> {
  const { view } = await views.open({ trigger_id, view: textModal('One moment…') });
  return view?.id;
}

async function fill(
  { views }: Pick<WebClient, 'views'>,
  id: string,
  view: ModalView,
): Promise<void> {
  checkModalLimits(view);
  await views.update({ view_id: id, view });
}

async function viewFor({ user, actions }: BlockAction, intake: LookIntake): Promise<ModalView> {
  const [action] = actions;
  const value = action?.type === 'button' ? action.value : undefined;
  try {
    return await intake.windowFor({ user: user.id, value });
  } catch (error) {
    intake.log.error({ user: user.id, err: error }, 'what a window shows was not there');
    return textModal('Hopscotch cannot show this right now. All of it stands in the thread.');
  }
}
