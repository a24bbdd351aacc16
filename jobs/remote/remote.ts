import { OperatorError } from '../../handlers/contract/errors.ts';
import type {
  Execution,
  ForgottenExecution,
  ExecutionOutcome,
  ExecutionProgress,
} from './outcome.ts';
import {
  checkExecutionId,
  forgottenOutcome,
  parseBegan,
  parseExited,
  unknownOutcome,
} from './outcome.ts';
import { beginRequest } from './helper/begin-request.ts';
import { talkWithHost } from './helper/talk.ts';
import { attachScript, beginScript } from './follow-script.ts';
import type { Ssh } from '../ssh/ssh.ts';
import { linkLost, sshEndText } from '../ssh/errors.ts';
import type { SshTarget } from '../ssh/target.ts';

export { abortExecution, aliveOfExecution } from './abort.ts';
export type { AbortResult, AliveProcess } from './abort.ts';
export {
  fetchOutput,
  outputHash,
  readExecutionState,
  pruneExecutions,
  outputTail,
} from './execution-state.ts';
export type {
  Execution,
  ExitedExecution,
  ForgottenExecution,
  ExecutionOutcome,
  ExecutionProgress,
  UnknownExecution,
} from './outcome.ts';
export { usualOutputLimitBytes } from './output-guard.ts';
export { knownExecutions } from './known-executions.ts';
export { probeHost } from './probe.ts';
export { checkReady } from './ready.ts';

export interface FollowRequest {
  /** How many bytes of the output the caller has already. */
  readonly fromByte: number;
  /** Stdout and stderr as the host merged them. A returned promise holds the host back until it is settled. */
  readonly onOutput: (bytes: Buffer) => void | Promise<void>;
  /** Told once the host has said that it began, and again whenever the link was made anew. */
  readonly onBegan?: (began: Omit<ExecutionProgress, 'commandIndex'>) => void;
  readonly onState?: (state: ExecutionProgress) => void;
  /** Stops following, and rejects with the reason. The execution goes on. */
  readonly signal?: AbortSignal;
}

/** A host that answers the same short copy this often has lost what it promised. */
const COPIES = 5;

/**
 * Starts an execution and follows it: hands out its output from a byte on, and answers how it ended. The only call that
 * starts anything. HostNotReady and HostUnreachable: nothing was begun by it. ExecutionAborted: it was kept from beginning,
 * and never will. LinkLost: it may have begun, so from then on `attachExecution`. `signal` counts once the host has answered:
 * a start that is under way is not left without knowing what came of it.
 */
export async function beginExecution(
  ssh: Ssh,
  target: SshTarget,
  execution: Execution,
  follow: FollowRequest,
): Promise<ExecutionOutcome | ForgottenExecution> {
  const { id } = execution;
  checkExecutionId(id);
  const leave = new AbortController();
  let hasBegun = false;
  const onAbort = (): void => {
    if (hasBegun) leave.abort(follow.signal?.reason);
  };
  follow.signal?.addEventListener('abort', onAbort);
  const onBegan: FollowRequest['onBegan'] = (began) => {
    hasBegun = true;
    if (follow.signal?.aborted === true) onAbort();
    follow.onBegan?.(began);
  };
  const starting: Way = {
    script: (fromByte) => (mark) => beginScript({ ...execution, fromByte, mark }),
    ask: (fromByte) => beginRequest(execution, fromByte),
  };
  try {
    const patient = { ...follow, onBegan, signal: leave.signal };
    return await toTheEnd(ssh, target, { id, way: starting }, patient);
  } finally {
    follow.signal?.removeEventListener('abort', onAbort);
  }
}

/**
 * Follows an execution that is known to have begun; starts nothing, whatever the host says. Forgotten: the host knows
 * nothing of it, and from now on it may not begin there. When the link is lost (LinkLost), call again with `fromByte` moved
 * on by what `onOutput` got.
 */
export async function attachExecution(
  ssh: Ssh,
  target: SshTarget,
  id: string,
  follow: FollowRequest,
): Promise<ExecutionOutcome | ForgottenExecution> {
  checkExecutionId(id);
  return toTheEnd(ssh, target, { id }, follow);
}

