import type { SecretSpan } from '../span.ts';

const OPENING = /(?:[uUbBrRf]{1,2}(?=["']))?(\\*)("""|'''|["'`])/y;

/** The inside of quotes that open here. Quotes that nothing closes reach to the end of the line. */
export function quotedTextAt(line: string, from: number): SecretSpan | undefined {
  OPENING.lastIndex = from;
  const [all, slashes = '', mark = ''] = OPENING.exec(line) ?? [];
  if (all === undefined) return undefined;
  const start = from + all.length;
  return { start, end: closingAt(line, start, { slashes, mark }) };
}

/** Where quotes close that opened before `from`: as many backslashes before them as the opening had. */
export function closingAt(
  line: string,
  from: number,
  { slashes, mark }: { readonly slashes: string; readonly mark: string },
): number {
  const closing = slashes + mark;
  for (
    let index = line.indexOf(closing, from);
    index !== -1;
    index = line.indexOf(closing, index + 1)
  ) {
    let before = 0;
    while (line[index - 1 - before] === '\\') before += 1;
    // Quotes that are doubled stand for one in YAML and SQL.
    if (slashes === '' && index > from && mark.length === 1 && line[index + 1] === mark) index += 1;
    // Backslashes that stand for themselves come in pairs.
    else if (before === 0 || (slashes === '' && before % 2 === 0)) return index;
  }
  return line.trimEnd().length;
}

/** Closes quotes around what stands before, as far as one can tell. */
export const CLOSING = /\\*["'`](?=\s|[,;)\]}>|&]|$)/;

/** One word of a shell, of what is left in quotes of it, or of a list of quoted words. */
export function shellWord(line: string, from: number): SecretSpan {
  const opened = /(["'])-{0,2}[\w.-]*=?$/.exec(line.slice(Math.max(0, from - 60), from))?.[1];
  const first = opened === undefined ? quotedTextAt(line, from) : undefined;
  if (first === undefined && opened === undefined) return { start: from, end: bareEnd(line, from) };
  const start = first?.start ?? from;
  const end = first?.end ?? closingAt(line, from, { slashes: '', mark: opened ?? '' });
  const behind = end + (/^\\*["'`]+/.exec(line.slice(end, end + 8))?.[0].length ?? 0);
  // 'it'\\''s' is one word.
  if (!/^(?:\\?["']|[\w$\\])/.test(line.slice(behind, behind + 2))) return { start, end };
  return { start: from, end: wordEnd(line, behind) };
}

function bareEnd(line: string, from: number): number {
  const word = /^(?:\\.|[^\s\\])*/.exec(line.slice(from, from + 4000))?.[0] ?? '';
  const closed = CLOSING.exec(word);
  return from + (closed === null ? word.replace(/[;)]+$/, '').length : closed.index);
}

function wordEnd(line: string, from: number): number {
  let index = from;
  while (index < line.length && !/[\s;|&]/.test(line[index] ?? '')) {
    const quote = line[index] ?? '';
    if (quote === '\\') index += 2;
    else if (quote !== "'" && quote !== '"') index += 1;
    else {
      const end = line.indexOf(quote, index + 1);
      index = end === -1 ? line.length : end + 1;
    }
  }
  return Math.min(index, line.length);
}
