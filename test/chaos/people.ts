import { setTimeout as sleep } from 'node:timers/promises';
import { openGate, stuckWork } from '../../jobs/run/decide.ts';
import { type Work, executionId } from '../../jobs/run/events.ts';
import type { Run } from '../../jobs/run/run.ts';
import { pretendPeople } from '../../sandbox/slack/people.ts';
import type { WorkspaceMessage } from '../../sandbox/slack/slack.ts';
import { actionIds } from '../support/processes/product.ts';
import { type LedgerLine, livingExecutions } from './ledger.ts';
import { type ChaosParts, chaosCloud } from './parts.ts';

/** Ann and Ben, who know what the ledgers say, and press what the run offers them until it has gone there and back. */
export interface ChaosPeople {
  readonly start: (runbook: string) => Promise<string>;
  /** Does what a state asks for; answers the gate that was approved. */
  readonly act: (run: Run, ledger: readonly LedgerLine[]) => Promise<string | undefined>;
  readonly pressLate: () => Promise<void>;
  /** Presses that nobody answered. */
  readonly unanswered: readonly string[];
}

const answeredWithinMs = 60_000;
/** The local Slack waits five seconds for an acknowledgement. */
const unacknowledgedMs = 4900;

export function openChaosPeople(parts: ChaosParts, { retries }: { retries: boolean }): ChaosPeople {
  const { control } = parts.workspace;
  const { ann, ben } = pretendPeople;
  const unanswered: string[] = [];
  let lastApproval: { readonly ts: string; readonly value: string } | undefined;
  let pressAgainAt = 0;
  let run = '';

  /** Whether it reached anybody: Slack itself says when it did not, and one does it again. */
  const answered = async (
    what: string,
    user: string,
    press: () => Promise<void>,
  ): Promise<boolean> => {
    const answer = await answerTo(parts, user, press);
    if (answer === 'none') unanswered.push(what);
    return answer !== 'dropped';
  };
  const type = (text: string): Promise<boolean> =>
    answered(`typed ${text}`, ann.id, () => control.command({ user: ann.id, text }));
  const approve = (ts: string, value: string): Promise<boolean> =>
    answered('approved', ben.id, () =>
      control.click({ user: ben.id, ts, actionId: 'run.approve', value }),
    );

  return {
    unanswered,
    start: async (runbook) => (run = await startedRun(parts, type, runbook)),
    act: async (state, ledger) => {
      if (state.ended !== undefined) {
        if (state.ended.outcome === 'succeeded') await type(`rollback ${run}`);
        return undefined;
      }
      if (state.paused !== undefined) return void (await type(`resume ${run}`));
      const stuck = stuckWork(state);
      if (stuck.length > 0) {
        const wanted = decisionAbout(parts, { state, stuck, ledger, retries });
        if (wanted !== undefined) await type(wanted);
        return undefined;
      }
      const gate = openGate(state)?.step.id;
      if (gate === undefined || state.rollback !== undefined) return undefined;
      const button = requestWith(await control.messages(), run);
      if (button === undefined) return undefined;
      // What a Redis that went back has lost is asked for again, and people press again.
      if (button.value === lastApproval?.value && performance.now() < pressAgainAt)
        return undefined;
      if (!(await approve(button.ts, button.value))) return undefined;
      lastApproval = button;
      pressAgainAt = performance.now() + 5000;
      return gate;
    },
    pressLate: async () => {
      if (lastApproval === undefined) await type(`status ${run}`);
      else await approve(lastApproval.ts, lastApproval.value);
    },
  };
}

async function startedRun(
  { store }: ChaosParts,
  type: (text: string) => Promise<boolean>,
  runbook: string,
): Promise<string> {
  const before = await store.lastOf(chaosCloud);
  while (!(await type(`run ${chaosCloud} ${runbook}`))) await sleep(1000);
  const until = performance.now() + answeredWithinMs;
  for (;;) {
    const last = await store.lastOf(chaosCloud).catch(() => before);
    if (last !== before && last !== undefined) return last;
    if (performance.now() > until) throw new Error('no run appeared');
    await sleep(100);
  }
}

/** Whether somebody who does something is told anything in private, or by Slack that no bot listens just then. */
async function answerTo(
  { workspace: { control } }: ChaosParts,
  user: string,
  press: () => Promise<void>,
): Promise<'answered' | 'dropped' | 'none'> {
  const answers = async (): Promise<number> =>
    (await control.messages()).filter(({ ephemeral_to }) => ephemeral_to === user).length;
  const drops = async (): Promise<number> =>
    (await control.log()).filter(({ summary }) => summary.startsWith('no socket connection'))
      .length;
  const [before, droppedBefore] = [await answers(), await drops()];
  const pressedMs = performance.now();
  await press();
  if ((await drops()) > droppedBefore) return 'dropped';
  // Its socket went before it arrived: Slack itself says that nobody took it.
  const isTaken = performance.now() - pressedMs < unacknowledgedMs;
  const until = performance.now() + answeredWithinMs;
  while ((await answers()) === before) {
    if (performance.now() > until) return isTaken ? 'none' : 'dropped';
    await sleep(100);
  }
  return 'answered';
}

interface Stuck {
  readonly state: Run;
  readonly stuck: readonly Work[];
  readonly ledger: readonly LedgerLine[];
  readonly retries: boolean;
}

/** What somebody types who knows what happened on the hosts; nothing while something lives there. */
function decisionAbout(
  parts: ChaosParts,
  { state, stuck, ledger, retries }: Stuck,
): string | undefined {
  const { id } = state;
  const executions = stuck.map((work) => executionId(id, work));
  if (isAnyAlive(parts, executions)) return undefined;
  if (executions.every((one) => endOf(ledger, one) === 0))
    return `skip ${id} the ledger says that it is done`;
  const isLast = state.rollback === undefined && stuck[0]?.step === lastStep(state);
  return isLast && !retries ? `rollback ${id}` : `retry ${id}`;
}

const lastStep = ({ plan }: Run): string | undefined => plan.steps.at(-1)?.id;

const endOf = (ledger: readonly LedgerLine[], execution: string): number | undefined =>
  ledger.find((line) => line.is === 'end' && line.execution === execution)?.exit;

const isAnyAlive = ({ hosts }: ChaosParts, executions: readonly string[]): boolean =>
  hosts.some(({ sshd }) =>
    livingExecutions(sshd.home).some(({ execution }) => executions.includes(execution)),
  );

/** The newest message with an Approve button of this run. */
function requestWith(
  messages: readonly WorkspaceMessage[],
  run: string,
): { readonly ts: string; readonly value: string } | undefined {
  const found = messages.findLast(
    (message) =>
      actionIds(message).includes('run.approve') && JSON.stringify(message).includes(run),
  );
  const value = found?.blocks
    ?.flatMap(({ elements = [] }) => elements)
    .find(({ action_id }) => action_id === 'run.approve')?.value;
  return found === undefined || value === undefined ? undefined : { ts: found.ts, value };
}
