import { OperatorError, isErrorNamed } from '../../handlers/contract/errors.ts';
import { maskSecrets } from '../../handlers/redaction/redact.ts';

/** An error as a log may hold it: no properties but these, whatever a library hangs on its errors. */
export interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: string | number;
  readonly hint?: string;
  /** Where it was thrown: frames alone, as the text before them repeats the message. */
  readonly stack?: string;
  readonly cause?: LoggedError;
  /** Of an error that stands for several. */
  readonly errors?: readonly string[];
}

const longest = 2000;

/** Anything thrown. Commands and their arguments (ioredis), answers (Slack) and request bodies are left out. */
export function errorForLog(error: unknown, depth = 3): LoggedError {
  const message = messageForLog(error);
  if (!(error instanceof Error)) return { type: typeof error, message };
  const code = 'code' in error ? error.code : undefined;
  const errors = error instanceof AggregateError ? error.errors.map(messageForLog) : [];
  return {
    type: error.name,
    message,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(error instanceof OperatorError ? { hint: error.hint } : {}),
    ...(errors.length > 0 ? { errors } : {}),
    // A refusal is no bug: nobody looks for the place in the code.
    ...(error instanceof OperatorError ? {} : { stack: framesOf(error) }),
    ...(error.cause === undefined || depth === 0
      ? {}
      : { cause: errorForLog(error.cause, depth - 1) }),
  };
}

/** What an error says, without the arguments that Redis or a client repeats in it, and without secrets. */
export function messageForLog(error: unknown): string {
  if (!(error instanceof Error)) return maskSecrets(plain(error)).slice(0, longest);
  // "... with SLACK_APP_TOKEN: Slack says ..." is ours, with Slack's code in it, and reads like a token.
  if (isErrorNamed(error, 'SlackRefused')) return error.message;
  const said = error.message || (error instanceof AggregateError ? manyOf(error) : '');
  // "ERR unknown command 'x', with args beginning with: 'y' ..." (redis, src/server.c)
  const short = said.replace(/(with args beginning with:?).*/is, '$1 [REDACTED]');
  return maskSecrets(withoutArguments(short, argumentsOf(error))).slice(0, longest);
}

const plain = (thrown: unknown): string =>
  typeof thrown === 'string' ? thrown : `a thrown ${thrown === null ? 'null' : typeof thrown}`;

const manyOf = ({ errors }: AggregateError): string =>
  [...new Set(errors.map(messageForLog))].join('; ');

/** What ioredis hangs on an error: the command that it answers. */
function argumentsOf(error: Error): readonly string[] {
  const command: unknown = 'command' in error ? error.command : undefined;
  if (typeof command !== 'object' || command === null || !('args' in command)) return [];
  return Array.isArray(command.args) ? command.args.map(String) : [];
}

/** The names of our keys may be read; short words would tear holes into what Redis says. */
const withoutArguments = (text: string, args: readonly string[]): string =>
  args
    .filter((arg) => arg.length >= 6 && !arg.startsWith('hopscotch:'))
    .reduce((rest, arg) => rest.replaceAll(arg, '[REDACTED]'), text);

const framesOf = ({ stack = '' }: Error): string =>
  stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8)
    .join('\n');
