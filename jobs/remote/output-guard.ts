import { filled } from './filled.ts';
import { outputGuardShell } from './scripts/embedded.ts';
/** What a step may write, unless its runbook or its cloud says otherwise. */
export const usualOutputLimitBytes = 1024 ** 3;

/**
 * Shell beside the commands of an execution that ends them once they wrote more than they may, whether anybody follows or
 * not. It reads how far the output has come from the kernel, without a process of its own, more often the faster it
 * grows. What is written meanwhile is given back to the disk where the file system can do that.
 */
export const guardShell = (limitBytes: number, become: boolean): string =>
  limitBytes === 0
    ? ''
    : filled(outputGuardShell, {
        LIMIT: limitBytes,
        OR_AS_ROOT: become ? 'sudo -n kill -s $signal $p' : 'true',
      });
