import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { FailureSignature } from '../../../openstack/knowledge/schemas.ts';
import { signatureOf } from '../../../openstack/repair/signature.ts';

const LabelledFailures = z.array(
  z.strictObject({
    /** Where its lines are printed, or were reported. */
    source: z.string().min(1),
    kind: z.string(),
    exit: z.int(),
    /** What may be said of them short of a cause. */
    classes: z.array(z.string()),
    failures: z.array(
      z.strictObject({
        /** The cause; `class` where the lines do not tell it; `nothing` where nothing is wrong. */
        is: z.string(),
        text: z.string().min(1),
      }),
    ),
  }),
);

interface LabelledFailure {
  readonly source: string;
  readonly kind: string;
  readonly exit: number;
  readonly classes: readonly string[];
  readonly is: string;
  readonly text: string;
}

/** Failures with what they are, written anew after the programs' own texts and public reports. */
export const labelledFailures: readonly LabelledFailure[] = files().flatMap((file) =>
  LabelledFailures.parse(parse(readFileSync(file, 'utf8'))).flatMap(({ failures, ...where }) =>
    failures.map((failure) => ({ ...where, ...failure })),
  ),
);

function files(): string[] {
  const folder = join(import.meta.dirname, 'labelled');
  return readdirSync(folder).map((name) => join(folder, name));
}

type Verdict = 'cause' | 'class' | 'unknown' | 'wrong';

/** Right by its cause, right by its class, not recognised, or given a cause that it has not got. */
export function verdictOn(
  { kind, exit, classes, is, text }: LabelledFailure,
  signatures: readonly FailureSignature[],
): { readonly verdict: Verdict; readonly said: string | undefined } {
  const said = signatureOf({ kind, exit, output: text }, signatures)?.id;
  // It owns that nothing is known, and is counted so.
  if (said === undefined || (said === 'reason-printed' && is !== 'nothing'))
    return { verdict: is === 'nothing' ? 'cause' : 'unknown', said };
  if (said === is) return { verdict: 'cause', said };
  return { verdict: is !== 'nothing' && classes.includes(said) ? 'class' : 'wrong', said };
}

export interface SignatureFigures {
  readonly failures: number;
  readonly byCause: number;
  readonly byClass: number;
  readonly unknown: readonly string[];
  readonly wrong: readonly string[];
}

/** How many failures are recognised; what is nothing at all counts only when something is said of it. */
export function measureSignatures(signatures: readonly FailureSignature[]): SignatureFigures {
  const all = labelledFailures.map((one) => ({ one, ...verdictOn(one, signatures) }));
  const failures = all.filter(({ one }) => one.is !== 'nothing');
  const named = (wanted: Verdict): string[] =>
    all
      .filter(({ verdict }) => verdict === wanted)
      .map(({ one, said }) => `${one.is} (${said ?? 'nothing'}): ${one.text}`);
  return {
    failures: failures.length,
    byCause: failures.filter(({ verdict }) => verdict === 'cause').length,
    byClass: failures.filter(({ verdict }) => verdict === 'class').length,
    unknown: named('unknown'),
    wrong: named('wrong'),
  };
}
