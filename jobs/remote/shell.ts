import { filled } from './filled.ts';
import { wrapShell } from './scripts/embedded.ts';
import { randomBytes } from 'node:crypto';
import { OperatorError } from '../../handlers/contract/errors.ts';
import type { Ssh } from '../ssh/ssh.ts';
import { type SshEnd, sshEndText } from '../ssh/errors.ts';
import type { SshTarget } from '../ssh/target.ts';

export interface Conversation {
  /** POSIX shell. `say VERB WORDS...` in it arrives at `onSay`. */
  readonly script: (mark: string) => string;
  readonly onSay?: (verb: string, rest: string) => void;
  readonly onStdout?: (chunk: Buffer) => void | Promise<void>;
  readonly onStderr?: (line: string) => void;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** How much of what a host says beside the point is kept for an error message, in characters. */
const SAID_LIMIT = 1_000;

/**
 * Runs a script in a POSIX shell on a host, whatever the login shell is and whatever its start-up files print: they see
 * one plain line, the script travels on stdin, and what comes before a random mark is noise. The script is one compound
 * command, so that half of it, should the link break, is a syntax error and not half the work. Answers with the exit code
 * and what the host said beside our own lines; rejects as `Ssh.exec` does, and with HostNotReady when no shell answered or
 * the script said `fail`.
 */
export async function converse(
  ssh: Ssh,
  target: SshTarget,
  doing: string,
  { script, onSay, onStdout, onStderr, signal, timeoutMs }: Conversation,
): Promise<{ code: number; said: string }> {
  const mark = randomBytes(16).toString('hex');
  let hasBegun = false;
  let said = '';
  let failure: string | undefined;
  const hear = lines((line) => {
    if (!line.startsWith(`${mark} `)) {
      if (hasBegun) onStderr?.(line);
      if (line !== '') said = `${said}${line}\n`.slice(-SAID_LIMIT);
      return;
    }
    const [verb = '', ...rest] = line.slice(mark.length + 1).split(' ');
    if (verb === 'hello') {
      hasBegun = true;
      said = '';
    } else if (verb === 'fail') failure = rest.join(' ');
    else onSay?.(verb, rest.join(' '));
  });
  const skip = afterMark(mark);
  const { code } = await ssh.exec(target, {
    command: 'exec /bin/sh -s',
    stdin: wrap(mark, script(mark)),
    onStdout: (chunk) => {
      const rest = skip(chunk);
      if (!hasBegun && rest.length === 0) said = `${said}${chunk.toString()}`.slice(-SAID_LIMIT);
      return rest.length === 0 ? undefined : onStdout?.(rest);
    },
    onStderr: hear,
    ...(signal === undefined ? {} : { signal }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  hear.end();
  if (!hasBegun) throw noShell(target, doing, { code, said });
  if (failure !== undefined) throw hostNotReady(target, doing, failure, { said });
  return { code, said: said.trim() };
}

export function hostNotReady(
  target: SshEnd,
  doing: string,
  why: string,
  { said = '', hint }: { readonly said?: string; readonly hint?: string | undefined } = {},
): OperatorError {
  const quote = said.replace(/[ \t\r]*\n+/g, '; ').replace(/(; )+$/, '');
  return new OperatorError(
    `${doing} on ${sshEndText(target)}: ${why}${quote === '' ? '' : `: the host said: ${quote}`}`,
    {
      name: 'HostNotReady',
      hint: `${hint ?? `Put ${target.host} right`}, then try again. Nothing began.`,
    },
  );
}

/** Something else answered than a shell. */
export const noShell = (
  end: SshEnd,
  doing: string,
  { code, said }: { readonly code: number; readonly said: string },
): OperatorError =>
  hostNotReady(end, doing, `the login gave no POSIX shell: exit ${code}`, {
    said,
    hint: noShellHint(said, end) ?? (code === noSession ? noSessionHint(end) : undefined),
  });

/** What sshd exits with in the place of a shell while /etc/nologin is there, and where PAM opens no session (session.c). */
const noSession = 254;

const noSessionHint = ({ user, host }: SshEnd): string =>
  `sshd on ${host} gives ${user} no session now: see /etc/nologin there (a shutdown, or maintenance), and what PAM says in its log`;

/** What programs say that stand in the place of a login shell, and what to do on the host; undefined for any other. */
function noShellHint(
  said: string,
  { user, host }: Pick<SshTarget, 'user' | 'host'>,
): string | undefined {
  const found = noShells.find(([pattern]) => pattern.test(said));
  return found?.[1].replaceAll('USER', user).replaceAll('HOST', host);
}

const noShells: readonly (readonly [RegExp, string])[] = [
  // nologin(8), and shells in /etc/passwd that are no shells.
  [
    /account is (currently )?not available/i,
    'The login shell of USER on HOST is nologin: give the account a shell there (chsh -s /bin/sh USER)',
  ],
  // openssh-portable, session.c, do_exec: ForceCommand internal-sftp.
  [
    /allows sftp connections only/i,
    'sshd on HOST lets USER transfer files alone: take ForceCommand internal-sftp away for USER in its sshd_config',
  ],
  // bash(1), RESTRICTED SHELL.
  [
    /: restricted(:|\s*$)/im,
    'USER has a restricted shell on HOST: give the account /bin/sh or another whole shell (chsh), and no command="..." before the key in authorized_keys',
  ],
  // pam_unix(8), sshd's auth-pam.c and auth-passwd.c.
  [
    /password (has )?expired|change your password|password change required/i,
    'The password of USER on HOST has expired, which counts for keys too: change it, or let it not expire (chage -M -1 USER)',
  ],
  // pam_limits(8), maxlogins and maxsyslogins.
  [
    /too many logins/i,
    'USER is logged in on HOST as often as limits.conf allows (maxlogins): end other logins or raise it',
  ],
];

const wrap = (mark: string, script: string): string =>
  filled(wrapShell, { MARK: mark, SCRIPT: script });

/** Drops everything up to the line that is the mark. */
function afterMark(mark: string): (chunk: Buffer) => Buffer {
  const needle = Buffer.from(`\n${mark}\n`);
  // As if a line had just ended, so that the mark is found at the very start too.
  let held: Buffer | undefined = Buffer.alloc(0);
  return (chunk) => {
    if (held === undefined) return chunk;
    const all: Buffer = Buffer.concat([held, chunk]);
    const index = all.indexOf(needle);
    held = index < 0 ? all.subarray(-needle.length + 1) : undefined;
    return index < 0 ? Buffer.alloc(0) : all.subarray(index + needle.length);
  };
}

/** Whole lines out of chunks, decoded as UTF-8 wherever the chunks break. A line is cut at 2 MiB. */
function lines(each: (line: string) => void): ((chunk: Buffer) => void) & { end: () => void } {
  const decoder = new TextDecoder();
  let rest = '';
  const feed = (text: string): void => {
    const parts = (rest + text).split('\n');
    rest = (parts.pop() ?? '').slice(-2 * 1024 * 1024);
    for (const part of parts) each(part);
  };
  return Object.assign((chunk: Buffer) => feed(decoder.decode(chunk, { stream: true })), {
    end: () => rest !== '' && each(rest),
  });
}

/** For questions that change nothing: an unknown outcome is no reason to ask a person, they can just be put again. */
export async function askHarmlessly<T>(question: Promise<T>): Promise<T> {
  try {
    return await question;
  } catch (error) {
    if (!(error instanceof OperatorError) || error.disposition !== 'ask') throw error;
    const { message, hint, name, cause } = error;
    throw new OperatorError(message, { hint, name, cause, disposition: 'retry' });
  }
}
