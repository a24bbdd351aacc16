import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { type RefusedChannel, sessionRefusalOf } from './channel-refusals.ts';
import { commandTimedOut, hostUnreachable, linkLost, refusedBy } from './errors.ts';
import { sshLinkPool } from './link.ts';
import type { SshTarget, SshOptions } from './target.ts';
import { type SshLink, refusedChannel } from './log-in.ts';

export interface ExecRequest {
  /** One line for the login shell, which need not be POSIX. */
  readonly command: string;
  readonly stdin?: string | Buffer;
  /** A returned promise holds the host back until it is settled. */
  readonly onStdout?: (chunk: Buffer) => void | Promise<void>;
  readonly onStderr?: (chunk: Buffer) => void | Promise<void>;
  /** Closes the channel and rejects with the reason. What was started may run on. */
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

export interface Ssh {
  /**
   * Runs one line on a host and hands out what it writes, keeping none of it. `code` is 128 plus the number for a command
   * that a signal ended. Rejects with an OperatorError named KeyFileMissing, KeyFileUnusable, KnownHostsUnreadable,
   * HostKeyUnknown, HostKeyChanged, HostKeyRevoked, AuthenticationRefused, SessionRefused, HostUnreachable (nothing began), LinkLost
   * (outcome unknown) or TimedOut (outcome unknown).
   */
  exec(this: void, target: SshTarget, request: ExecRequest): Promise<{ code: number }>;
  /** The fingerprint of the key that a host shows, as `ssh-keygen -l` prints it. Rejects as `exec` does. */
  hostKey(this: void, target: SshTarget): Promise<string>;
  /**
   * Runs one line on a host that is talked with for as long as it lives. Rejects as `exec` does before anything began.
   * Absent: every word to the host is a line of its own.
   */
  converse?(this: void, target: SshTarget, command: string): Promise<OpenConversation>;
  /** Ends all connections. Channels still open end as LinkLost. */
  close(this: void): Promise<void>;
}

/** A program on a host that reads and writes until it ends. */
export interface OpenConversation {
  readonly write: (text: string) => void;
  /** Called once, before anything else: nothing is read until then. */
  readonly listen: (receive: (chunk: Buffer) => void) => void;
  /** Resolves with why it is over, once it is. */
  readonly ended: Promise<string>;
  readonly close: () => void;
}

/** The one place where hosts are reached. Connections are kept and shared by all who name the same target. */
export function openSsh(options: SshOptions = {}): Ssh {
  const pool = sshLinkPool(options);
  return {
    exec: async (target, request) => {
      request.signal?.throwIfAborted();
      const opened = await open(target, request);
      try {
        return await talk(target, request, opened);
      } finally {
        pool.release(opened.link);
      }
    },
    hostKey: async (target) => {
      const link = await pool.take(target);
      pool.release(link);
      return link.hostKey;
    },
    converse: async (target, command) => {
      const opened = await open(target, { command });
      return conversationOn(opened, () => pool.release(opened.link));
    },
    close: () => pool.close(),
  };

  async function open(target: SshTarget, request: ExecRequest): Promise<Opened> {
    // A kept connection may turn out to be gone or full only when it is used; a fresh one settles it.
    for (;;) {
      const link = await interruptible(pool.take(target), request.signal, pool.release);
      const isFresh = link.opened === 0;
      try {
        const opened = await openChannel(target, link, request.command);
        if (request.signal?.aborted !== true) return opened;
        opened.channel.close();
      } catch (error) {
        if (error instanceof ChannelRefused) {
          link.isRetired ||= link.taken === 1;
          link.limit = Math.min(link.limit, link.taken - 1);
        }
        pool.release(link);
        if (!(error instanceof ChannelRefused)) throw error;
        if (isFresh && link.taken === 0)
          throw error.channel.reason === undefined
            ? hostUnreachable(target, error.message, { cause: error })
            : refusedBy(target, sessionRefusalOf(error.channel, target), error);
        continue;
      }
      pool.release(link);
      request.signal.throwIfAborted();
    }
  }
}

function conversationOn({ link, channel, ended }: Opened, release: () => void): OpenConversation {
  channel.stderr.resume();
  return {
    write: (text) => void channel.write(text),
    listen: (receive) => void channel.on('data', receive),
    ended: ended.then(() => {
      const why = link.why();
      release();
      return why;
    }),
    close: () => channel.close(),
  };
}

interface Opened {
  readonly link: SshLink;
  readonly channel: ClientChannel;
  readonly ended: Promise<Ended>;
}

interface Ended {
  /** Undefined when the channel went away without one. */
  readonly code: number | undefined;
}

/** The host, or a connection that was already gone, gave no channel: the command was never sent. */
class ChannelRefused extends Error {
  readonly channel: RefusedChannel;
  constructor(channel: RefusedChannel) {
    super(channel.message);
    this.channel = channel;
  }
}

function openChannel(target: SshTarget, link: SshLink, command: string): Promise<Opened> {
  return new Promise((resolve, reject) => {
    const refused = (error: Error): void => reject(new ChannelRefused(refusedChannel(error)));
    try {
      link.client.exec(command, (error, channel) => {
        // At once: the exit code of a quick command comes in the same packet.
        if (error === undefined) resolve({ link, channel, ended: end(link, channel) });
        else if ('reason' in error || !/Unable to exec/.test(error.message)) refused(error);
        else if (!link.isEnded)
          reject(refusedBy(target, sessionRefusalOf(refusedChannel(error), target), error));
        // The request was on its way when the connection went: it may have been carried out.
        else reject(linkLost(target, link.why(), error));
      });
    } catch (error) {
      refused(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

async function talk(
  target: SshTarget,
  { stdin, onStdout, onStderr, signal, timeoutMs }: ExecRequest,
  { link, channel, ended }: Opened,
): Promise<{ code: number }> {
  let stop: ((error: unknown) => void) | undefined;
  const stopped = new Promise<never>((_resolve, reject) => (stop = reject));
  const onAbort = (): void => stop?.(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => stop?.(commandTimedOut(target, timeoutMs)), timeoutMs);
  try {
    const read = Promise.all([pump(channel, onStdout), pump(channel.stderr, onStderr)]);
    channel.end(stdin);
    await Promise.race([Promise.all([ended, read]), stopped]);
    const { code } = await ended;
    if (code === undefined) throw linkLost(target, link.why());
    return { code };
  } catch (error) {
    channel.close();
    // Whatever still arrives is dropped, or the window of the shared connection would fill up.
    channel.removeAllListeners('data').resume();
    channel.stderr.removeAllListeners('data').resume();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

function end(link: SshLink, channel: ClientChannel): Promise<Ended> {
  link.opened += 1;
  return new Promise((resolve) => {
    let code: number | undefined;
    channel.on('error', () => undefined);
    channel.on('exit', (exit: number | null, signal?: string) => {
      code = exit ?? 128 + signalNumber(signal);
    });
    channel.on('close', () => resolve({ code }));
  });
}

// RFC 4254 names signals without the SIG that Node puts before them.
const signalNumber = (name = ''): number =>
  new Map<string, number>(Object.entries(constants.signals)).get(
    `SIG${name.replace(/^SIG/, '')}`,
  ) ?? 0;

/** Hands on every chunk in order, and reads no further while the receiver is busy. */
function pump(stream: Readable, receive: ExecRequest['onStdout']): Promise<void> {
  return new Promise((resolve, reject) => {
    let busy: Promise<void> | undefined;
    stream.on('data', (chunk: Buffer) => {
      try {
        const pending = receive?.(chunk);
        if (pending === undefined) return;
        stream.pause();
        busy = pending.then(() => void stream.resume(), reject);
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
    stream.on('end', () => void (busy ?? Promise.resolve()).then(resolve, reject));
  });
}

/** Waits for `work` or the signal; what comes too late is given back. */
async function interruptible<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
  giveBack: (late: T) => void,
): Promise<T> {
  if (signal === undefined) return work;
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } catch (error) {
    if (signal.aborted) work.then(giveBack, () => undefined);
    throw error;
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
  }
}