/** How a host is asked to follow from a byte on: in shell, and where it has a helper. */
interface Way {
  readonly script: (fromByte: number) => (mark: string) => string;
  readonly ask: (fromByte: number) => object;
}

interface Asked {
  readonly id: string;
  /** The way of the first time. Absent: as every other time, one that only attaches. */
  readonly way?: Way;
}

async function toTheEnd(
  ssh: Ssh,
  target: SshTarget,
  { id, way: first }: Asked,
  { fromByte, onOutput, ...rest }: FollowRequest,
): Promise<ExecutionOutcome | ForgottenExecution> {
  const attaching: Way = {
    script: (from) => () => attachScript({ id, fromByte: from }),
    ask: (from) => ({ do: 'attach', id, from }),
  };
  let offset = fromByte;
  let attached: boolean | undefined;
  let way = first ?? attaching;
  for (let copies = 0; copies < COPIES;) {
    const before = offset;
    const answer = await followOnce(
      ssh,
      target,
      { id, way, fromByte: offset, attached },
      {
        ...rest,
        onOutput: (bytes) => {
          offset += bytes.length;
          return onOutput(bytes);
        },
      },
    );
    way = attaching;
    if (answer.type === 'forgotten') return answer;
    attached ??= answer.attached;
    if (answer.type === 'unknown') return { ...answer, attached };
    if (answer.type === 'exited' && offset >= answer.bytes) return { ...answer, attached };
    if (answer.type === 'exited' && offset === before) copies += 1;
  }
  throw new OperatorError(
    `following ${id} on ${sshEndText(target)}: its output ends at byte ${offset}, before its size at the end`,
    {
      name: 'OutputIncomplete',
      disposition: 'ask',
      hint: `Somebody changed .hopscotch/${id}/out on ${target.host}; its exit code is in the file exit beside it.`,
    },
  );
}

type Answer =
  ExecutionOutcome | ForgottenExecution | { readonly type: 'again'; readonly attached: boolean };

interface Once {
  readonly id: string;
  readonly way: Way;
  readonly fromByte: number;
  /** Whether it had begun before the first time, where that is known already. */
  readonly attached: boolean | undefined;
}

async function followOnce(
  ssh: Ssh,
  target: SshTarget,
  { id, way, fromByte, attached: known }: Once,
  { onOutput, onBegan, onState, signal }: Omit<FollowRequest, 'fromByte'>,
): Promise<Answer> {
  const heard = new Map<string, string[]>();
  let began: Omit<ExecutionProgress, 'commandIndex'> | undefined;
  let from = fromByte;
  await talkWithHost(ssh, target, {
    doing: `starting ${id}`,
    ask: () => way.ask(from),
    script: way.script(from),
    rest: () => attachScript({ id, fromByte: from }),
    onOutput: (bytes) => {
      from += bytes.length;
      return onOutput(bytes);
    },
    onSay: (verb, rest) => {
      heard.set(verb, [...(heard.get(verb) ?? []), rest]);
      if (verb === 'began') {
        const said = parseBegan(rest);
        // A helper may leave what it began to the shell.
        began = { ...said, attached: known ?? began?.attached ?? said.attached };
        onBegan?.(began);
      }
      if (verb === 'at' && began !== undefined) onState?.({ ...began, commandIndex: Number(rest) });
    },
    ...(signal === undefined ? {} : { signal }),
  });
  if (heard.has('forgotten')) return forgottenOutcome(target, id, heard);
  const aborted = heard.get('aborted')?.[0];
  if (aborted !== undefined) {
    throw new OperatorError(
      `starting ${id} on ${sshEndText(target)}: it was aborted at ${aborted}, before it began`,
      { name: 'ExecutionAborted', hint: 'Nothing was run. A retry of the step starts anew.' },
    );
  }
  if (began === undefined) throw linkLost(target, 'the shell that followed the step ended early');
  const { attached } = began;
  const exited = heard.get('exited')?.[0];
  if (exited !== undefined) {
    const unbegun = heard.get('unbegun')?.[0];
    return { ...parseExited(exited), attached, ...(unbegun === undefined ? {} : { unbegun }) };
  }
  if (heard.has('lost')) return { ...unknownOutcome(target, began.pid, heard), attached };
  if (heard.has('again')) return { type: 'again', attached };
  throw linkLost(target, 'the shell that followed the step ended early');
}
