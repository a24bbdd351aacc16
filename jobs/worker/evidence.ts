import { maskSecrets } from '../../handlers/redaction/redact.ts';
import { asUser, handlerOf } from '../run/plan.ts';
import * as remote from '../remote/remote.ts';
import { stepOf } from '../run/run.ts';
import { planTarget, type FollowedStep } from './step-worker.ts';

const mostCharacters = 2000;

/** What a host shows of why a step failed on it, for people and without secrets; empty where it shows nothing. */
export async function failureEvidence({ worker, run, work }: FollowedStep): Promise<string> {
  const { evidence } = handlerOf(stepOf(run, work.step));
  if (evidence.length === 0) return '';
  const target = planTarget(run.plan, work.host);
  const ssh = { user: target.user, become: run.plan.become };
  const commands = evidence.map((command) => asUser(command, ssh));
  try {
    const shown = await remote.probeHost(worker.ssh, target, commands, { timeoutMs: 30_000 });
    return maskSecrets(shown.map(({ stdout }) => stdout).join(''))
      .trim()
      .slice(-mostCharacters);
  } catch {
    // The failure is certain without it.
    return '';
  }
}
