import { type Command, type CommandOutput, toShell } from '../../handlers/contract/command.ts';
import { OperatorError, isErrorNamed } from '../../handlers/contract/errors.ts';
import { commandRequest } from './helper/begin-request.ts';
import { probeParts } from './helper/probe-parts.ts';
import { askedOfHelper } from './helper/talk.ts';
import { converse, askHarmlessly } from './shell.ts';
import { printExactly } from './script.ts';
import type { Ssh } from '../ssh/ssh.ts';
import { sshEndText } from '../ssh/errors.ts';
import type { SshTarget } from '../ssh/target.ts';

export interface ProbeRequest {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** What one command may write to each of its outputs. */
export const PROBE_LIMIT_BYTES = 1024 * 1024;

/**
 * Runs read-only commands one after the other, all of them, and answers what each wrote. ProbeFailed: an exit code is not
 * one of the command's `okExits`, an output is larger than 1 MiB, or there was no answer in time.
 */
export async function probeHost(
  ssh: Ssh,
  target: SshTarget,
  commands: readonly Command[],
  { timeoutMs, signal }: ProbeRequest,
): Promise<CommandOutput[]> {
  if (commands.length === 0) return [];
  const request = { timeoutMs, ...(signal === undefined ? {} : { signal }) };
  const { answers, full } =
    (await askProbesOfHelper(ssh, target, commands, request)) ??
    (await askProbesInShell(ssh, target, commands, request));
  const failed = (index: number, why: string): OperatorError =>
    probeFailed(target, commands[index], why);
  if (full !== undefined) throw failed(full, 'it wrote more than 1 MiB, which no probe should');
  return commands.map(({ okExits = [0] }, index) => {
    const answer = answers[index];
    if (answer === undefined) throw failed(index, 'it ended without an exit code');
    if (okExits.includes(answer.exit)) return answer;
    const tail = answer.stderr.trim().slice(-500);
    throw failed(index, `exit ${answer.exit}${tail === '' ? '' : `: ${tail}`}`);
  });
}

/** What commands answered, in their order. */
interface Probed {
  readonly answers: readonly CommandOutput[];
  /** The index of one that wrote too much: nothing after it was run. */
  readonly full?: number;
}

const noAnswer = (
  target: SshTarget,
  command: Command | undefined,
  timeoutMs: number,
): OperatorError => probeFailed(target, command, `no answer within ${timeoutMs / 1000} s`, 'retry');

/** Undefined: the host has no helper, or it leaves that to the shell. */
async function askProbesOfHelper(
  ssh: Ssh,
  target: SshTarget,
  commands: readonly Command[],
  { timeoutMs, signal }: ProbeRequest,
): Promise<Probed | undefined> {
  const wrote = probeParts();
  const late = new AbortController();
  const timer = setTimeout(
    () => late.abort(noAnswer(target, commands[wrote.answers().length], timeoutMs)),
    timeoutMs,
  );
  const ask = { do: 'probe', limit: PROBE_LIMIT_BYTES, commands: commands.map(commandRequest) };
  const until = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]);
  try {
    signal?.throwIfAborted();
    const question = { ask, onOutput: wrote.add, signal: until };
    const isAnswered = await askHarmlessly(askedOfHelper(ssh, target, question));
    if (!isAnswered) return undefined;
  } finally {
    clearTimeout(timer);
  }
  const answers = wrote.answers();
  return wrote.isFull() ? { answers, full: answers.length } : { answers };
}

async function askProbesInShell(
  ssh: Ssh,
  target: SshTarget,
  commands: readonly Command[],
  { timeoutMs, signal }: ProbeRequest,
): Promise<Probed> {
  const tooMuch = new AbortController();
  const answers: { exit: number; stdout: string }[] = [];
  const errors: string[] = [];
  let full: number | undefined;
  const stop = (index: number): void => {
    full ??= index;
    tooMuch.abort(new Error('it wrote too much'));
  };
  let onStdout: ((chunk: Buffer) => void) | undefined;
  let lines: string[] = [];
  let size = 0;
  const talk = converse(ssh, target, 'probing', {
    script: (mark) => {
      onStdout = sections(mark, {
        each: (stdout, exit) => void answers.push({ exit, stdout: stdout.toString() }),
        onFull: () => stop(answers.length),
      });
      return commands.map((command) => probeLine(command, mark)).join('\n');
    },
    onStdout: (chunk) => onStdout?.(chunk),
    onStderr: (line) => {
      size += Buffer.byteLength(line) + 1;
      if (size > PROBE_LIMIT_BYTES + 1) stop(errors.length);
      else lines.push(line);
    },
    onSay: (verb) => {
      if (verb !== 'done') return;
      errors.push(lines.join('\n'));
      lines = [];
      size = 0;
    },
    signal: signal === undefined ? tooMuch.signal : AbortSignal.any([signal, tooMuch.signal]),
    timeoutMs,
  });
  await askHarmlessly(talk).catch((error: unknown) => {
    if (full !== undefined) return;
    if (!isErrorNamed(error, 'TimedOut')) throw error;
    throw noAnswer(target, commands[answers.length], timeoutMs);
  });
  const all = answers.map((answer, index) => ({ ...answer, stderr: errors[index] ?? '' }));
  return full === undefined ? { answers: all } : { answers: all, full };
}

function probeFailed(
  target: SshTarget,
  command: Command | undefined,
  why: string,
  disposition: 'retry' | 'stop' = 'stop',
): OperatorError {
  const line = briefly(toShell(command?.words ?? []));
  return new OperatorError(`probing ${sshEndText(target)}: ${line}: ${why}`, {
    name: 'ProbeFailed',
    disposition,
    hint: `Nothing was changed. Run the command on ${target.host} to see why, then retry.`,
  });
}

/** A script of many lines tells a tired person nothing: its beginning and its arguments do. */
function briefly(line: string): string {
  const [first = '', ...rest] = line.split('\n');
  const last = rest.at(-1) ?? '';
  return rest.length === 0 ? line : `${first.slice(0, 160)} … ${last.slice(-120)}`;
}

function probeLine({ words, stdin }: Command, mark: string): string {
  const run = `(exec ${toShell(words)})`;
  const fed =
    stdin === undefined ? `${run} </dev/null` : `{ ${printExactly(stdin)}; } 2>/dev/null | ${run}`;
  return `${fed}\nexit=$?\nprintf '\\n%s %s\\n' ${mark} $exit\nsay done`;
}

interface Sections {
  readonly each: (stdout: Buffer, exit: number) => void;
  readonly onFull: () => void;
}

/** Cuts a stream at the marks that end the output of each command. */
function sections(mark: string, { each, onFull }: Sections): (chunk: Buffer) => void {
  const needle = Buffer.from(`\n${mark} `);
  let held: Buffer = Buffer.alloc(0);
  return (chunk) => {
    let from = Math.max(0, held.length - needle.length - 8);
    held = Buffer.concat([held, chunk]);
    for (;;) {
      const index = held.indexOf(needle, from);
      const end = index < 0 ? -1 : held.indexOf('\n', index + needle.length);
      if ((index < 0 ? held.length - needle.length : index) > PROBE_LIMIT_BYTES) {
        onFull();
        held = Buffer.alloc(0);
        return;
      }
      if (end < 0) return;
      each(held.subarray(0, index), Number(held.subarray(index + needle.length, end).toString()));
      held = held.subarray(end + 1);
      from = 0;
    }
  };
}
