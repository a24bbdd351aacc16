import { type SecretSpan, groupSpans } from '../span.ts';

const BEGIN = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----/;
const END = /-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----/;

export const endsPrivateKey = (line: string): boolean => END.test(line) && !BEGIN.test(line);
export const beginsPublicKey = (line: string): boolean =>
  /-----BEGIN (?![A-Z0-9 ]*PRIVATE)[A-Z0-9 ]+-----/.test(line);
export const endsPublicKey = (line: string): boolean => /-----END [A-Z0-9 ]+-----/.test(line);

/** A private key that begins on a line: what of it stands there, and whether it goes on. */
export function privateKeyBegun(
  line: string,
): { readonly spans: SecretSpan[]; readonly goesOn: boolean } | undefined {
  const begin = BEGIN.exec(line);
  if (begin === null) return undefined;
  const start = begin.index + begin[0].length;
  const end = END.exec(line.slice(start));
  const body = line.slice(start, end === null ? undefined : start + end.index);
  const spans = Array.from(body.matchAll(/(?:[A-Za-z0-9+/=]|\\\/){4,}/g), ({ 0: part, index }) => {
    // An escaped newline is none of it.
    const lead = body[index - 1] === '\\' && /^[nrt]/.test(part) ? 1 : 0;
    return { start: start + index + lead, end: start + index + part.length };
  });
  return { spans, goesOn: end === null && !/["']\s*[,;)}\]]*\s*$/.test(body) };
}

/** Keys that stand on one line with `\\n` in them, and lack their beginning. */
export function escapedKey(line: string): SecretSpan[] {
  const end = END.exec(line);
  const isWhole = BEGIN.test(line);
  const body = end === null || isWhole ? '' : line.slice(0, end.index);
  const isEscaped = /\\n/.test(body);
  return [
    ...(isEscaped ? groupSpans(/(?:^|\\n|[\s"'])([A-Za-z0-9+/]{6,}={0,2})(?=\\n)/dg, body) : []),
    ...groupSpans(/((?:[A-Za-z0-9+/]{64}\\n){2,}[A-Za-z0-9+/=]*)/dg, isWhole ? '' : line),
  ];
}

/** A line within a private key; undefined for one that cannot be, so that a lone beginning hides nothing else. */
export function privateKeyLine(line: string): SecretSpan[] | undefined {
  if (/^[\s+>|-]*$/.test(line)) return [];
  if (
    /^[\s+>|-]*(?:Proc-Type|DEK-Info|Comment|Version|Private-Lines|Private-MAC|Encryption):/.test(
      line,
    )
  )
    return [];
  const span = base64Line(line, 1);
  return span === undefined ? undefined : [span];
}

/** The base64 that a line consists of, apart from quotes, a sign of a diff and what a log puts before it. */
export function base64Line(line: string, least = 16): SecretSpan | undefined {
  const found = /^(?:[^\n]*[:|]\s+|[\s+>|-]*)["']?([A-Za-z0-9+/]+={0,2})(?:\\n)?["',]*\s*$/d.exec(
    line,
  );
  const [start, end] = found?.indices?.[1] ?? [0, 0];
  const hasPrefix = /[:|]\s+$/.test(line.slice(0, start));
  return end - start < (hasPrefix ? Math.max(least, 20) : least) ? undefined : { start, end };
}

/** Whether lines of base64 are the middle of something like a key: two or more, wrapped where such things are wrapped. */
export function isPrivateKeyBody(parts: readonly string[]): boolean {
  if (parts.length < 2) return false;
  const full = parts.filter(({ length }) => WIDTHS.has(length)).length;
  const all = parts.join('');
  const isMixed = /[a-z]/.test(all) && /[A-Z]/.test(all) && /\d/.test(all);
  return full >= parts.length - 1 && isMixed && !/^[0-9A-Fa-f]+$/.test(all);
}

/** PEM, OpenSSH, MIME. */
const WIDTHS: ReadonlySet<number> = new Set([64, 70, 76]);
