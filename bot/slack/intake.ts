import type { App, ViewSubmitAction } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import { within } from '../../jobs/redis/reach/within.ts';
import { textModal } from '../views/reading/paged-modal.ts';
import { buttonValueOf } from '../actions/buttons.ts';
import { modalOf } from '../actions/modals.ts';
import { type PrivateChannel, sendPrivately } from '../desk/answer.ts';
import { type Press, pressOfButton, pressOfCommand, pressOfModal } from '../actions/press.ts';

export interface SlackIntake {
  /** Stores the press so that it is answered whatever happens to this process. */
  readonly keep: (press: Press) => Promise<unknown>;
  /** Takes back a press that was perhaps stored: nobody does it any more. */
  readonly withdraw: (press: Press) => Promise<unknown>;
  /** Whether this is the first delivery of a press that is answered by a modal. */
  readonly isFirst: (press: Press) => Promise<boolean>;
  /** Says in the window of a press what takes time to know. */
  readonly fill?: (press: Press, show: (view: ModalView) => Promise<void>) => Promise<void>;
  readonly now: () => string;
  /** Why nothing can be stored at the moment, where that is known. */
  readonly trouble?: () => { readonly says: string; readonly hint: string } | undefined;
  /** How long storing may take. Slack wants its answer within 3 seconds. */
  readonly keepWithinMs?: number;
  readonly fetch: typeof globalThis.fetch;
  readonly log: Logger;
}

/** Registers what we listen to: the slash command, the buttons of runs and their modals. */
export function listenToSlack(app: App, intake: SlackIntake): void {
  app.command('/upgrade', async ({ command, ack }) => {
    const press = pressOfCommand(command, intake.now());
    await ((await isKept(intake, press)) ? ack() : ack({ ...privately, text: notKept(intake) }));
  });

  app.action({ type: 'block_actions', action_id: /^run\./ }, async ({ body, ack, client }) => {
    const press = pressOfButton(body, intake.now());
    if (press === undefined) return ack();
    if (modalOf(press) !== undefined) {
      await ack();
      const isInWindow = body.view !== undefined;
      return openModal(intake, press, { client, trigger: body.trigger_id, isInWindow });
    }
    const kept = await isKept(intake, press);
    await ack();
    if (kept && body.view !== undefined) await leaveWindow(intake, client, body.view.id);
    if (!kept) await sendPrivately({ ...intake, client }, press, { text: notKept(intake) });
  });

  app.view<ViewSubmitAction>(/^run\./, async ({ body, ack }) => {
    const press = pressOfModal(body, intake.now());
    if (await isKept(intake, press)) return ack();
    const [field = ''] = Object.keys(body.view.state.values);
    // The modal stays open with what was written, and says why.
    return ack({ response_action: 'errors', errors: { [field]: notKept(intake) } });
  });
}

const privately = { response_type: 'ephemeral', replace_original: false } as const;

const notKept = ({ trouble = () => undefined }: SlackIntake): string => {
  const found = trouble();
  return found === undefined
    ? 'Hopscotch cannot reach its store right now, so nothing was done. Try again in a moment.'
    : `Hopscotch cannot store anything right now, so nothing was done. Its Redis: ${found.says}. ${found.hint}`;
};

/** Whether the press is safely stored, in time to tell Slack so. What comes too late is taken back. */
async function isKept(intake: SlackIntake, press: Press): Promise<boolean> {
  const { keep, withdraw, keepWithinMs = 1500, log } = intake;
  const tooLate = new AbortController();
  const kept = keep(press).then(() => (tooLate.signal.aborted ? withdraw(press) : undefined));
  try {
    await within(keepWithinMs, kept);
    return true;
  } catch (error) {
    tooLate.abort();
    withdraw(press).catch(() => {}); // it goes with the connection; then so did the press
    log.error({ press: press.id, user: press.user, err: error }, 'a press was not stored');
    return false;
  }
}

/** A trigger is good for one modal and three seconds, so this does not wait for the queue. */
async function openModal(
  intake: SlackIntake,
  press: Press,
  {
    client,
    trigger,
    isInWindow,
  }: {
    readonly client: PrivateChannel['client'] & Pick<WebClient, 'views'>;
    readonly trigger: string;
    readonly isInWindow: boolean;
  },
): Promise<void> {
  const view = modalOf(press);
  if (view === undefined || !(await isFirst(intake, press))) return;
  try {
    // From a window, Slack opens another one only on top of it.
    const opened = await (isInWindow
      ? client.views.push({ trigger_id: trigger, view })
      : client.views.open({ trigger_id: trigger, view }));
    const id = opened.view?.id;
    if (id !== undefined) fillWindow(intake, press, { client, id });
  } catch (error) {
    intake.log.warn({ press: press.id, action: press.action, err: error }, 'a modal did not open');
    const text = `The window did not open, so nothing was done. Press again, or type it: ${typed(press)}`;
    await sendPrivately({ ...intake, client }, press, { text });
  }
}

/** What the window shows beside its fields comes when it is known; it can be submitted before. */
function fillWindow(
  { fill, log }: SlackIntake,
  press: Press,
  { client, id }: { readonly client: Pick<WebClient, 'views'>; readonly id: string },
): void {
  fill?.(press, async (view) => {
    await client.views.update({ view_id: id, view });
  }).catch((error: unknown) => {
    log.info({ press: press.id, err: error }, 'a window was closed, or says less than it could');
  });
}

/** What was pressed in a window is done: nobody presses it there again. */
async function leaveWindow(
  { log }: SlackIntake,
  { views }: Pick<WebClient, 'views'>,
  id: string,
): Promise<void> {
  const view = textModal('Asked for. The answer stands in the channel, where you alone see it.');
  await views.update({ view_id: id, view }).catch((error: unknown) => {
    log.info({ err: error }, 'a window was closed before its answer');
  });
}

const typed = ({ action = '', value }: Press): string => {
  const word = action.replace(/^run\./, '');
  const words = { done: 'EVIDENCE', rollback: 'confirm PHRASE' }[word] ?? 'REASON';
  return `\`/upgrade ${word} ${buttonValueOf(value)?.run ?? 'RUN'} ${words}\``;
};

/** A store that does not answer must not cost the trigger: then it is better to open the modal twice. */
async function isFirst({ isFirst: ask }: SlackIntake, press: Press): Promise<boolean> {
  const soon = new Promise<boolean>((done) => {
    setTimeout(() => done(true), 500).unref();
  });
  return Promise.race([ask(press).catch(() => true), soon]);
}
