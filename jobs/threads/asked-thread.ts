import type { Worker } from 'node:worker_threads';
import { OperatorError } from '../../handlers/contract/errors.ts';
import type { Answer, Asked, Questions } from './answer-questions.ts';
import { startThread } from './start-thread.ts';

/** A thread that is asked with data and answers with data. It does not keep its process from ending. */
export interface AskedThread<Q extends Questions> {
  /** Throws what the question throws; `ThreadEnded` where the thread ended over it twice. */
  readonly ask: <K extends keyof Q & string>(
    question: K,
    ...asked: Parameters<Q[K]>
  ) => Promise<ReturnType<Q[K]>>;
  /** Starts it before the first question does. */
  readonly prepare: () => void;
  readonly stop: () => Promise<unknown>;
}

interface OpenQuestion {
  readonly asked: Asked;
  readonly resolve: (value: unknown) => void;
  readonly reject: (why: unknown) => void;
  wasAskedAgain: boolean;
}

/**
 * Asks the thread of a script, given without its ending. It is started with the first question, and once more with the next
 * one where it ended; what it had not answered is asked once more. `does`: what people read of it where that ends it too.
 */
export function openAskedThread<Q extends Questions>(script: URL, does: string): AskedThread<Q> {
  const open = new Map<number, OpenQuestion>();
  let thread: Worker | undefined;
  let count = 0;
  const start = (): Worker => {
    const started = startThread(script);
    let why: unknown;
    started.on('message', ({ id, ...answer }: Answer) => {
      const one = open.get(id);
      open.delete(id);
      if ('value' in answer) one?.resolve(answer.value);
      else one?.reject(errorOf(answer.error));
    });
    started.on('error', (error) => (why = error));
    started.on('exit', () => {
      if (thread === started) thread = undefined;
      for (const one of open.values()) askAgain(one, why);
    });
    started.unref();
    return started;
  };
  const send = ({ asked }: OpenQuestion): void => {
    thread ??= start();
    thread.postMessage(asked);
  };
  const askAgain = (one: OpenQuestion, why: unknown): void => {
    if (!one.wasAskedAgain) {
      one.wasAskedAgain = true;
      return send(one);
    }
    open.delete(one.asked.id);
    one.reject(threadEnded(does, why));
  };
  return {
    ask: async (question, ...asked) => {
      count += 1;
      const id = count;
      const answer = new Promise<unknown>((resolve, reject) => {
        const one = { asked: { id, question, asked }, resolve, reject, wasAskedAgain: false };
        // Data that cannot cross is refused here.
        send(one);
        open.set(id, one);
      });
      // What comes back under its number is its answer.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      return (await answer) as ReturnType<Q[typeof question]>;
    },
    prepare: () => void (thread ??= start()),
    stop: async () => thread?.terminate(),
  };
}

function errorOf({ message, stack, operator }: Extract<Answer, { error: unknown }>['error']) {
  const error = operator === undefined ? new Error(message) : new OperatorError(message, operator);
  if (stack !== undefined) error.stack = stack;
  return error;
}

const threadEnded = (does: string, cause: unknown): OperatorError =>
  new OperatorError(`${does}: the thread that does it ended twice over it`, {
    name: 'ThreadEnded',
    hint: 'Nothing was started. Its log says why it ended: where memory ran out, ask for fewer services or one release at a time.',
    cause,
  });
