import type { RunEvent } from '../../jobs/run/events.ts';
import { forgottenWork, lostWork } from '../../jobs/run/recall.ts';
import type { Run } from '../../jobs/run/run.ts';
import { type SimJob, type WorkerWorld, messageOf, persist } from './workers.ts';

/** As `jobs/worker/recall.ts`. */
export function* recallJob(world: WorkerWorld, host: string): SimJob {
  const run = world.load();
  const record = (event: RunEvent, also: (state: Run) => boolean = () => true) =>
    world.append((state) =>
      // What it said counts against the log that it was asked about.
      state.restarted?.store === run.restarted?.store &&
      state.recalling?.includes(host) === true &&
      state.ended === undefined &&
      also(state)
        ? event
        : undefined,
    );
  try {
    const ids = yield* persist(world, () => world.host(host).known());
    const works = forgottenWork(run, host, ids);
    yield;
    const begun = works.map((work) => ({ work, before: 'before', changes: '', commands: [] }));
    const lost = lostWork(run, host, ids);
    record({ type: 'HostRecalled', at: world.now(), host, begun, ...(lost && { lost }) });
  } catch (error) {
    const reason = messageOf(error);
    record(
      { type: 'HostRecalled', at: world.now(), host, begun: [], silent: reason },
      ({ aborting }) => aborting !== undefined,
    );
  }
}
