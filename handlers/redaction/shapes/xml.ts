import { isHarmlessValue, secretKind } from '../names.ts';
import { type SecretSpan, groupSpans, matchesOf } from '../span.ts';

/** What a secret element of XML holds, as far as it stands on this line. */
export function xmlSpans(line: string): SecretSpan[] {
  return matchesOf(ELEMENT, line).flatMap(({ 1: name = '', indices }) => {
    const [start, end] = trimmed(line, indices?.[2]);
    const kind = secretKind(name);
    return kind === undefined || isHarmlessValue(line.slice(start, end), kind)
      ? []
      : [{ start, end }];
  });
}

/** The name of a secret element that opens at the end of this line, so that its text follows on the next. */
export function opensSecretElement(line: string): string | undefined {
  const name = /^[\s+-]*(?:<[^<>]+>[^<>]*)*<(?:[\w-]+:)?([A-Za-z][\w.-]*)(?:\s[^<>]*)?>\s*$/.exec(
    line,
  )?.[1];
  return name !== undefined && secretKind(name) !== undefined ? name : undefined;
}

/** What of a line belongs to an element that opened before it. Undefined: it holds elements of its own. */
export function secretElementText(line: string): SecretSpan | undefined {
  const [span] = groupSpans(/^\s*([^<\s][^<]*?)\s*(?:<|$)/dg, line);
  return span;
}

const ELEMENT =
  /<(?:[\w-]+:)?([A-Za-z][\w.-]*)(?:\s[^<>]*)?(?<!\/)>((?:<!\[CDATA\[.*?\]\]>|[^<])+)(?=<|$)/dg;

function trimmed(line: string, found: [number, number] | undefined): [number, number] {
  const [start, end] = found ?? [0, 0];
  const text = line.slice(start, end);
  const lead = /^\s*(?:<!\[CDATA\[)?/.exec(text)?.[0].length ?? 0;
  const trail = /(?:\]\]>)?\s*$/.exec(text)?.[0].length ?? 0;
  return [start + lead, Math.max(start + lead, end - trail)];
}
