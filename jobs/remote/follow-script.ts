import { filled } from './filled.ts';
import {
  beginShell,
  attachShell,
  forgottenShell,
  beginNewShell,
  followShell,
  watcherShell,
} from './scripts/embedded.ts';
import { toShell } from '../../handlers/contract/command.ts';
import { executionScript } from './execution-script.ts';
import type { Execution } from './outcome.ts';
import { processesOf, executionTraces } from './processes.ts';
import {
  evidenceShell,
  followToolsShell,
  executionShell,
  keepFromBeginningShell,
  printExactly,
} from './script.ts';

interface BeginScript extends Execution {
  readonly fromByte: number;
  readonly mark: string;
}

/** Starts the execution unless it began already, then follows it. The only script that starts anything. */
export const beginScript = ({ fromByte, mark, ...what }: BeginScript): string =>
  filled(beginShell, {
    EXECUTION: executionShell(what.id),
    PROCESSES: processesOf(what.id),
    WATCHER: watcherShell,
    MARK: mark,
    FROM: fromByte,
    UNLESS_BEGUN: begin(what),
    FORGOTTEN: forgotten,
    FOLLOW: follow,
  });

interface AttachScript {
  readonly id: string;
  readonly fromByte: number;
}

/** Follows an execution that is known to have begun. Where the host knows nothing of it, it says so and what it finds alive. */
export const attachScript = ({ id, fromByte }: AttachScript): string =>
  filled(attachShell, {
    EXECUTION: executionShell(id),
    PROCESSES: processesOf(id),
    WATCHER: watcherShell,
    FROM: fromByte,
    KEEP_FROM_BEGINNING: keepFromBeginningShell,
    FORGOTTEN: forgotten,
    FOLLOW: follow,
  });

/** Where there is no record, or none any more: a step may remove it before we have read it. */
const forgotten = filled(forgottenShell, {
  KEEP_FROM_BEGINNING: keepFromBeginningShell,
  TRACES: executionTraces,
});

function begin(execution: Execution): string {
  const { note, commands } = execution;
  const inputs = commands.flatMap(({ stdin }, index) =>
    stdin === undefined ? [] : [`{ ${printExactly(stdin)}; } >"$d/in.$m/${index}"`],
  );
  return filled(beginNewShell, {
    NEED_TOOLS: followToolsShell,
    INPUTS: inputs.length === 0 ? '' : `mkdir -p "$d/in.$m" && ${inputs.join(' && ')} && `,
    NOTE: toShell([note.replaceAll('\0', '')]),
    SCRIPT: toShell([executionScript(execution)]),
  });
}

const follow = filled(followShell, { EVIDENCE: evidenceShell });
