import type { Signature } from './schemas.ts';

export interface Failure {
  readonly kind: string;
  /** What the step printed, as text. */
  readonly output: string;
  /** Unset when no exit code came back. */
  readonly exit?: number | undefined;
}

/** The known failure that this one is, or `undefined`. The narrow ones come first in `signatures`. */
export const signatureOf = (
  { kind, output, exit }: Failure,
  signatures: readonly Signature[],
): Signature | undefined =>
  signatures.find(
    ({ kinds, exits, patterns }) =>
      (kinds.length === 0 || kinds.includes(kind)) &&
      (exits.length === 0 || (exit !== undefined && exits.includes(exit))) &&
      patterns.some((pattern) => new RegExp(pattern, 'u').test(output)),
  );
