import type { Logger } from 'pino';
import { isErrorNamed } from '../../handlers/contract/errors.ts';

/**
 * Lets work on runs be, whose logs a newer version writes: a process of that version does it, and this one goes on with the
 * others. Each is said once in the log, however often it comes up.
 */
export function leaveNewerLogs(
  log: Logger,
): <T>(run: string, work: () => Promise<T>) => Promise<T | undefined> {
  const said = new Set<string>();
  return async (run, work) => {
    try {
      return await work();
    } catch (error) {
      if (!isErrorNamed(error, 'NewerLog')) throw error;
      if (!said.has(run)) log.warn({ runId: run, hint: error.hint }, error.message);
      said.add(run);
      return undefined;
    }
  };
}
