import type { ErrorName } from './error-names.ts';

/**
 * What may happen next after an error. `retry`: nothing began on the host, so trying again is safe. `stop`: trying again
 * cannot help until a person changes something. `ask`: the outcome is unknown, and a person is asked.
 */
export type Disposition = 'retry' | 'stop' | 'ask';

export interface ErrorDetails {
  readonly hint: string;
  readonly disposition?: Disposition;
  readonly name?: ErrorName;
  readonly cause?: unknown;
  /** The ids of people and their groups that the message names: a front end makes them names or mentions. */
  readonly people?: readonly string[];
}

/**
 * An error that a person may read: `message` says what was being done, where, and why it ended; `hint` says what to do
 * next, in whole sentences; a command to type may stand at its end. Anything else that is thrown is a bug.
 */
export class OperatorError extends Error {
  override readonly name: ErrorName;
  readonly hint: string;
  readonly disposition: Disposition;
  readonly people: readonly string[];

  constructor(
    message: string,
    { hint, disposition = 'stop', name, cause, people = [] }: ErrorDetails,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = name ?? 'OperatorError';
    this.hint = hint;
    this.disposition = disposition;
    this.people = people;
  }
}

/** Whether it is an error for people of this name. */
export const isErrorNamed = (error: unknown, name: ErrorName): error is OperatorError =>
  error instanceof OperatorError && error.name === name;
