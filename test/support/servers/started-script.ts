import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ExecutionOutcome,
  type ForgottenExecution,
  beginExecution,
} from '../../../jobs/remote/remote.ts';
import { eventually } from '../eventually.ts';
import { type RemoteHost, execution, pidOf, recordPath, shellLine } from './remote.ts';

/** Starts a script whose processes write their pids to files named in it as `$pids/NAME`, and waits for these. */
export async function startScript(
  there: RemoteHost,
  id: string,
  script: string,
  names: readonly string[],
): Promise<{
  ended: Promise<ExecutionOutcome | ForgottenExecution>;
  pids: number[];
  output: () => string;
}> {
  const prefix = join(there.sshd.home, `${id}.`);
  let output = '';
  const ended = beginExecution(
    there.ssh,
    there.sshd.target(),
    execution(id, shellLine(script.replaceAll('$pids/', prefix)), shellLine(`touch ${prefix}next`)),
    { fromByte: 0, onOutput: (bytes) => void (output += bytes.toString()) },
  );
  const pids = await Promise.all(names.map((name) => eventually(() => readNumber(prefix + name))));
  const runner = existsSync(recordPath(there.sshd, id, 'pid')) ? [pidOf(there.sshd, id)] : [];
  return { ended, pids: [...pids, ...runner], output: () => output };
}

const readNumber = (path: string): number | undefined =>
  existsSync(path) ? Number(readFileSync(path, 'utf8')) || undefined : undefined;
