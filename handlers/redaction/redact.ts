/**
 * Finds secrets in texts and puts a mark in their place: the one room that says what a secret looks like. Pure, and of use
 * to every floor. No I/O here, nothing of runs, and nothing that shows a secret to anybody.
 */
import { openSecretScanner } from './scan.ts';
import type { KnownSecrets } from './known.ts';
import { type SecretSpan, unionOfSpans } from './span.ts';

/** What stands in the place of a secret that people are shown. */
export const REDACTED = '[REDACTED]';

/** Where the secrets of a text are, in order. */
export function findSecrets(text: string): SecretSpan[] {
  const found: SecretSpan[] = [];
  let index = 0;
  const scanner = openSecretScanner((line, spans) => {
    found.push(...spans.map(({ start, end }) => ({ start: index + start, end: index + end })));
    index += line.length + 1;
  });
  for (const line of text.split('\n')) scanner.add(line);
  scanner.end();
  return unionOfSpans(found);
}

export const hasSecrets = (text: string): boolean => findSecrets(text).length > 0;

/** A text for people: passwords, tokens, keys and the passwords in URLs read `[REDACTED]`. */
export const maskSecrets = (text: string): string => replaceSecrets(text, () => REDACTED);

/** What a text reads for people who know one mark for each secret: known values first, then what the text itself shows. */
export function redactText(
  text: string,
  known: KnownSecrets,
  mark: (secret: string) => string,
): string {
  let from = 0;
  const parts = known.find(text).flatMap(({ start, end, secret }) => {
    const before = text.slice(from, start);
    from = end;
    return [before, mark(secret)];
  });
  return replaceSecrets([...parts, text.slice(from)].join(''), mark);
}

/** The secrets of a text themselves, for who looks for them elsewhere. */
export const secretsIn = (text: string): string[] =>
  findSecrets(text)
    .flatMap(({ start, end }) => text.slice(start, end).split('\n'))
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** Two versions of a text for people. A secret that only the second one has reads `[REDACTED, new]`, so that it shows in a diff. */
export function maskBoth(before: string, after: string): [before: string, after: string] {
  const known = new Set<string>();
  const old = replaceSecrets(before, (secret) => {
    known.add(secret);
    return REDACTED;
  });
  return [
    old,
    replaceSecrets(after, (secret) => (known.has(secret) ? REDACTED : '[REDACTED, new]')),
  ];
}

type Mark = (secret: string) => string;

function replaceSecrets(text: string, mark: Mark): string {
  if (text === '') return text;
  let from = 0;
  const parts = findSecrets(text).flatMap(({ start, end }) => {
    const before = text.slice(from, start);
    from = end;
    return [before, marked(text.slice(start, end), mark)];
  });
  return [...parts, text.slice(from)].join('');
}

/** A secret over several lines reads a mark on each of them. */
const marked = (secret: string, mark: Mark): string =>
  secret
    .split('\n')
    .map((line) => line.replace(/\S.*\S|\S/, mark))
    .join('\n');
