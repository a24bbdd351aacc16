import { z } from 'zod';
import { toShell, CommandWords } from '../../handlers/contract/command.ts';
import type { Work } from '../../jobs/run/events.ts';
import { type Run, hostStep, stepOf } from '../../jobs/run/run.ts';
import type { Knowledge } from '../knowledge/knowledge.ts';
import type { FailureSignature, StepTemplate } from '../knowledge/schemas.ts';
import { outputPattern } from '../knowledge/schema-words.ts';
import { releaseNameTitle } from '../knowledge/releases.ts';
import { type ProgramStanding, programStanding } from './standing.ts';

interface Failure {
  readonly kind: string;
  /** What the step printed, as text. */
  readonly output: string;
  /** Unset when no exit code came back. */
  readonly exit?: number | undefined;
  /** Which of program and schema is older, where the run knows. */
  readonly standing?: ProgramStanding | undefined;
}

/** The known failure that this one is, or `undefined`. The narrow ones come first in `signatures`. */
export const signatureOf = (
  { kind, output, exit, standing }: Failure,
  signatures: readonly FailureSignature[],
): FailureSignature | undefined =>
  signatures.find(
    ({ kinds, exits, patterns, mysql, also, unless, standing: meant }) =>
      (meant === undefined || meant === standing) &&
      (kinds.length === 0 || kinds.includes(kind)) &&
      (exits.length === 0 || (exit !== undefined && exits.includes(exit))) &&
      [...patterns, ...(mysql.length === 0 ? [] : [numbered(mysql)])].some(isIn(output)) &&
      also.every(isIn(output)) &&
      !unless.some(isIn(output)),
  );

/** As PyMySQL and mysqlclient, the client, its dump, the middle of a dump, and other drivers print them. */
const numbered = (numbers: readonly number[]): string => {
  const one = `(?:${numbers.join('|')})`;
  return [
    `\\(${one}, b?u?["'(]`,
    `ERROR ${one}(?: \\(|:)`,
    `[Ee]rror:? ?\\(?${one}\\)?[:,] `,
    `dump: .*\\(${one}\\)\\s*$`,
    `SQLSTATE\\[\\w+\\](?: \\[${one}\\]|.{0,60}: ${one} )`,
    `(?:errno|[Ee]rror_code)\\W{1,3}${one}\\b`,
    `\\(\\w{5}/${one}\\)`,
  ].join('|');
};

/** `^` and `$` stand for the ends of lines. */
const isIn =
  (output: string) =>
  (pattern: string): boolean =>
    compiledPattern(pattern).test(output);

const compiled = new Map<string, RegExp>();

function compiledPattern(pattern: string): RegExp {
  const known = compiled.get(pattern) ?? outputPattern(pattern);
  compiled.set(pattern, known);
  return known;
}

/** How a step failed on a host; `undefined` where it did not. */
export function stepFailure(
  run: Run,
  work: Pick<Work, 'phase' | 'step' | 'host'>,
): Failure | undefined {
  const { failure, tail = '' } = hostStep(run, work);
  if (failure === undefined) return undefined;
  const { kind } = stepOf(run, work.step);
  return {
    kind,
    output: `${failure.reason ?? ''}\n${tail}`,
    exit: failure.exit,
    standing: programStanding(run, work),
  };
}

/** A failure that was recognised, for people. */
export interface KnownFailure {
  readonly id: string;
  readonly title: string;
  readonly explanation: string;
  readonly source: string;
  readonly waysOut: readonly {
    readonly title: string;
    /** Whether Hopscotch can go it; else a person does. */
    readonly hasSteps: boolean;
    /** What it runs, in words: command lines of its steps. */
    readonly runs: readonly string[];
    readonly after: FailureSignature['waysOut'][number]['after'];
  }[];
}

/** What is known about failures; `undefined` for one that is new. */
export type RecogniseFailure = (failure: Failure) => KnownFailure | undefined;

export const failureRecogniser =
  ({ signatures, steps }: Pick<Knowledge, 'signatures' | 'steps'>): RecogniseFailure =>
  (failure) => {
    const found = signatureOf(failure, signatures);
    if (found === undefined) return undefined;
    const { id, title, explanation, source, waysOut } = found;
    return {
      id,
      title,
      explanation,
      source,
      waysOut: waysOut.map((way) => ({
        title: way.title,
        hasSteps: way.steps.length > 0,
        runs: way.steps.flatMap((step) => lineOf(steps[step]) ?? []),
        after: way.after,
      })),
    };
  };

function lineOf(step: StepTemplate | undefined): string | undefined {
  const words = z.looseObject({ run: CommandWords }).safeParse(step?.params);
  if (step === undefined || !words.success) return undefined;
  const whose = step.code === undefined ? '' : ` (${releaseNameTitle(step.code)}'s)`;
  return `${toShell(words.data.run)}${whose}`;
}
