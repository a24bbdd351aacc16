import { filled } from './filled.ts';
import {
  detachedShell,
  roomlessDisksShell,
  executionFinishShell,
  executionRunShell,
} from './scripts/embedded.ts';
import { type Command, toShell } from '../../handlers/contract/command.ts';
import type { Execution } from './outcome.ts';
import { guardShell, usualOutputLimitBytes } from './output-guard.ts';
import { joinScopeShell } from './scope.ts';

/**
 * The detached child of an execution. Whoever makes `begun` first runs the commands; it is a link, made in one step, whose
 * text already says who began, so there is no moment at which it exists and its maker is unknown. Room for the pid and the
 * exit code is taken before that: a disk that fills up later cannot cost us the outcome.
 */
export function executionScript({
  id,
  commands,
  become = false,
  outputLimitBytes = usualOutputLimitBytes,
}: Execution): string {
  return filled(detachedShell, {
    GUARD: guardShell(outputLimitBytes, become),
    JOIN_SCOPE: joinScopeShell(id, become),
    FULL_DISKS: fullDisksShell,
    FINISH: finishShell(outputLimitBytes),
    // The next command, unless one before it failed or the execution was ended.
    RUN: executionRunShell,
    COMMANDS: commands.map(runLine).join('\n'),
  });
}

// Mount points without room, where a failure may come from that.
export const fullDisksShell = roomlessDisksShell;

// Keeps how it ended, also when the disk is full.
const finishShell = (outputLimitBytes: number): string =>
  filled(executionFinishShell, { LIMIT: outputLimitBytes });

function runLine({ words, stdin, okExits = [0] }: Command, index: number): string {
  const input = stdin === undefined ? '-' : String(index);
  return `  run ${index} ${toShell([okExits.join(' '), input, ...words])}`;
}
