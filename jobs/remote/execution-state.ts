import { filled } from './filled.ts';
import { lookShell, copyOutputShell, outputHashShell, pruneOldShell } from './scripts/embedded.ts';
import { OperatorError } from '../../handlers/contract/errors.ts';
import type { ExitedExecution } from './outcome.ts';
import { checkExecutionId, parseBegan, parseExited, unknownOutcome } from './outcome.ts';
import { probeHost } from './probe.ts';
import { processesOf } from './processes.ts';
import { evidenceShell, executionShell, remoteShell } from './script.ts';
import { talkWithHost } from './helper/talk.ts';
import { converse, askHarmlessly } from './shell.ts';
import type { Ssh } from '../ssh/ssh.ts';
import { sshEndText } from '../ssh/errors.ts';
import type { SshTarget } from '../ssh/target.ts';

/**
 * What a host shows of an execution. `none`: it never began. `aborted`: it was aborted before it began, and never will.
 * `lost`: it began and is gone without an exit code.
 */
export type ExecutionState =
  | { readonly state: 'none' }
  | { readonly state: 'aborted'; readonly abortedAt: string; readonly note: string }
  | {
      readonly state: 'running';
      readonly note: string;
      readonly commandIndex: number;
      readonly pid: number;
      readonly startedAt: string;
      readonly bytes: number;
    }
  | ({ readonly state: 'exited'; readonly note: string } & Omit<
      ExitedExecution,
      'type' | 'attached'
    >)
  | { readonly state: 'lost'; readonly note: string; readonly evidence: string };

/** Looks without starting or following anything. */
export async function readExecutionState(
  ssh: Ssh,
  target: SshTarget,
  id: string,
): Promise<ExecutionState> {
  checkExecutionId(id);
  const heard = new Map<string, string[]>();
  const notes: Buffer[] = [];
  await askHarmlessly(
    talkWithHost(ssh, target, {
      doing: `looking at ${id}`,
      ask: () => ({ do: 'look', id }),
      script: () => lookScript(id),
      rest: () => {
        // The helper may have said a part.
        heard.clear();
        notes.length = 0;
        return lookScript(id);
      },
      onSay: (verb, rest) => heard.set(verb, [...(heard.get(verb) ?? []), rest]),
      onOutput: (chunk) => void notes.push(chunk),
    }),
  );
  const first = (verb: string): string | undefined => heard.get(verb)?.[0];
  const note = Buffer.concat(notes).toString();
  const abortedAt = first('aborted');
  if (abortedAt !== undefined) return { state: 'aborted', abortedAt, note };
  const began = first('began');
  if (began === undefined) return { state: 'none' };
  const { pid, startedAt } = parseBegan(began);
  const exited = first('exited');
  if (exited !== undefined) {
    const { type: _type, ...outcome } = parseExited(exited);
    return { state: 'exited', note, ...outcome };
  }
  const running = first('running');
  if (running === undefined) {
    return { state: 'lost', note, evidence: unknownOutcome(target, pid, heard).evidence };
  }
  const [index, bytes] = running.split(' ').map(Number);
  return { state: 'running', note, pid, startedAt, commandIndex: index ?? 0, bytes: bytes ?? 0 };
}

const lookScript = (id: string): string => `${executionShell(id)}${processesOf(id)}${look}`;

const look = filled(lookShell, { EVIDENCE: evidenceShell });

export interface OutputRange {
  readonly fromByte: number;
  /** Up to here, exclusive; without it, to the end as it is now. */
  readonly toByte?: number;
  readonly onOutput: (bytes: Buffer) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

/** Copies a part of an execution's output. `bytes` is the size of all of it. NoSuchExecution: the host has none. */
export async function fetchOutput(
  ssh: Ssh,
  target: SshTarget,
  id: string,
  { fromByte, toByte, onOutput, signal }: OutputRange,
): Promise<{ bytes: number }> {
  const length = toByte === undefined ? '$((size - from))' : String(Math.max(0, toByte - fromByte));
  return copy(ssh, target, id, onOutput, `from=${fromByte} length=${length}`, signal);
}

/** The last bytes of an execution's output, or all of it when there are fewer. NoSuchExecution: the host has none. */
export async function outputTail(
  ssh: Ssh,
  target: SshTarget,
  id: string,
  { lastBytes }: { readonly lastBytes: number },
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const range = `from=$((size > ${lastBytes} ? size - ${lastBytes} : 0)) length=${lastBytes}`;
  await copy(ssh, target, id, (chunk) => void chunks.push(chunk), range);
  return Buffer.concat(chunks);
}

async function copy(
  ssh: Ssh,
  target: SshTarget,
  id: string,
  onStdout: OutputRange['onOutput'],
  range: string,
  signal?: AbortSignal,
): Promise<{ bytes: number }> {
  checkExecutionId(id);
  let bytes: number | undefined;
  await askHarmlessly(
    converse(ssh, target, `reading the output of ${id}`, {
      script: () =>
        filled(copyOutputShell, {
          EXECUTION: executionShell(id),
          RANGE: range.replace(' length', '\nlength'),
        }),
      onSay: (verb, rest) => {
        if (verb === 'size') bytes = Number(rest);
      },
      onStdout,
      ...(signal === undefined ? {} : { signal }),
    }),
  );
  if (bytes !== undefined) return { bytes };
  throw new OperatorError(
    `reading the output of ${id} on ${sshEndText(target)}: the host has no .hopscotch/${id}/out`,
    {
      name: 'NoSuchExecution',
      hint: 'It never began there, or was removed with its directory after 30 days.',
    },
  );
}

/** How long the record of one is kept whose outcome nobody knows: people may look for it. */
const unknownKeptDays = 90;

/**
 * Removes the directories of executions that ended longer ago than this; of those that ended unknown, or never began, after
 * three months. What still runs stays.
 */
export async function pruneExecutions(
  ssh: Ssh,
  target: SshTarget,
  { olderThanDays = 30 }: { readonly olderThanDays?: number } = {},
): Promise<{ removed: number }> {
  let removed = 0;
  await askHarmlessly(
    converse(ssh, target, 'removing old executions', {
      script: () => `${remoteShell}${pruneShell(olderThanDays)}`,
      onSay: (verb) => {
        if (verb === 'removed') removed += 1;
      },
    }),
  );
  return { removed };
}

/** The same as the end of a script. Renamed first: half a directory must not look like an execution that never began. */
export const pruneShell = (olderThanDays = 30): string =>
  filled(pruneOldShell, {
    UNKNOWN_DAYS: unknownKeptDays - 1,
    ENDED_DAYS: Math.max(0, olderThanDays - 1),
  });

/** SHA-256 of all that an execution wrote, made on its host. */
export async function outputHash(ssh: Ssh, target: SshTarget, id: string): Promise<string> {
  const words = ['sh', '-c', outputHashShell, id];
  const [answer] = await probeHost(ssh, target, [{ words }], { timeoutMs: 600_000 });
  return answer?.stdout.slice(0, 64) ?? '';
}
