import { filled } from './filled.ts';
import { knownExecutionsShell } from './scripts/embedded.ts';
import { checkExecutionId } from './outcome.ts';
import { remoteShell } from './script.ts';
import { converse, askHarmlessly } from './shell.ts';
import type { Ssh } from '../ssh/ssh.ts';
import type { SshTarget } from '../ssh/target.ts';

/** The ids of the executions that began on a host and whose ids begin with `stem` and a dot, whatever became of them. */
export async function knownExecutions(
  ssh: Ssh,
  target: SshTarget,
  stem: string,
): Promise<readonly string[]> {
  checkExecutionId(stem);
  const ids: string[] = [];
  await askHarmlessly(
    converse(ssh, target, `looking for what began of ${stem}`, {
      script: () => filled(knownExecutionsShell, { REMOTE: remoteShell, STEM: stem }),
      onSay: (verb, rest) => {
        if (verb === 'has') ids.push(rest);
      },
    }),
  );
  return ids;
}
