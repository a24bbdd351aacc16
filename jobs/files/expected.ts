import { z } from 'zod';
import { nearestWord } from './nearest.ts';

/** One thing that a value gets wrong. `expected` is the end of a sentence that begins with what was found. */
export interface ValueProblem {
  readonly path: readonly PropertyKey[];
  /** Whether the value at `path`, the key that ends it, or that key's very presence is wrong. */
  readonly wrong: 'value' | 'key' | 'unknownKey';
  readonly expected: string;
}

export type CheckedValue<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly ValueProblem[] };

/** Checks a value, saying for each problem what was expected in the words of someone who writes YAML. */
export function checkValue<T>(schema: z.ZodType<T>, value: unknown): CheckedValue<T> {
  const result = schema.safeParse(value, { error: (issue) => expectation(issue) });
  return result.success
    ? { ok: true, value: result.data }
    : { ok: false, problems: result.error.issues.flatMap((issue) => problemsOf(issue, [])) };
}

/** Carries the keys that an object has from where the schema is known to where its problems are told apart. */
const KEYS = 'keys:';

function problemsOf(issue: z.core.$ZodIssue, above: readonly PropertyKey[]): ValueProblem[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: [...path, key],
      wrong: 'unknownKey',
      expected: otherKey(key, issue.message),
    }));
  if (issue.code === 'invalid_key')
    return issue.issues.map(({ message }) => ({ path, wrong: 'key', expected: message }));
  if (issue.code === 'invalid_element')
    return issue.issues.flatMap((inner) => problemsOf(inner, path));
  if (issue.code === 'invalid_union') {
    // A form that got past its outermost check is the one that was meant.
    const meant = issue.errors.filter((form) => form.every((inner) => inner.path.length > 0));
    if (meant.length === 1) return meant.flat().flatMap((inner) => problemsOf(inner, path));
  }
  return [{ path, wrong: 'value', expected: issue.message }];
}

function otherKey(key: string, message: string): string {
  if (!message.startsWith(KEYS)) return message;
  const known = message.slice(KEYS.length).split(' ');
  const meant = nearestWord(key, known);
  return meant === undefined ? oneOf(known) : `did you mean ${meant}?`;
}

function expectation(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${typeNames[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return choice(issue.values.map(String), issue.input);
    case 'invalid_union':
      return union(issue);
    case 'unrecognized_keys':
      return `${KEYS}${shapeKeys(issue.inst).join(' ')}`;
    case 'too_small':
      return `expected ${issue.inclusive === false ? 'more than' : 'at least'} ${amount(issue.origin, issue.minimum)}`;
    case 'too_big':
      return `expected ${issue.inclusive === false ? 'less than' : 'at most'} ${amount(issue.origin, issue.maximum)}`;
    case 'invalid_format':
      return issue.pattern === undefined
        ? `expected a valid ${issue.format}`
        : `expected text that matches ${issue.pattern}`;
    case 'not_multiple_of':
      return `expected a multiple of ${issue.divisor}`;
    case 'custom':
    case 'invalid_element':
    case 'invalid_key':
      break;
  }
  return undefined;
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  null: 'null',
};

const oneOf = (words: readonly string[]): string =>
  words.length === 1 ? `expected ${words.join()}` : `expected one of ${words.join(', ')}`;

function choice(words: readonly string[], found: unknown): string {
  const meant = typeof found === 'string' ? nearestWord(found, words) : undefined;
  return meant === undefined || words.length === 1
    ? oneOf(words)
    : `${oneOf(words)}: did you mean ${meant}?`;
}

function union(issue: z.core.$ZodRawIssue & { code: 'invalid_union' }): string {
  if (issue.inclusive === false) return 'expected only one of its forms';
  if (issue.discriminator !== undefined) {
    const found = Object.entries(issue.input ?? {}).find(([key]) => key === issue.discriminator);
    return choice((issue.options ?? []).map(String), found?.[1]);
  }
  const forms = issue.errors.map(([first]) => first?.message.replace(/^expected /, '') ?? '');
  return `expected ${[...new Set(forms)].join(' or ')}`;
}

function shapeKeys(schema: unknown): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function amount(origin: string, count: number | bigint): string {
  const unit = { array: ['entry', 'entries'], string: ['character', 'characters'] }[origin];
  return unit === undefined ? `${count}` : `${count} ${count === 1 ? unit[0] : unit[1]}`;
}
