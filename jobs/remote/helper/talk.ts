import type { Ssh } from '../../ssh/ssh.ts';
import type { SshTarget } from '../../ssh/target.ts';
import { converse, hostNotReady } from '../shell.ts';
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
  const helper = await unlessAborted(helperOn(ssh, target), signal);
  let failure: string | undefined;
  let isForShell = helper === undefined;
  await helper?.ask({
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
  if (!isForShell) return;
  const told = helper === undefined ? script : rest;
  await converse(ssh, target, doing, { script: told, onSay, onStdout: onOutput, ...until });
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
