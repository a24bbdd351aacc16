import { OperatorError } from '../../handlers/contract/errors.ts';
import { isFromRedis } from '../redis/reach/refusals.ts';
import * as remote from '../remote/remote.ts';
import { type RunEvent, executionId } from '../run/events.ts';
import { forgottenWork, lostWork } from '../run/recall.ts';
import type { Run } from '../run/run.ts';
import { Beginning } from './beginning.ts';
import { type StepWorker, explainedError, persist, planTarget } from './step-worker.ts';

/** Asks a host what it has begun for a run whose log may have lost its end. A silent host is asked again, unless the run is to end. */
export async function recallFromHost(worker: StepWorker, run: Run, host: string): Promise<void> {
  const { store, now } = worker;
  const record = (event: RunEvent, also: (state: Run) => boolean = () => true) =>
    store.append(run.id, (state) =>
      // What it said counts against the log that it was asked about.
      state.restarted?.store === run.restarted?.store &&
      state.recalling?.includes(host) === true &&
      state.ended === undefined &&
      also(state)
        ? event
        : undefined,
    );
  try {
    const found = await persist(worker, () => whatItKnows(worker, run, host));
    await record({ type: 'HostRecalled', at: now(), host, ...found });
  } catch (error) {
    if (isFromRedis(error) || !(error instanceof OperatorError)) throw error;
    const silent = explainedError(error).message;
    await record(
      { type: 'HostRecalled', at: now(), host, begun: [], silent },
      ({ aborting }) => aborting !== undefined,
    );
  }
}

type Known = Pick<Extract<RunEvent, { type: 'HostRecalled' }>, 'begun' | 'lost'>;

async function whatItKnows({ ssh }: StepWorker, run: Run, host: string): Promise<Known> {
  const target = planTarget(run.plan, host);
  const begun: Known['begun'] = [];
  const ids = await remote.knownExecutions(ssh, target, run.id);
  for (const work of forgottenWork(run, host, ids)) {
    const there = await remote.readExecutionState(ssh, target, executionId(run.id, work));
    if (there.state === 'none' || there.state === 'aborted') continue;
    begun.push({ work, ...Beginning.parse(JSON.parse(there.note)) });
  }
  const lost = lostWork(run, host, ids);
  return { begun, ...(lost && { lost }) };
}
