import type { Command } from '../../handlers/contract/command.ts';
import type { SshTarget } from '../ssh/target.ts';

/**
 * Commands that run on a host once, whoever asks how often, in `$HOME/.hopscotch/<id>/`. The first to ask starts them in a
 * session of their own; everybody follows.
 */
export interface Execution {
  /** Letters, digits, `.`, `_` and `-`, at most 128 of them; starts with a letter or a digit. */
  readonly id: string;
  /** Run in this order, up to the first whose exit code is not one of its `okExits`. The words are complete: `sudo` is in them. */
  readonly commands: readonly Command[];
  /** For people who find the directory on the host. */
  readonly note: string;
  /** Whether `sudo -n` may be used to give it a unit of systemd of its own. */
  readonly become?: boolean;
  /** What it may write before it is ended; 0 for any amount. Absent: 1 GiB. */
  readonly outputLimitBytes?: number;
  /** What will probably be started there next: where the host shows that it has not begun, the answer says so. */
  readonly next?: string;
}

export interface ExitedExecution {
  readonly type: 'exited';
  /** Of the command at index `commandIndex`, the last one that ran. 143 as well when an abort came between two commands. */
  readonly exitCode: number;
  readonly commandIndex: number;
  /** Size of the whole output at the end. */
  readonly bytes: number;
  readonly startedAt: string;
  readonly finishedAt: string;
  /** It was ended because it wrote more than it may. */
  readonly wroteTooMuch: boolean;
  /** Mount points that had no room left when it failed. */
  readonly fullDisks: readonly string[];
  /** Whether it had begun before this call. */
  readonly attached: boolean;
  /** The execution that was named as the next one, which had not begun by then. */
  readonly unbegun?: string;
}

/** It began, its process is gone, and there is no exit code. `evidence` says in sentences what the host shows. */
export interface UnknownExecution {
  readonly type: 'unknown';
  readonly evidence: string;
  readonly commandIndex: number;
  readonly startedAt: string;
  readonly attached: boolean;
}

export type ExecutionOutcome = ExitedExecution | UnknownExecution;

/** The host answers, and knows nothing of it: it never came there, or the host forgot it. From now on it may not begin. */
export interface ForgottenExecution {
  readonly type: 'forgotten';
  readonly evidence: string;
}

/** Where a running execution is: the index of its command, and its process on the host. */
export interface ExecutionProgress {
  readonly commandIndex: number;
  readonly pid: number;
  readonly startedAt: string;
  /** How long ago it began, by the host's own clock alone. */
  readonly ageMs: number;
  readonly attached: boolean;
}

export function parseBegan(text: string): Omit<ExecutionProgress, 'commandIndex'> {
  const [attached, pid, ticks, startedAt = ''] = text.split(' ');
  // Linux tells processes' times in hundredths of a second (proc(5), sysconf(_SC_CLK_TCK)).
  const ageMs = Math.max(0, Number(ticks) * 10);
  return { attached: attached === 'yes', pid: Number(pid), startedAt, ageMs };
}

export function parseExited(text: string): Omit<ExitedExecution, 'attached'> {
  const [exitCode, commandIndex, bytes, startedAt = '', finishedAt = '', over, full = ''] =
    text.split(' ');
  return {
    type: 'exited',
    exitCode: Number(exitCode),
    commandIndex: Number(commandIndex),
    bytes: Number(bytes),
    startedAt,
    finishedAt,
    wroteTooMuch: over === 'over',
    fullDisks: full.split(',').filter((place) => place !== ''),
  };
}

/** Sentences out of what the host said about an execution that ended without an exit code. */
export function unknownOutcome(
  { host }: SshTarget,
  pid: number,
  heard: ReadonlyMap<string, readonly string[]>,
): Omit<UnknownExecution, 'attached'> {
  const [why = '', commandIndex, bytes, startedAt = '', seenAt = '', writtenAt = ''] = (
    heard.get('lost')?.[0] ?? ''
  ).split(' ');
  const reasons: Record<string, string> = {
    rebooted: `${host} was restarted since`,
    reused: `process ${pid} is gone without an exit code, its number belongs to another process now`,
    gone: `process ${pid} is gone without an exit code`,
  };
  const left = heard.get('left') ?? [];
  const sentences = [
    `It began at ${startedAt} on ${host}, and at ${seenAt} ${reasons[why] ?? why}`,
    `it was at command ${Number(commandIndex) + 1}`,
    writtenAt === '' ? '' : `its output, ${bytes} bytes, was last written at ${writtenAt}`,
    left.length === 0 ? '' : `of its session these still run: ${left.map(process).join(', ')}`,
    ...(heard.get('asked') ?? []).map((when) => `an abort was asked for at ${when}`),
  ];
  return {
    type: 'unknown',
    evidence: `${sentences.filter((sentence) => sentence !== '').join('; ')}.`,
    commandIndex: Number(commandIndex),
    startedAt,
  };
}

/** Sentences out of what a host said that knows nothing of an execution that began by all we know. */
export function forgottenOutcome(
  { host }: SshTarget,
  id: string,
  heard: ReadonlyMap<string, readonly string[]>,
): ForgottenExecution {
  const left = heard.get('left') ?? [];
  const sentences = [
    `It was started by all that is written down, and ${host} knows nothing of it: it never came there, or ${host} forgot it (.hopscotch/${id} was removed, its home replaced, or the host restored)`,
    `since ${heard.get('forgotten')?.[0] ?? ''} it may not begin there any more`,
    left.length === 0 ? '' : `of it these run: ${left.map(process).join(', ')}`,
  ];
  return {
    type: 'forgotten',
    evidence: `${sentences.filter((sentence) => sentence !== '').join('; ')}.`,
  };
}

function process(text: string): string {
  const [pid, ...words] = text.trim().split(' ');
  return `${pid} (${words.join(' ').slice(0, 200)})`;
}

/** Throws a RangeError for an id that could not name a directory safely. */
export function checkExecutionId(id: string): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(id)) {
    throw new RangeError(`not an execution id: ${JSON.stringify(id)}`);
  }
}
