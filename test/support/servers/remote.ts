import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import type { Command } from '../../../handlers/contract/command.ts';
import {
  type Execution,
  type ExecutionOutcome,
  beginExecution,
} from '../../../jobs/remote/remote.ts';
import { type ExecRequest, type Ssh, openSsh } from '../../../jobs/ssh/ssh.ts';
import { type TestSshd, startTestSshd } from './sshd.ts';
import type { SshTarget } from '../../../jobs/ssh/target.ts';

/** A host and the links to it. */
export interface RemoteHost {
  readonly sshd: TestSshd;
  readonly ssh: Ssh;
}

/** An sshd from the first test of a file to its last. */
export function remoteHost(): RemoteHost {
  let sshd: TestSshd;
  let ssh: Ssh;

  beforeAll(async () => {
    sshd = await startTestSshd();
    ssh = openSsh();
  });
  afterAll(async () => {
    await ssh.close();
    await sshd.stop();
  });

  return {
    get sshd() {
      return sshd;
    },
    get ssh() {
      return ssh;
    },
  };
}

/** A command that is a line of shell. */
export const shellLine = (script: string, rest: Partial<Command> = {}): Command => ({
  words: ['sh', '-c', script],
  ...rest,
});

/** An execution whose note is its id. */
export const execution = (id: string, ...commands: Command[]): Execution => ({
  id,
  commands,
  note: id,
});

/** A path in the record of an execution. */
export const recordPath = (
  { home }: Pick<TestSshd, 'home'>,
  id: string,
  ...rest: string[]
): string => join(home, '.hopscotch', id, ...rest);

/** The process that runs the commands of an execution. */
export const pidOf = (sshd: Pick<TestSshd, 'home'>, id: string): number =>
  Number(readFileSync(recordPath(sshd, id, 'pid'), 'utf8').split(' ')[0]);

/** Begins where nothing has begun, follows to the end and keeps the output. */
export async function runExecution(
  ssh: Ssh,
  target: SshTarget,
  what: Execution,
  fromByte = 0,
  signal = new AbortController().signal,
): Promise<{ outcome: ExecutionOutcome; output: Buffer }> {
  const chunks: Buffer[] = [];
  const outcome = await beginExecution(ssh, target, what, {
    fromByte,
    onOutput: (bytes) => void chunks.push(bytes),
    signal,
  });
  if (outcome.type === 'forgotten') throw new Error(outcome.evidence);
  return { outcome, output: Buffer.concat(chunks) };
}

export interface ShellAnswer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type ShellRequest = Partial<ExecRequest> & {
  readonly via?: Ssh;
  readonly target?: SshTarget;
};

/** Runs a line and keeps its two outputs apart. */
export async function askShell(
  { ssh, sshd }: RemoteHost,
  command: string,
  { via = ssh, target = sshd.target(), ...request }: ShellRequest,
): Promise<ShellAnswer> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  const { code } = await via.exec(target, {
    command,
    onStdout: (chunk) => void out.push(chunk),
    onStderr: (chunk) => void err.push(chunk),
    ...request,
  });
  return { code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
}

/** Whether a process runs; a zombie does not. */
export function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}
