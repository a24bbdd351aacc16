import { openGate, stuckWork } from '../../jobs/run/decide.ts';
import { type Run, hostStep } from '../../jobs/run/run.ts';
import type { RunningEngine } from '../support/processes/running.ts';

/** The gate that people are asked about now. */
export function askedGate(run: Run): string | undefined {
  const gate = openGate(run);
  const isAsked = gate !== undefined && run.gates[gate.step.id]?.requestedAt !== undefined;
  return isAsked ? gate.step.id : undefined;
}

/** Lets the run go on, with whatever people have to prove, until it ends, rests, or waits for a decision or at a gate. */
export async function settleRun({ store, append }: RunningEngine, id: string): Promise<Run> {
  for (;;) {
    const run = await store.load(id);
    const waits = run.rollback === undefined && askedGate(run) !== undefined;
    if (run.ended !== undefined || run.paused !== undefined || waits || stuckWork(run).length > 0)
      return run;
    const refused = [...run.checks].find(([, { problem }]) => problem !== undefined);
    if (refused !== undefined) throw new Error(`${refused[0]}: ${refused[1].problem?.reason}`);
    for (const phase of ['apply', 'undo'] as const)
      for (const { id: step, hosts } of run.plan.steps)
        for (const host of hosts) {
          const { status, attempt } = hostStep(run, { phase, step, host });
          if (status !== 'asked') continue;
          const work = { phase, step, host, attempt };
          await append(id, { type: 'ProofGiven', work, by: 'UANN', proof: 'done' });
        }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Gives a gate all approvals that it takes, and lets the run go on. */
export async function approveGate(running: RunningEngine, run: Run, gate: string): Promise<Run> {
  const { id, planHash } = run;
  for (const by of ['UBEN', 'UCHIE']) {
    if (askedGate(await running.store.load(id)) !== gate) break;
    await running.append(id, { type: 'ApprovalGiven', gate, by, planHash });
  }
  return settleRun(running, id);
}

/** Why a run goes no further, with the last lines of what its hosts said. */
export const runTroubles = (run: Run): string =>
  stuckWork(run)
    .map((work) => {
      const { failure, evidence, status, tail = '' } = hostStep(run, work);
      const why = failure?.reason ?? failure?.cause ?? evidence ?? status;
      return `${work.phase} ${work.step} on ${work.host}: ${why}\n${tail.split('\n').slice(-8).join('\n')}`;
    })
    .join('\n');
