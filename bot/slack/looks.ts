import { setTimeout as pause } from 'node:timers/promises';
import type { App, BlockAction } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { ShownWindow } from '../desk/output-window.ts';
import type { Look } from '../desk/windows.ts';
import { checkModalLimits } from '../views/limits.ts';
import { textModal } from '../views/reading/paged-modal.ts';

export interface LookIntake {
  /** What the window shows to this person. */
  readonly windowFor: (look: Look) => Promise<ShownWindow>;
  readonly log: Logger;
}

/** A window that goes on by itself does so for at most this long. */
const liveMostMs = 10 * 60_000;
/** So many of one process; one more that is opened stands still. */
const mostLive = 20;

/**
 * Buttons that only show something: the window opens at once, as its trigger is good for three seconds, and is filled when
 * what it shows is there. They change nothing, so they go by no queue. What a running step prints goes on in its window.
 */
export function listenToLooks(app: App, intake: LookIntake): void {
  // The newest press in each window: what was shown before does not come back over it.
  const newest = new Map<string, symbol>();
  app.action({ type: 'block_actions', action_id: /^look\./ }, async ({ body, ack, client }) => {
    await ack();
    try {
      const id = body.view?.id ?? (await openedWindow(client, body));
      if (id === undefined) return;
      const mine = Symbol(id);
      newest.set(id, mine);
      const first = await viewFor(body, intake);
      await fill(client, id, first.view);
      const isOver = (): boolean => newest.get(id) !== mine;
      goOn({ body, intake, client, id, isOver, first, isFull: newest.size > mostLive })
        .catch(() => {}) // it was closed
        .finally(() => isOver() || newest.delete(id));
    } catch (error) {
      intake.log.warn({ user: body.user.id, err: error }, 'a window was not shown');
    }
  });
}

interface LiveWindow {
  readonly body: BlockAction;
  readonly intake: LookIntake;
  readonly client: Pick<WebClient, 'views'>;
  readonly id: string;
  readonly isOver: () => boolean;
  readonly first: ShownWindow;
  readonly isFull: boolean;
}

async function goOn({ body, intake, client, id, isOver, first, isFull }: LiveWindow) {
  const untilMs = performance.now() + liveMostMs;
  let shown: ShownWindow = isFull ? { view: first.view } : first;
  while (shown.againInMs !== undefined && performance.now() < untilMs) {
    await pause(shown.againInMs, undefined, { ref: false });
    if (isOver()) return;
    const next = await viewFor(body, intake);
    if (isOver()) return;
    if (JSON.stringify(next.view) !== JSON.stringify(shown.view)) await fill(client, id, next.view);
    shown = next;
  }
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

async function viewFor(body: BlockAction, intake: LookIntake): Promise<ShownWindow> {
  const { user } = body;
  try {
    return await intake.windowFor({ user: user.id, ...pressedIn(body) });
  } catch (error) {
    intake.log.error({ user: user.id, err: error }, 'what a window shows was not there');
    return {
      view: textModal('Hopscotch cannot show this right now. All of it stands in the thread.'),
    };
  }
}

/** A field has no value of its own: what its window shows stands in the window. */
function pressedIn({ actions, view }: BlockAction): Omit<Look, 'user'> {
  const [action] = actions;
  if (action?.type === 'button') return { action: action.action_id, value: action.value };
  return action?.type === 'plain_text_input'
    ? { action: action.action_id, value: view?.private_metadata, typed: action.value ?? '' }
    : { action: '', value: undefined };
}
