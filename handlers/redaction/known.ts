import { formsOfSecret } from './forms.ts';
import type { SecretSpan } from './span.ts';

/** Finds values that are known to be secret, in every way in which they are written. */
export interface KnownSecrets {
  /** Where they are in a text, in order, with the value that each is. */
  readonly find: (text: string) => readonly KnownSpan[];
}

export interface KnownSpan extends SecretSpan {
  readonly secret: string;
}

/**
 * Whether a value can be looked for by itself. A short or ordinary word stands in every output; such a value is found by what
 * stands around it alone.
 */
export const isTelling = (value: string): boolean =>
  value.length >= 12 || (value.length >= 6 && !/^(?:[a-z]+|[A-Z][a-z]+|\d+)$/.test(value));

export function openKnownSecrets(values: Iterable<string>): KnownSecrets {
  const byStart = new Map<number, { readonly form: string; readonly secret: string }[]>();
  for (const secret of new Set(values)) {
    if (!isTelling(secret)) continue;
    for (const form of formsOfSecret(secret)) {
      const start = startOf(form, 0);
      byStart.set(start, [...(byStart.get(start) ?? []), { form, secret }]);
    }
  }
  for (const forms of byStart.values()) forms.sort((a, b) => b.form.length - a.form.length);
  return { find: byStart.size === 0 ? () => [] : (text) => found(text, byStart) };
}

type ByStart = ReadonlyMap<number, readonly { readonly form: string; readonly secret: string }[]>;

/** Two characters are enough to pass over nearly all of a text without comparing anything. */
const startOf = (text: string, index: number): number =>
  text.charCodeAt(index) * 65_536 + text.charCodeAt(index + 1);

function found(text: string, byStart: ByStart): KnownSpan[] {
  const spans: KnownSpan[] = [];
  let index = 0;
  while (index < text.length - 1) {
    const from = index;
    const one = byStart.get(startOf(text, from))?.find(({ form }) => text.startsWith(form, from));
    if (one !== undefined)
      spans.push({ start: from, end: from + one.form.length, secret: one.secret });
    index += one?.form.length ?? 1;
  }
  return spans;
}
