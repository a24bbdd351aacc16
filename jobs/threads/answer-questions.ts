import { parentPort } from 'node:worker_threads';
import { type ErrorDetails, OperatorError } from '../../handlers/contract/errors.ts';

/** Functions of data that answer with data, by name. */
export type Questions = Readonly<Record<string, (...asked: never[]) => unknown>>;

/** What goes to the thread. */
export interface Asked {
  readonly id: number;
  readonly question: string;
  readonly asked: readonly unknown[];
}

interface SaidError {
  readonly message: string;
  readonly stack: string | undefined;
  /** What an error for people has beside that; absent for any other. */
  readonly operator?: Omit<ErrorDetails, 'cause'>;
}

/** What comes back. */
export type Answer = { readonly id: number } & (
  { readonly value: unknown } | { readonly error: SaidError }
);

/** Answers what this thread is asked, one question after the other. */
export function answerQuestions(questions: Questions): void {
  const port = parentPort;
  port?.on('message', ({ id, question, asked }: Asked) => {
    try {
      // `ask` has them typed.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      const answer = questions[question] as (...all: readonly unknown[]) => unknown;
      port.postMessage({ id, value: answer(...asked) } satisfies Answer);
    } catch (error) {
      port.postMessage({ id, error: saidError(error) } satisfies Answer);
    }
  });
}

/** An error keeps its class where it is one for people: other threads would have it as a plain one. */
function saidError(error: unknown): SaidError {
  if (!(error instanceof Error)) return { message: String(error), stack: undefined };
  const { message, stack } = error;
  if (!(error instanceof OperatorError)) return { message, stack };
  const { hint, disposition, name, people } = error;
  return { message, stack, operator: { hint, disposition, name, people } };
}
