import { createHash } from 'node:crypto';
import type { BlockAction, SlashCommand, ViewSubmitAction } from '@slack/bolt';
import { z } from 'zod';
import { parsedJson } from './parsed-json.ts';

/** One thing that a person typed, pressed or submitted, as it is kept until it is answered. */
export const Press = z.strictObject({
  /** The same for every delivery of the same press. */
  id: z.string(),
  /** When the first delivery of it arrived. */
  at: z.iso.datetime(),
  user: z.string(),
  channel: z.string(),
  source: z.enum(['word', 'button', 'modal']),
  /** Typed at the local door of the bot's machine, by this account there. */
  door: z.strictObject({ account: z.string() }).exactOptional(),
  /** Where the private answer goes: five times within 30 minutes. */
  responseUrl: z.string().optional(),
  threadTs: z.string().optional(),
  messageTs: z.string().optional(),
  /** What followed `/upgrade`. */
  text: z.string().optional(),
  /** The button's action_id or the modal's callback_id, such as `run.retry`. */
  action: z.string().optional(),
  /** What the button carried: JSON with the run, and what was seen of it. */
  value: z.string().optional(),
  /** What was written into the modal. */
  input: z.string().optional(),
  /** Why, where the modal has a field for that. */
  reason: z.string().optional(),
});
export type Press = z.infer<typeof Press>;

export function pressOfCommand(command: SlashCommand, at: string): Press {
  return {
    id: pressId(command.trigger_id),
    at,
    user: command.user_id,
    channel: command.channel_id,
    source: 'word',
    responseUrl: command.response_url,
    text: command.text,
  };
}

/** Undefined for a press that is not of a button in a message. */
export function pressOfButton(body: BlockAction, at: string): Press | undefined {
  const [action] = body.actions;
  const channel = body.channel?.id ?? body.container['channel_id'] ?? channelOfWindow(body);
  if (action?.type !== 'button' || typeof channel !== 'string') return undefined;
  const ts = body.message?.ts;
  const threadTs: unknown = body.message?.['thread_ts'];
  return {
    id: pressId(body.trigger_id),
    at,
    user: body.user.id,
    channel,
    source: 'button',
    action: action.action_id,
    ...(action.value === undefined ? {} : { value: action.value }),
    ...(body.response_url === undefined ? {} : { responseUrl: body.response_url }),
    ...(ts === undefined ? {} : { messageTs: ts }),
    ...(typeof threadTs === 'string' ? { threadTs } : {}),
  };
}

/** A button in a window is answered in the channel that the window was opened from. */
function channelOfWindow({ view }: BlockAction): string | undefined {
  const found = WindowMetadata.safeParse(parsedJson(view?.private_metadata));
  return found.data?.channel;
}

const WindowMetadata = z.object({ channel: z.string() });

export function pressOfModal({ view, user }: ViewSubmitAction, at: string): Press {
  const { value, origin } = Metadata.parse(JSON.parse(view.private_metadata));
  return {
    ...origin,
    id: pressId(view.id, view.hash),
    at,
    user: user.id,
    source: 'modal',
    action: view.callback_id,
    value,
    input: inputOf(view.state.values, 'words'),
    ...reasonOf(view.state.values),
  };
}

/** What a modal must carry, so that its submission can be answered where its button was pressed. */
export function modalMetadata({ channel, responseUrl, threadTs, messageTs, value }: Press): string {
  return JSON.stringify({ value, origin: { channel, responseUrl, threadTs, messageTs } });
}

const Metadata = z.object({
  value: z.string(),
  origin: Press.pick({ channel: true, responseUrl: true, threadTs: true, messageTs: true }),
});

const pressId = (...parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 32);

type Typed = ViewSubmitAction['view']['state']['values'];

function reasonOf(values: Typed): { reason?: string } {
  const reason = inputOf(values, 'reason').trim();
  return reason === '' ? {} : { reason };
}

const inputOf = (values: Typed, block: string): string =>
  Object.values(values[block] ?? {})
    .map(({ value }) => value ?? '')
    .join('\n');
