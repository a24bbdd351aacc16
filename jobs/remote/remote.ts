import { OperatorError } from '../../handlers/contract/errors.ts';
import type { Execution, Outcome, Progress } from './outcome.ts';
import { checkId, parseBegan, parseExited, unknown } from './outcome.ts';
import { converse } from './shell.ts';
import { followScript } from './script.ts';
import type { Ssh, Target } from '../ssh/ssh.ts';
import { linkLost, place } from '../ssh/errors.ts';

export { abort, forbid } from './abort.ts';
export { fetchOutput, peek, prune, tail } from './look.ts';
export type { Execution, Exited, Outcome, Progress, Unknown } from './outcome.ts';
export { probe } from './probe.ts';
export { ready } from './ready.ts';

export interface Follow {
  /** How many bytes of the output the caller has already. */
  readonly fromByte: number;
  /** Stdout and stderr as the host merged them. A returned promise holds the host back until it is settled. */
  readonly onOutput: (bytes: Buffer) => void | Promise<void>;
  readonly onState?: (state: Progress) => void;
  /** Stops following, and rejects with the reason. The execution goes on. */
  readonly signal?: AbortSignal;
}

/** A host that answers the same short copy this often has lost what it promised. */
const COPIES = 5;

/**
 * Starts an execution or attaches to it, hands out its output from a byte on, and answers how it ended. When the link is
 * lost (LinkLost), call again with `fromByte` moved on by what `onOutput` got. HostNotReady and HostUnreachable: nothing
 * was begun by this call. ExecutionAborted: it was aborted before it began, and never will.
 */
export async function follow(
  ssh: Ssh,
  target: Target,
  execution: Execution,
  { fromByte, onOutput, onState, signal }: Follow,
): Promise<Outcome> {
  checkId(execution.id);
  let offset = fromByte;
  let attached: boolean | undefined;
  for (let copies = 0; copies < COPIES;) {
    const before = offset;
    const answer = await followOnce(ssh, target, execution, {
      fromByte: offset,
      onOutput: (bytes) => {
        offset += bytes.length;
        return onOutput(bytes);
      },
      ...(onState === undefined
        ? {}
        : { onState: (state) => onState({ ...state, attached: attached ?? state.attached }) }),
      ...(signal === undefined ? {} : { signal }),
    });
    attached ??= answer.attached;
    if (answer.type === 'unknown') return { ...answer, attached };
    if (answer.type === 'exited' && offset >= answer.bytes) return { ...answer, attached };
    if (answer.type === 'exited' && offset === before) copies += 1;
  }
  throw new OperatorError(
    `following ${execution.id} on ${place(target)}: its output ends at byte ${offset}, before its size at the end`,
    {
      name: 'OutputIncomplete',
      disposition: 'ask',
      hint: `Somebody changed .hopscotch/${execution.id}/out on ${target.host}; its exit code is in the file exit beside it.`,
    },
  );
}

type Answer = Outcome | { readonly type: 'again'; readonly attached: boolean };

async function followOnce(
  ssh: Ssh,
  target: Target,
  { id, note, commands }: Execution,
  { fromByte, onOutput, onState, signal }: Follow,
): Promise<Answer> {
  const heard = new Map<string, string[]>();
  let began: Omit<Progress, 'at'> | undefined;
  await converse(ssh, target, `starting ${id}`, {
    script: (mark) => followScript({ id, note, commands, fromByte, mark }),
    onStdout: onOutput,
    onSay: (verb, rest) => {
      heard.set(verb, [...(heard.get(verb) ?? []), rest]);
      if (verb === 'began') began = parseBegan(rest);
      if (verb === 'at' && began !== undefined) onState?.({ ...began, at: Number(rest) });
    },
    ...(signal === undefined ? {} : { signal }),
  });
  const aborted = heard.get('aborted')?.[0];
  if (aborted !== undefined) {
    throw new OperatorError(
      `starting ${id} on ${place(target)}: it was aborted at ${aborted}, before it began`,
      { name: 'ExecutionAborted', hint: 'Nothing was run. A retry of the step starts anew.' },
    );
  }
  if (began === undefined) throw linkLost(target, 'the shell that followed the step ended early');
  const { attached } = began;
  const exited = heard.get('exited')?.[0];
  if (exited !== undefined) return { ...parseExited(exited), attached };
  if (heard.has('lost')) return { ...unknown(target, began.pid, heard), attached };
  if (heard.has('again')) return { type: 'again', attached };
  throw linkLost(target, 'the shell that followed the step ended early');
}
