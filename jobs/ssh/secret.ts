import { inspect } from 'node:util';

const REDACTED = '[REDACTED]';

/** A text that shows itself only to who calls `reveal`: printed, logged or stored it is `[REDACTED]`. */
export interface Secret {
  readonly reveal: () => string;
  readonly toString: () => string;
}

export function secret(value: string): Secret {
  // The value lives in closures only, so that no way of listing properties finds it.
  const hidden = { reveal: () => value, toString: () => REDACTED, toJSON: () => REDACTED };
  return Object.defineProperty(hidden, inspect.custom, { value: () => REDACTED });
}
