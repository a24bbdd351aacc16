import { anyExit } from '../../handlers/contract/command.ts';
import type { InspectAnswer, InspectRequest } from '../redis/inspect-request.ts';
import { asUser } from '../run/plan.ts';
import * as remote from '../remote/remote.ts';
import type { Ssh } from '../ssh/ssh.ts';
import { explainedError } from './step-worker.ts';

/** How long a host may take for all of its commands. */
const perHostMs = 100_000;

/** Asks all hosts at once. A command's exit code is part of its answer, whatever it is. */
export async function inspectHosts(
  ssh: Ssh,
  { become, hosts }: InspectRequest,
): Promise<InspectAnswer> {
  const answers = Object.entries(hosts).map(async ([host, { target, commands }]) => {
    const words = commands.map((command) => ({
      ...asUser(command, { user: target.user, become }),
      okExits: [...anyExit],
    }));
    try {
      const outputs = await remote.probeHost(ssh, target, words, { timeoutMs: perHostMs });
      return [host, { outputs: outputs.map((output) => ({ ...output })) }] as const;
    } catch (error) {
      return [host, { problem: explainedError(error) }] as const;
    }
  });
  return Object.fromEntries(await Promise.all(answers));
}
