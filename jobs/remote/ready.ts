import { filled } from './filled.ts';
import { readyShell } from './scripts/embedded.ts';
import { randomBytes } from 'node:crypto';
import { type Command, toShell } from '../../handlers/contract/command.ts';
import { askedOfHelper } from './helper/talk.ts';
import { converse, askHarmlessly } from './shell.ts';
import { pruneShell } from './execution-state.ts';
import { followTools, remoteShell, followToolsShell } from './script.ts';
import type { Ssh } from '../ssh/ssh.ts';
import type { SshTarget } from '../ssh/target.ts';

export interface ReadyRequest {
  /** Whether the steps use `sudo -n`. */
  readonly become: boolean;
  /** What will be run on the host; what of it begins with `sudo -n` has to be allowed. */
  readonly runs?: readonly Command[];
  /** What will probably be started there first. */
  readonly first?: string;
  /** Room that the home directory must have. Default: 10 MiB. */
  readonly needBytes?: number;
}

export interface ReadyFacts {
  readonly bootId: string;
  readonly freeBytes: number;
  readonly home: string;
  /** The execution that was named as the first one, which had not begun by then. */
  readonly unbegun?: string;
}

/**
 * Looks whether steps can be started and followed on a host; HostNotReady says what is in the way. What executions of long
 * ago left there goes with it, as `pruneExecutions` says.
 */
export async function checkReady(
  ssh: Ssh,
  target: SshTarget,
  { become, runs = [], first, needBytes = 10 * 1024 * 1024 }: ReadyRequest,
): Promise<ReadyFacts> {
  const needKiB = Math.ceil(needBytes / 1024);
  const found = await askHelper(ssh, target, { become, runs, needKiB, first });
  if (found !== undefined) return found;
  let bootId = '';
  let freeBytes = 0;
  let home = '';
  await askHarmlessly(
    converse(ssh, target, 'checking', {
      script: (mark) => script({ mark, become, runs, needKiB }),
      onSay: (verb, rest) => {
        if (verb === 'boot') bootId = rest;
        if (verb === 'free') freeBytes = Number(rest) * 1024;
        if (verb === 'home') home = rest;
      },
    }),
  );
  return { bootId, freeBytes, home };
}

/** A helper says only that all is well: where anything is not, or it is not sure, the shell looks and says what. */
async function askHelper(
  ssh: Ssh,
  target: SshTarget,
  { become, runs, needKiB, first }: Omit<Check, 'mark'> & { readonly first: string | undefined },
): Promise<ReadyFacts | undefined> {
  const said: Buffer[] = [];
  const isAnswered = await askHarmlessly(
    askedOfHelper(ssh, target, {
      ask: {
        do: 'check',
        mark: randomBytes(16).toString('hex'),
        needKiB,
        tools: [...followTools, ...checkTools],
        allowed: [
          ['sh', '-c', 'tail --pid=$$ -c 0 /dev/null'],
          ...(become ? [['sudo', '-n', 'true']] : []),
          ...sudoQuestions(runs).map(({ question }) => question),
        ],
        next: first ?? '',
      },
      onOutput: (bytes) => void said.push(bytes),
    }),
  );
  const ready = /^ready \d+\n(\S+) (\d+) (none|-) (.*)$/s.exec(Buffer.concat(said).toString());
  if (!isAnswered || ready === null) return undefined;
  const [, bootId = '', freeKiB, seen, home = ''] = ready;
  return {
    bootId,
    freeBytes: Number(freeKiB) * 1024,
    home,
    ...(seen === 'none' && first !== undefined ? { unbegun: first } : {}),
  };
}

const checkTools: readonly string[] = ['cat', 'cut', 'df', 'find', 'grep', 'tr'];

interface Check {
  readonly mark: string;
  readonly become: boolean;
  readonly runs: readonly Command[];
  readonly needKiB: number;
}

interface SudoQuestion {
  /** Whether sudo allows it; nothing is run. */
  readonly question: readonly string[];
  /** The command, for people. */
  readonly shown: string;
}

function sudoQuestions(runs: readonly Command[]): readonly SudoQuestion[] {
  const asked = new Map<string, SudoQuestion>();
  for (const { words } of runs) {
    const [program, never, ...rest] = words;
    if (program !== 'sudo' || never !== '-n') continue;
    const shown = toShell(rest.slice(rest.indexOf('--') + 1)).slice(0, 200);
    const question = ['sudo', '-n', '-l', ...rest];
    asked.set(toShell(question), { question, shown });
  }
  return [...asked.values()];
}

const sudoShell = (runs: readonly Command[]): string =>
  sudoQuestions(runs)
    .map(({ question, shown }) => {
      const refusal = `sudo does not let the login user run what the plan runs: ${shown}`;
      return `${toShell(question)} >/dev/null 2>&1 || fail ${toShell([refusal])}\n`;
    })
    .join('');

const script = ({ mark, become, runs, needKiB }: Check): string =>
  filled(readyShell, {
    REMOTE: remoteShell,
    NEED_TOOLS: followToolsShell,
    TOOLS: checkTools.join(' '),
    MARK: mark,
    ROOM: needKiB,
    NEED_SUDO: become ? `sudo -n true || fail 'sudo -n true: exit '$?` : '',
    SUDO_ALLOWED: sudoShell(runs),
    PRUNE: pruneShell(),
  });
