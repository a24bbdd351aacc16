import type { Message } from '../views/blocks.ts';

/** A message of Slack's as a terminal shows it. `nameOf` says who a Slack user is here. */
export function plainText(
  { text, blocks }: Message,
  nameOf: (id: string) => string | undefined = () => undefined,
): string {
  const parts = blocks.flatMap((block) => {
    if (block.type === 'header') return [block.text.text];
    if (block.type === 'section' && block.text !== undefined)
      return [fromMrkdwn(block.text.text, nameOf)];
    if (block.type !== 'context') return [];
    return block.elements.flatMap((element) =>
      element.type === 'mrkdwn' ? [fromMrkdwn(element.text, nameOf)] : [],
    );
  });
  return harmless(inDoorWords(parts.length === 0 ? fromMrkdwn(text, nameOf) : parts.join('\n')));
}

/** The words of `/upgrade` that the local door takes as well, as they are typed there. */
export const inDoorWords = (text: string): string =>
  text.replaceAll(/\/upgrade (?=(?:status|abort|approve|rollback|log)\b)/g, 'npx hopscotch ');

function fromMrkdwn(text: string, nameOf: (id: string) => string | undefined): string {
  return (
    text
      // Of an asterisk inside of code nobody knows whether it is bold; code comes first.
      .split(/(`[^`\n]*`)/)
      .map((part) => (/^`[^`\n]*`$/.test(part) ? part.slice(1, -1) : withoutBold(part)))
      .join('')
      .replaceAll(/<@([A-Z0-9]+)>/g, (_all, id: string) => nameOf(id) ?? id)
      .replaceAll(/<!subteam\^([A-Z0-9]+)>/g, '$1')
      .replaceAll(/<#([A-Z0-9]+)(?:\|[^>]*)?>/g, '$1')
      .replaceAll(/<!date\^[^|>]*\|([^>]*)>/g, '$1')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&')
  );
}

const withoutBold = (text: string): string => text.replaceAll(/\*([^*\n]+)\*/g, '$1');

/** Nothing of it moves a cursor or changes a title. */
const harmless = (text: string): string => text.replaceAll(/(?!\n)[\p{Cc}\p{Cf}]/gu, '');
