import { anyExit } from '../../handlers/contract/command.ts';
import type { LookAnswer, LookRequest } from '../redis/look-request.ts';
import { asUser } from '../run/plan.ts';
import * as remote from '../remote/remote.ts';
import type { Ssh } from '../ssh/ssh.ts';
import { explained } from './step-worker.ts';

/** How long a host may take for all of its commands. */
const perHostMs = 100_000;

/** Asks all hosts at once. A command's exit code is part of its answer, whatever it is. */
export async function lookAtHosts(ssh: Ssh, { become, hosts }: LookRequest): Promise<LookAnswer> {
  const answers = Object.entries(hosts).map(async ([host, { target, commands }]) => {
    const words = commands.map((command) => ({
      ...asUser(command, { user: target.user, become }),
      okExits: [...anyExit],
    }));
    try {
      const outputs = await remote.probe(ssh, target, words, { timeoutMs: perHostMs });
      return [host, { outputs: outputs.map((output) => ({ ...output })) }] as const;
    } catch (error) {
      return [host, { problem: explained(error) }] as const;
    }
  });
  return Object.fromEntries(await Promise.all(answers));
}
