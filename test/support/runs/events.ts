import type { Command } from '../../../handlers/contract/command.ts';
import type { RunEvent, RunOutcome, Work } from '../../../jobs/run/events.ts';
import { fold } from '../../../jobs/run/fold.ts';
import { type Plan, type PlanStep, planHash } from '../../../jobs/run/plan.ts';
import type { Run } from '../../../jobs/run/run.ts';
import type { ProbeChange } from '../../../jobs/run/serving/probe-change.ts';

/** Events in the words of a test. Each has a time; `inOrder` gives them one second each, from 02:00:00 on. */

const at = '2026-11-22T02:00:00.000Z';

/** So many seconds after the run was requested. */
export const after = (seconds: number): string =>
  new Date(Date.parse(at) + seconds * 1000).toISOString();

/** Gives each event its own second, in order, so that a test need not write times. */
export const inOrder = (...events: readonly RunEvent[]): RunEvent[] =>
  events.map((event, index) => (event.at === at ? { ...event, at: after(index) } : event));

/** The same event at another time. */
export const atSecond = (seconds: number, event: RunEvent): RunEvent => ({
  ...event,
  at: after(seconds),
});

export const step = (id: string, rest: Partial<PlanStep> = {}): PlanStep => {
  const hosts = rest.hosts ?? ['ctl1'];
  return {
    id,
    title: id.replaceAll('-', ' '),
    kind: 'command',
    params: {},
    hosts,
    exit: 'reversible',
    doer: 'host',
    apply: [{ words: ['sudo', '-n', '--', 'do', id] }],
    batch: hosts.length,
    maxFailures: 0,
    timeoutMs: 60_000,
    ...rest,
  };
};

export const commands = (...lines: readonly string[][]): Command[] =>
  lines.map((words) => ({ words }));

/** A plan on the cloud "staging"; the first step has a gate for one approval unless it says otherwise. */
export function planOf(...steps: readonly PlanStep[]): Plan {
  const [first, ...rest] = steps;
  if (first === undefined) throw new Error('a plan has at least one step');
  const hosts = [...new Set(steps.flatMap((one) => one.hosts))];
  return {
    title: 'Restart nova',
    cloud: 'staging',
    environment: 'verification',
    channel: 'C0STAGING',
    runbook: 'restart-nova',
    become: true,
    targets: Object.fromEntries(hosts.map((host) => [host, target(host)])),
    steps: [{ gate: 1, ...first }, ...rest],
  };
}

const target = (host: string): Plan['targets'][string] => ({
  host,
  address: '127.0.0.1',
  port: 22,
  user: 'ops',
  key: '/keys/id',
  knownHosts: '/keys/known_hosts',
});

export const requested = (of: Plan, by = 'UANN'): RunEvent => ({
  type: 'RunRequested',
  at,
  run: '7f3a12',
  by,
  plan: of,
  planHash: planHash(of),
});

export const work = (
  stepId: string,
  host = 'ctl1',
  { phase = 'apply', attempt = 1 }: Partial<Pick<Work, 'phase' | 'attempt'>> = {},
): Work => ({ phase, step: stepId, host, attempt });

type Detail<T extends RunEvent['type']> = Partial<Omit<Extract<RunEvent, { type: T }>, 'type'>>;

export const hostReady = (host: string): RunEvent => ({
  type: 'HostReady',
  at,
  host,
  freeBytes: 5e9,
});

export const refused = (host: string, rest: Detail<'HostRefused'> = {}): RunEvent => ({
  type: 'HostRefused',
  at,
  host,
  reason: 'its host key changed',
  hint: 'compare the key on its console with known_hosts',
  ...rest,
});

export const approvalRequested = (gate: string): RunEvent => ({
  type: 'ApprovalRequested',
  at,
  gate,
});

export const gateApproved = (gate: string, of: Plan, by = 'UBEN'): RunEvent => ({
  type: 'ApprovalGiven',
  at,
  gate,
  by,
  planHash: planHash(of),
});

export const approvalsDoubted = (gate: string): RunEvent => ({
  type: 'ApprovalsDoubted',
  at,
  gate,
});

export const approvalsConfirmed = (gate: string): RunEvent => ({
  type: 'ApprovalsConfirmed',
  at,
  gate,
});

export const approvalsVoided = (gate: string, rest: Detail<'ApprovalsVoided'> = {}): RunEvent => ({
  type: 'ApprovalsVoided',
  at,
  gate,
  lost: [],
  needed: 1,
  neededBefore: 1,
  ...rest,
});

export const rejected = (gate: string, reason: string, by = 'UBEN'): RunEvent => ({
  type: 'Rejected',
  at,
  gate,
  by,
  reason,
});

