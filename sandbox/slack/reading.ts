import { hopscotchApp, pretendPeople, upgradesChannel } from './people.ts';
import type { MessageBlock, BlockElement, WorkspaceMessage } from './slack.ts';

/** What a message says, line by line, as a person reads it. Buttons stand in brackets, in a line of their own. */
export function readMessage({ text, blocks = [] }: WorkspaceMessage): string[] {
  const all = blocks.length === 0 ? [text] : blocks.flatMap(linesOf);
  return all.flatMap((part) => part.split('\n')).map(readable);
}

function linesOf({ text, elements = [] }: MessageBlock): string[] {
  const said = elements.flatMap((element) => {
    const words = buttonWords(element);
    if (words === undefined) return [];
    return element.action_id === undefined ? [words] : [`[${words}]`];
  });
  return [...(text === undefined ? [] : [text.text]), ...(said.length > 0 ? [said.join(' ')] : [])];
}

export const buttonWords = ({ text }: BlockElement): string | undefined =>
  typeof text === 'string' ? text : text?.text;

const names: Readonly<Record<string, string>> = Object.fromEntries([
  ...Object.values(pretendPeople).map(({ id, name }) => [id, `@${name}`]),
  [hopscotchApp.botUserId, `@${hopscotchApp.botName}`],
  [upgradesChannel.id, `#${upgradesChannel.name}`],
]);

/** Without the markup of mrkdwn; what stands in backticks stays as it is. */
const readable = (line: string): string =>
  line
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replaceAll(/\*(\S[^*]*)\*/g, '$1')))
    .join('')
    .replaceAll(/<[@#]([A-Z0-9]+)>/g, (whole, id: string) => names[id] ?? whole)
    .replaceAll(/<!date\^[^|>]*\|([^>]*)>/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

/** The action ids of a message's buttons. */
export const buttonsOfMessage = ({ blocks = [] }: WorkspaceMessage): string[] =>
  blocks.flatMap(({ elements = [] }) => elements.flatMap(({ action_id }) => action_id ?? []));

export type MessagePlace = 'card' | 'approval' | 'alarm' | 'thread' | 'private' | 'other';

/** Which of a run's messages this is, and which run's. */
export function messagePlace(message: WorkspaceMessage): {
  readonly place: MessagePlace;
  readonly run?: string;
} {
  if (message.ephemeral_to !== undefined) return { place: 'private' };
  const ids = (message.blocks ?? []).map(({ block_id = '' }) => block_id);
  const run = ids.flatMap((id) => /^(?:hopscotch\.)?([0-9a-f]{6})\./.exec(id)?.[1] ?? [])[0];
  if (run === undefined) return { place: 'other' };
  if (ids.some((id) => id.startsWith(`${run}.wake.`))) return { place: 'alarm', run };
  if (message.thread_ts !== undefined) return { place: 'thread', run };
  const isCard = ids.some((id) => id.startsWith(`${run}.card.`));
  return { place: isCard ? 'card' : 'approval', run };
}
