/** A typed line in words. */
export interface TypedWords {
  /** Words in lower case, without quotes around them and without mentions that stand for nobody in particular. */
  readonly all: readonly string[];
  /** The line after so many words, as it was typed. */
  readonly textAfter: (count: number) => string;
}

/**
 * Reads what phones and Slack make of a line: typographic quotes and dashes, non-breaking and zero-width spaces, `<@U…>` and
 * `<#C…|name>` and `<http://ctl1.example.org|ctl1.example.org>` where a name was meant, `&amp;` for `&`.
 */
export function readTypedWords(line: string): TypedWords {
  const clean = line.normalize('NFC').replaceAll(ZERO_WIDTH, '');
  const tokens = [...clean.matchAll(/\S+/g)]
    .map((match) => ({ word: asWord(match[0]), end: match.index + match[0].length }))
    .filter(({ word }) => word !== '');
  return {
    all: tokens.map(({ word }) => word),
    textAfter: (count) =>
      asText(clean.slice(count === 0 ? 0 : (tokens[count - 1]?.end ?? clean.length))),
  };
}

const ZERO_WIDTH = /[\u00ad\u200b-\u200f\u2060\ufeff]/g;

function asWord(token: string): string {
  // Slack makes links of host names and addresses; what was typed is their label.
  const named = /^<(?:#[A-Z0-9]+|(?:https?|mailto|tel):[^|>]*)(?:\|([^>]*))>$/.exec(token);
  const channel = /^<#[A-Z0-9]+>$/.test(token);
  const bare = channel ? '' : (named?.[1] ?? token.replace(/^<[@!][^>]*>$/, ''));
  return unescape(bare)
    .replace(/^["'`“”„‘’‚«»#]+/, '')
    .replace(/["'`“”‘’«».,;:]+$/, '')
    .replaceAll(/[‐‑‒–—―]/g, '-')
    .toLowerCase();
}

function asText(rest: string): string {
  const text = unescape(rest).trim();
  const [, quoted] = /^["“”„«]([^"“”„«»]*)["“”»]$/s.exec(text) ?? [];
  return (quoted ?? text).trim();
}

const unescape = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
