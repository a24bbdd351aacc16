import type { Command } from '../handlers/command.ts';
import { OperatorError } from '../handlers/errors.ts';
import { converse } from './remote-shell.ts';
import { followScript } from './remote-script.ts';
import type { Ssh, Target } from './ssh.ts';
import { linkLost, place } from './ssh-errors.ts';

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
}

export interface Exited {
  readonly type: 'exited';
  /** Of the command at index `at`, the last one that ran. 143 as well when an abort came between two commands. */
  readonly exit: number;
  readonly at: number;
  /** Size of the whole output at the end. */
  readonly bytes: number;
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Whether it had begun before this call. */
  readonly attached: boolean;
}

/** It began, its process is gone, and there is no exit code. `evidence` says in sentences what the host shows. */
export interface Unknown {
  readonly type: 'unknown';
  readonly evidence: string;
  readonly at: number;
  readonly startedAt: string;
  readonly attached: boolean;
}

export type Outcome = Exited | Unknown;

/** Where a running execution is: the index of its command, and its process on the host. */
export interface Progress {
  readonly at: number;
  readonly pid: number;
  readonly startedAt: string;
  readonly attached: boolean;
}

export interface Follow {
  /** How many bytes of the output the caller has already. */
  readonly fromByte: number;
  /** Stdout and stderr as the host merged them. A returned promise holds the host back until it is settled. */
  readonly onOutput: (bytes: Buffer) => void | Promise<void>;
  readonly onState?: (state: Progress) => void;
  /** Stops following, and rejects with the reason. The execution goes on. */
  readonly signal?: AbortSignal;
}

/** A host that answers the same short copy this often has lost what it promised. */
const COPIES = 5;

/**
 * Starts an execution or attaches to it, hands out its output from a byte on, and answers how it ended. When the link is
 * lost (LinkLost), call again with `fromByte` moved on by what `onOutput` got. HostNotReady and HostUnreachable: nothing
 * was begun by this call. ExecutionAborted: it was aborted before it began, and never will.
 */
export async function follow(
  ssh: Ssh,
  target: Target,
  execution: Execution,
  { fromByte, onOutput, onState, signal }: Follow,
): Promise<Outcome> {
  checkId(execution.id);
  let offset = fromByte;
  let attached: boolean | undefined;
  for (let copies = 0; copies < COPIES;) {
    const before = offset;
    const answer = await followOnce(ssh, target, execution, {
      fromByte: offset,
      onOutput: (bytes) => {
        offset += bytes.length;
        return onOutput(bytes);
      },
      ...(onState === undefined
        ? {}
        : { onState: (state) => onState({ ...state, attached: attached ?? state.attached }) }),
      ...(signal === undefined ? {} : { signal }),
    });
    attached ??= answer.attached;
    if (answer.type === 'unknown') return { ...answer, attached };
    if (answer.type === 'exited' && offset >= answer.bytes) return { ...answer, attached };
    if (answer.type === 'exited' && offset === before) copies += 1;
  }
  throw new OperatorError(
    `following ${execution.id} on ${place(target)}: its output ends at byte ${offset}, before its size at the end`,
    {
      name: 'OutputIncomplete',
      disposition: 'ask',
      hint: `Somebody changed .hopscotch/${execution.id}/out on ${target.host}; its exit code is in the file exit beside it.`,
    },
  );
}

type Answer = Outcome | { readonly type: 'again'; readonly attached: boolean };

async function followOnce(
  ssh: Ssh,
  target: Target,
  { id, note, commands }: Execution,
  { fromByte, onOutput, onState, signal }: Follow,
): Promise<Answer> {
  const heard = new Map<string, string[]>();
  let began: Omit<Progress, 'at'> | undefined;
  await converse(ssh, target, `starting ${id}`, {
    script: (mark) => followScript({ id, note, commands, fromByte, mark }),
    onStdout: onOutput,
    onSay: (verb, rest) => {
      heard.set(verb, [...(heard.get(verb) ?? []), rest]);
      if (verb === 'began') began = parseBegan(rest);
      if (verb === 'at' && began !== undefined) onState?.({ ...began, at: Number(rest) });
    },
    ...(signal === undefined ? {} : { signal }),
  });
  const aborted = heard.get('aborted')?.[0];
  if (aborted !== undefined) {
    throw new OperatorError(
      `starting ${id} on ${place(target)}: it was aborted at ${aborted}, before it began`,
      { name: 'ExecutionAborted', hint: 'Nothing was run. A retry of the step starts anew.' },
    );
  }
  if (began === undefined) throw linkLost(target, 'the shell that followed the step ended early');
  const { attached } = began;
  const exited = heard.get('exited')?.[0];
  if (exited !== undefined) return { ...parseExited(exited), attached };
  if (heard.has('lost')) return { ...unknown(target, began.pid, heard), attached };
  if (heard.has('again')) return { type: 'again', attached };
  throw linkLost(target, 'the shell that followed the step ended early');
}

function parseBegan(text: string): Omit<Progress, 'at'> {
  const [attached, pid, startedAt = ''] = text.split(' ');
  return { attached: attached === 'yes', pid: Number(pid), startedAt };
}

export function parseExited(text: string): Omit<Exited, 'attached'> {
  const [exit, at, bytes, startedAt = '', finishedAt = ''] = text.split(' ');
  return {
    type: 'exited',
    exit: Number(exit),
    at: Number(at),
    bytes: Number(bytes),
    startedAt,
    finishedAt,
  };
}

/** Sentences out of what the host said about an execution that ended without an exit code. */
export function unknown(
  { host }: Target,
  pid: number,
  heard: ReadonlyMap<string, readonly string[]>,
): Omit<Unknown, 'attached'> {
  const [why = '', at, bytes, startedAt = '', seenAt = '', writtenAt = ''] = (
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
    `it was at command ${Number(at) + 1}`,
    writtenAt === '' ? '' : `its output, ${bytes} bytes, was last written at ${writtenAt}`,
    left.length === 0 ? '' : `of its session these still run: ${left.map(process).join(', ')}`,
    ...(heard.get('asked') ?? []).map((when) => `an abort was asked for at ${when}`),
  ];
  return {
    type: 'unknown',
    evidence: `${sentences.filter((sentence) => sentence !== '').join('; ')}.`,
    at: Number(at),
    startedAt,
  };
}

function process(text: string): string {
  const [pid, ...words] = text.trim().split(' ');
  return `${pid} (${words.join(' ').slice(0, 200)})`;
}

/** Throws a RangeError for an id that could not name a directory safely. */
export function checkId(id: string): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(id)) {
    throw new RangeError(`not an execution id: ${JSON.stringify(id)}`);
  }
}
