import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import type { Command } from '../../../handlers/contract/command.ts';
import { type Execution, type Outcome, begin } from '../../../jobs/remote/remote.ts';
import { type ExecRequest, type Ssh, openSsh } from '../../../jobs/ssh/ssh.ts';
import { type Sshd, startSshd } from './sshd.ts';
import type { Target } from '../../../jobs/ssh/target.ts';

/** A host and the links to it. */
export interface Remote {
  readonly sshd: Sshd;
  readonly ssh: Ssh;
}

/** An sshd from the first test of a file to its last. */
export function remote(): Remote {
  let sshd: Sshd;
  let ssh: Ssh;

  beforeAll(async () => {
    sshd = await startSshd();
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
export const sh = (script: string, rest: Partial<Command> = {}): Command => ({
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
export const record = ({ home }: Pick<Sshd, 'home'>, id: string, ...rest: string[]): string =>
  join(home, '.hopscotch', id, ...rest);

/** The process that runs the commands of an execution. */
export const pidOf = (sshd: Pick<Sshd, 'home'>, id: string): number =>
  Number(readFileSync(record(sshd, id, 'pid'), 'utf8').split(' ')[0]);

/** Begins where nothing has begun, follows to the end and keeps the output. */
export async function run(
  ssh: Ssh,
  target: Target,
  what: Execution,
  fromByte = 0,
): Promise<{ outcome: Outcome; output: Buffer }> {
  const chunks: Buffer[] = [];
  const outcome = await begin(ssh, target, what, {
    fromByte,
    onOutput: (bytes) => void chunks.push(bytes),
  });
  if (outcome.type === 'forgotten') throw new Error(outcome.evidence);
  return { outcome, output: Buffer.concat(chunks) };
}

export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type Asking = Partial<ExecRequest> & { readonly via?: Ssh; readonly target?: Target };

/** Runs a line and keeps its two outputs apart. */
export async function asked(
  { ssh, sshd }: Remote,
  command: string,
  { via = ssh, target = sshd.target(), ...request }: Asking,
): Promise<Answer> {
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
