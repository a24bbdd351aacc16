/** What stands in a typed word that no name has, in words: an emoji, a link of Slack, a mark that nobody sees. Undefined for none. */
export function oddCharacter(word: string): string | undefined {
  const link = /<(?:https?|mailto|tel|slack)[^>]*>?/i.exec(word)?.[0];
  if (link !== undefined) return `a link of Slack, ${link}`;
  const shortcode = /^:[a-z0-9_+-]+:?$/i.exec(word)?.[0];
  if (shortcode !== undefined) return `an emoji, ${shortcode.replace(/:?$/, ':')}`;
  const emoji = /\p{Extended_Pictographic}/u.exec(word)?.[0];
  if (emoji !== undefined) return `an emoji, ${emoji} (${codePoint(emoji)})`;
  const hidden = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Mn}\u2028\u2029]/u.exec(word)?.[0];
  if (hidden !== undefined)
    return `${MARKS[hidden] ?? 'a character that nobody sees'} (${codePoint(hidden)})`;
  const foreign = /[^ -~]/u.exec(word)?.[0];
  return foreign && `the character ${foreign} (${codePoint(foreign)})`;
}

const codePoint = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

const MARKS: Readonly<Record<string, string>> = {
  '\u061c': 'an Arabic letter mark',
  '\u200e': 'a left-to-right mark',
  '\u200f': 'a right-to-left mark',
  '\u202a': 'a left-to-right embedding',
  '\u202b': 'a right-to-left embedding',
  '\u202c': 'an end of a change of direction',
  '\u202d': 'a left-to-right override',
  '\u202e': 'a right-to-left override',
  '\u2066': 'a left-to-right isolate',
  '\u2067': 'a right-to-left isolate',
  '\u2068': 'a first strong isolate',
  '\u2069': 'an end of an isolate',
};
