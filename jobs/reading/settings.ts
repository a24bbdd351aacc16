import { createHash } from 'node:crypto';
import { maskSecrets } from '../../handlers/redaction/redact.ts';
import type { PlanStep } from '../run/plan.ts';

/** The settings of a step by name, hosts taken out: what it is called with, and what else says how it runs. */
export function stepSettings(
  { params, exit, restoredBy, maxFailures, timeoutMs, doer }: PlanStep,
  neutral: (text: string) => string,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const add = (name: string, value: unknown): void => {
    if (value === undefined) return;
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      for (const [key, inner] of Object.entries(value))
        add(name === '' ? key : `${name}.${key}`, inner);
      return;
    }
    found.set(name, shown(name, value, neutral));
  };
  add('', params);
  for (const [name, value] of Object.entries({ exit, restoredBy, maxFailures, timeoutMs, doer }))
    add(name, value);
  return found;
}

function shown(name: string, value: unknown, neutral: (text: string) => string): string {
  const text = typeof value === 'string' ? value : list(value);
  const plain = neutral(maskSecrets(`${name} = ${text}`).slice(name.length + 3));
  return plain.length > 200 || plain.includes('\n') || CONTENTS.has(name)
    ? `sha256 ${createHash('sha256').update(neutral(text)).digest('hex').slice(0, 8)}`
    : plain;
}

/** A list of words in one line; of anything else its JSON. Hosts in a row count as one. */
function list(value: unknown): string {
  if (!Array.isArray(value)) return JSON.stringify(value);
  return value.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join(', ');
}

/** They may hold secrets, and are long: their fingerprint tells whether they are the same. */
const CONTENTS: ReadonlySet<string> = new Set(['content', 'stdin', 'sha256']);

/** Settings that say what a file holds. */
export const isContentSetting = (setting: string): boolean => CONTENTS.has(setting);

/** What a configuration file says, where the operator keeps it, and what a trial uses is each cloud's own. */
export const settingsOfCloud: ReadonlySet<string> = new Set([
  'content',
  'sha256',
  'file',
  'image',
  'flavor',
  'network',
  'survivors',
  'zone',
]);
