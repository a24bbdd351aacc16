import { filled } from './filled.ts';
import {
  abortEndingShell,
  abortKnownShell,
  abortLookingShell,
  abortKillingShell,
} from './scripts/embedded.ts';
import { checkExecutionId } from './outcome.ts';
import { processSight, executionTraces } from './processes.ts';
import { executionShell, keepFromBeginningShell } from './script.ts';
import { converse, askHarmlessly } from './shell.ts';
import type { Ssh } from '../ssh/ssh.ts';
import type { SshTarget } from '../ssh/target.ts';

export interface AbortRequest {
  /** Between asking (TERM) and ending by force (KILL). */
  readonly graceMs: number;
  /** Whether `sudo -n kill` may be used on processes of other users, and `sudo -n` to see them. */
  readonly become: boolean;
}

export interface AliveProcess {
  readonly pid: number;
  readonly command: string;
}

/** What a host showed once it was asked to end an execution. */
export type AbortResult =
  /** Its end was seen, or it never began and never will. */
  | { readonly is: 'gone' }
  | { readonly is: 'alive'; readonly alive: readonly AliveProcess[] }
  /** The host hides what other users run, so nobody saw whether all of it has ended. */
  | { readonly is: 'unseen' }
  /** The host knows nothing of it and shows nothing of it: it never began, or its record is gone. It never begins any more. */
  | { readonly is: 'forgotten'; readonly since: string };

/**
 * Ends an execution, and says only what the host then showed. One that has not begun never will. Its processes are the
 * session that it started, all their descendants, and the sessions that these lead; where systemd gave it a scope, all that
 * is in it; where its record is gone, what its command line and its environment tell. Each is known by pid and start time,
 * so that nothing else is hit. Without a scope, a process that left both session and parent before the abort (a daemon)
 * belongs to the host by then and is left alone. May be called any number of times.
 */
export async function abortExecution(
  ssh: Ssh,
  target: SshTarget,
  id: string,
  { graceMs, become }: AbortRequest,
): Promise<AbortResult> {
  checkExecutionId(id);
  const alive: AliveProcess[] = [];
  let result: AbortResult | undefined;
  const { said } = await askHarmlessly(
    converse(ssh, target, `aborting ${id}`, {
      script: (mark) =>
        `${executionShell(id)}${ending}${processSight({ id, mark, become }, killing(Math.ceil(graceMs / 100), become))}`,
      onSay: (verb, rest) => {
        if (verb === 'gone' || verb === 'unseen') result = { is: verb };
        if (verb === 'forgotten') result = { is: verb, since: rest };
        if (verb === 'alive') alive.push(parseAlive(rest));
      },
    }),
  );
  if (alive.length > 0) return { is: 'alive', alive };
  if (result !== undefined) return result;
  throw new Error(`aborting ${id} on ${target.host}: no answer from the script: ${said}`);
}

/**
 * What of an execution is alive, whether or not it left an exit code or a record. One that has not begun never will.
 * Nothing is ended.
 */
export async function aliveOfExecution(
  ssh: Ssh,
  target: SshTarget,
  id: string,
  { become }: Pick<AbortRequest, 'become'>,
): Promise<AliveProcess[]> {
  checkExecutionId(id);
  const alive: AliveProcess[] = [];
  await askHarmlessly(
    converse(ssh, target, `looking for what is left of ${id}`, {
      script: (mark) =>
        `${executionShell(id)}${keepFromBeginningShell}${processSight({ id, mark, become }, looking)}`,
      onSay: (verb, rest) => {
        if (verb === 'alive') alive.push(parseAlive(rest));
      },
    }),
  );
  return alive;
}

function parseAlive(text: string): AliveProcess {
  const [pid, ...words] = text.trim().split(' ');
  return { pid: Number(pid), command: words.join(' ').trim() };
}

/**
 * Writes down that an abort was asked for. What comes from before the last boot has ended with it; and what a step left
 * running when it ended by itself belongs to the host.
 */
const ending = filled(abortEndingShell, { KEEP_FROM_BEGINNING: keepFromBeginningShell });

/** Fills `members` by the record of the execution, or without it. */
const known = filled(abortKnownShell, { TRACES: executionTraces });

const looking = filled(abortLookingShell, { KNOWN: known });

const killing = (rounds: number, become: boolean): string =>
  filled(abortKillingShell, {
    OR_AS_ROOT: become ? 'sudo -n kill -s $1 $2 2>/dev/null' : 'false',
    KNOWN: known,
    ROUNDS: rounds,
    UNSEEN: become ? 'unseen' : 'gone',
  });
