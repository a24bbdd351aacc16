import { filled } from '../filled.ts';
import { helperPython, stepsPython } from './scripts/embedded.ts';

/**
 * Python that is kept on a host for as long as a connection: it begins executions in children that outlive it, and tells
 * what becomes of them by events. Requests are lines of JSON, answers lines of `NUMBER VERB WORDS...`; after `out LENGTH` come
 * as many bytes. What is out of the ordinary it leaves to the shell way (`shell`), which shares the records. No state is in it
 * that is not on the disk, so it may be killed at any moment. `mark` is what it says hello with.
 */
export function helperProgram(mark: string): HelperProgram {
  const program = filled(helperPython, { MARK: mark, STEPS: Buffer.byteLength(stepsPython) });
  return { text: program + stepsPython, firstBytes: Buffer.byteLength(program) };
}

export interface HelperProgram {
  readonly text: string;
  /** How much of it is run at once; it reads the rest itself. */
  readonly firstBytes: number;
}