export const paused = (by = 'UBEN'): RunEvent => ({ type: 'Paused', at, by });
export const resumed = (by = 'UBEN'): RunEvent => ({ type: 'Resumed', at, by });
export const abortRequested = (by = 'UBEN'): RunEvent => ({ type: 'AbortRequested', at, by });
export const rollbackRequested = (to: string, by = 'UBEN'): RunEvent => ({
  type: 'RollbackRequested',
  at,
  by,
  to,
});
export const rollbackProposed = (to: string, rest?: Detail<'RollbackProposed'>): RunEvent => ({
  type: 'RollbackProposed',
  at,
  by: 'UBEN',
  to,
  mark: 'm',
  aloneAfterMs: 600_000,
  ...rest,
});
export const rewound = (to: string): RunEvent => ({ type: 'Rewound', at, to });

export const fixTaken = (of: Plan, from: string, steps: PlanStep[], by = 'UANN'): RunEvent => ({
  type: 'WayOutChosen',
  at,
  by,
  step: from,
  title: 'Make room, then try again',
  steps,
  planHash: planHash({ ...of, steps: [...of.steps, ...steps] }),
});

export const servingChanged = (
  probe: string,
  is: ProbeChange['is'],
  rest: Partial<ProbeChange> = {},
): RunEvent => ({
  type: 'ServingChanged',
  at,
  changes: [{ probe, is, since: at, ...rest }],
});

type Stuck = Pick<Work, 'phase' | 'step'> & { readonly hosts: string[] };

export const retryRequested = (stuck: Stuck, by = 'UBEN'): RunEvent => ({
  type: 'RetryRequested',
  at,
  by,
  ...stuck,
});

export const skipRequested = (stuck: Stuck, reason: string, by = 'UBEN'): RunEvent => ({
  type: 'SkipRequested',
  at,
  by,
  reason,
  ...stuck,
});

export const started = (of: Work, rest: Detail<'StepStarted'> = {}): RunEvent => ({
  type: 'StepStarted',
  at,
  work: of,
  before: null,
  changes: '',
  commands: commands(['do', of.step]),
  ...rest,
});

export const succeeded = (
  of: Work,
  tail = 'done\n',
  sizeBytes = Buffer.byteLength(tail),
): RunEvent => ({
  type: 'StepSucceeded',
  at,
  work: of,
  tail,
  sizeBytes,
  sha256: 'e3b0c442'.repeat(8),
});

export const unchanged = (of: Work): RunEvent => ({ type: 'StepUnchanged', at, work: of });

export const failed = (of: Work, rest: Detail<'StepFailed'> = {}): RunEvent => ({
  type: 'StepFailed',
  at,
  work: of,
  tail: 'E: no space left on device\n',
  reason: 'no space left',
  hint: 'make room on the host, then retry',
  command: `do ${of.step}`,
  exit: 100,
  ...rest,
});

export const outcomeUnknown = (
  of: Work,
  evidence = 'the pid is gone and there is no exit code',
): Extract<RunEvent, { type: 'StepUnknown' }> => ({
  type: 'StepUnknown',
  at,
  work: of,
  evidence,
});

export const linkWasLost = (of: Work): RunEvent => ({
  type: 'LinkLost',
  at,
  work: of,
  reason: 'read ECONNRESET',
});

export const foundSlow = (of: string, rest: Detail<'StepFoundSlow'> = {}): RunEvent => ({
  type: 'StepFoundSlow',
  at,
  phase: 'apply',
  step: of,
  hosts: ['ctl1'],
  usualMs: 60_000,
  ...rest,
});

export const reattached = (of: Work, fromByte = 4096): RunEvent => ({
  type: 'Reattached',
  at,
  work: of,
  fromByte,
  reason: 'the link was lost',
});

export const stopped = (of: Work, alive: { pid: number; command: string }[] = []): RunEvent => ({
  type: 'StepStopped',
  at,
  work: of,
  alive,
});

export const personAsked = (of: Work): RunEvent => ({ type: 'PersonAsked', at, work: of });

export const proofGiven = (of: Work, proof: string, by = 'UBEN'): RunEvent => ({
  type: 'ProofGiven',
  at,
  work: of,
  by,
  proof,
});

export const runEnded = (outcome: RunOutcome): RunEvent => ({ type: 'RunEnded', at, outcome });

/** A run of this plan whose hosts are ready, after these events, a second each. */
export const readyRun = (of: Plan, ...events: readonly RunEvent[]): Run =>
  fold(inOrder(requested(of), ...Object.keys(of.targets).map(hostReady), ...events));
