import { createHash } from 'node:crypto';
import { z } from 'zod';

/** An event to the byte as it stands in a log: its hash is over that, and over the one before it. */
export interface RawEntry {
  readonly id: string;
  readonly json: string;
  readonly hash: string;
}

/**
 * What files hold may be secret, so an event names it by its SHA-256 only; it is kept beside the log, for a time. A log
 * whose contents are gone still folds: then `goneContent` stands for each.
 */
export interface StoredEvent {
  readonly json: string;
  /** By SHA-256, hexadecimal. */
  readonly contents: Readonly<Record<string, string>>;
}

/** No handler takes it for the content of a file: it is not base64, and has another fingerprint than a plan says. */
export const goneContent = '(removed some time after the end of the run)';

/** `value`: what an option is set to. */
const KEYS: ReadonlySet<string> = new Set(['content', 'stdin', 'value']);

/** Takes the contents out of an event, given as canonical JSON. */
export function takeOutContents(json: string): StoredEvent {
  if (!MAY_HOLD.test(json)) return { json, contents: {} };
  const contents: Record<string, string> = {};
  const reference = (value: unknown): unknown => {
    if (typeof value !== 'string' || value === '') return value;
    const sha256 = fingerprint(value);
    contents[sha256] = value;
    return { [REFERENCE]: sha256 };
  };
  const out = JSON.stringify(JSON.parse(json), (key, value: unknown) => {
    if (!KEYS.has(key)) return value;
    return Array.isArray(value) ? value.map(reference) : reference(value);
  });
  return { json: out, contents };
}

/** The fingerprints that a stored event names. */
export const contentsNamedIn = (json: string): string[] =>
  // Most events name none, and each is asked several times.
  json.includes(`"${REFERENCE}"`)
    ? [...new Set(Array.from(json.matchAll(NAMED), ([, sha256 = '']) => sha256))]
    : [];

/** Puts the contents back. Undefined when one of them is not what its fingerprint says. */
export function putInContents({ json, contents }: StoredEvent): string | undefined {
  if (contentsNamedIn(json).length === 0) return json;
  if (!areContents(contents)) return undefined;
  return JSON.stringify(JSON.parse(json), (_key, value: unknown) => {
    // A plan has tens of thousands of values, and next to none of them names anything.
    if (value === null || typeof value !== 'object' || !(REFERENCE in value)) return value;
    const named = Reference.safeParse(value).data;
    return named === undefined ? value : (contents[named[REFERENCE]] ?? goneContent);
  });
}

/** Whether each is what its fingerprint says. */
export const areContents = (contents: StoredEvent['contents']): boolean =>
  Object.entries(contents).every(([sha256, content]) => fingerprint(content) === sha256);

const MAY_HOLD = /"(?:content|stdin|value)":/;
const REFERENCE = '$sha256';
const NAMED = /"\$sha256":"([0-9a-f]{64})"/g;
const Reference = z.strictObject({ [REFERENCE]: z.string().regex(/^[0-9a-f]{64}$/) });

const fingerprint = (text: string): string => createHash('sha256').update(text).digest('hex');
