import type { Ssh } from '../../ssh/ssh.ts';
import type { SshTarget } from '../../ssh/target.ts';
import { converse, hostNotReady } from '../shell.ts';
import type { HelperRequest } from './helper-link.ts';
import { helperOn } from './helpers.ts';

interface Talk {
  readonly doing: string;
  /** What a helper is asked, and what a shell is told where there is none. */
  readonly ask: () => object;
  readonly script: (mark: string) => string;
  /** What a shell is told where the helper leaves the rest to it: it begins nothing. */
  readonly rest: (mark: string) => string;
  readonly onSay: (verb: string, rest: string) => void;
  readonly onOutput: (bytes: Buffer) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

/** Talks with a host through its helper, or in shell. Rejects as `converse` does. */
export async function talkWithHost(
  ssh: Ssh,
  target: SshTarget,
  { doing, ask, script, rest, onSay, onOutput, signal }: Talk,
): Promise<void> {
  const until = signal === undefined ? {} : { signal };
  signal?.throwIfAborted();
  let failure: string | undefined;
  let isForShell = false;
  const wasAsked = await askHelperOn(ssh, target, {
    ask: ask(),
    onSay: (verb, words) => {
      if (verb === 'fail') failure = words;
      else if (verb === 'shell') isForShell = true;
      else onSay(verb, words);
    },
    onOutput,
    ...until,
  });
  if (failure !== undefined) throw hostNotReady(target, doing, failure);
  if (wasAsked && !isForShell) return;
  const told = wasAsked ? rest : script;
  await converse(ssh, target, doing, { script: told, onSay, onStdout: onOutput, ...until });
}

interface Question {
  readonly ask: object;
  readonly onOutput: (bytes: Buffer) => void;
  readonly signal?: AbortSignal;
}

/** Puts a question to a host's helper. False: it has none, or leaves the question to the shell way. */
export async function askedOfHelper(
  ssh: Ssh,
  target: SshTarget,
  question: Question,
): Promise<boolean> {
  let isForShell = false;
  const onSay = (verb: string): void => void (isForShell ||= verb === 'shell');
  return (await askHelperOn(ssh, target, { ...question, onSay })) && !isForShell;
}

/** How many helpers of a host may have ended before they could be asked. */
const mostEnded = 3;

/** False: nothing was asked, as the host has no helper that lives. Rejects as `HelperLink.ask` does. */
async function askHelperOn(ssh: Ssh, target: SshTarget, request: HelperRequest): Promise<boolean> {
  for (let ended = 0; ended < mostEnded; ended += 1) {
    const helper = await unlessAborted(helperOn(ssh, target), request.signal);
    if (helper === undefined) return false;
    if (await helper.ask(request)) return true;
  }
  return false;
}

/** Waits no longer than until the signal; the helper is there for who comes next. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
    work.catch(() => undefined);
  }
}
