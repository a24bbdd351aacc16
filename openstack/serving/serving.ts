// Whether the cloud of each run that lasts serves its users: asks its APIs and its canary instance, and keeps in the run's log
// what changes. What that means for the run is for jobs/run/serving.
import type { Logger } from 'pino';
import type { Cloud } from '../../jobs/files/cloud.ts';
import { again } from '../../jobs/redis/again.ts';
import type { ProbeLease } from '../../jobs/redis/pulse.ts';
import type { RunStore } from '../../jobs/redis/store.ts';
import { breachEvent, servingNews } from '../../jobs/run/serving/news.ts';
import type { ProbeChange } from '../../jobs/run/serving/probe-change.ts';
import { type Prober, type ProberTools, startProber } from './prober.ts';

interface Options extends ProberTools {
  readonly store: Pick<RunStore, 'active' | 'load' | 'append'>;
  readonly loadCloud: (name: string) => Promise<Cloud>;
  readonly lease: ProbeLease;
  readonly log: Logger;
}

interface Watched {
  readonly prober: Prober;
  readonly startedMs: number;
}

interface LetBe {
  /** In ms of a steady clock. */
  readonly untilMs: number;
  /** The run's cloud, as far as it is known: only its file can say that there is something to probe after all. */
  readonly cloud?: string;
}

interface Runs {
  readonly watched: Map<string, Watched>;
  /** Runs that have nothing to probe, or could not be read. */
  readonly later: Map<string, LetBe>;
}

const tickMs = 200;
const activeMs = 1000;
const laterMs = 10_000;
/** What is probed is said at once, all together, or without what takes longer than this. */
const firstMs = 6000;

/** Probes for every active run, one process for each, until what it answers is called. */
export function watchServing(options: Options): () => void {
  const runs: Runs = { watched: new Map(), later: new Map() };
  const stopLooking = againSaid(() => followRuns(runs, options), activeMs, options.log);
  const stopTelling = againSaid(
    async () => {
      for (const [run, one] of runs.watched) await tell(run, one, options);
    },
    tickMs,
    options.log,
  );
  return () => {
    stopLooking();
    stopTelling();
    for (const { prober } of runs.watched.values()) prober.end();
  };
}

/** Starts what is missing, and ends what is no longer ours or over. */
async function followRuns(runs: Runs, options: Options): Promise<void> {
  const { store, lease, log } = options;
  const { watched, later } = runs;
  const active = new Set(await store.active());
  for (const run of active) {
    if (watched.has(run)) {
      if (!(await lease.hold(run))) leave(runs, run);
    } else if ((later.get(run)?.untilMs ?? 0) < performance.now()) {
      later.set(run, { ...later.get(run), untilMs: performance.now() + laterMs });
      await follow(runs, run, options).catch((error: unknown) => {
        log.warn({ runId: run, err: error }, 'nothing is probed for this run');
      });
    }
  }
  for (const run of watched.keys()) if (!active.has(run)) leave(runs, run);
  for (const run of later.keys()) if (!active.has(run)) later.delete(run);
}

/** Only who can probe takes the lease: without one, people are told that nobody does. */
async function follow({ watched, later }: Runs, id: string, options: Options): Promise<void> {
  const known = later.get(id)?.cloud;
  // A run in which much happens has a long log: it is not read where the cloud's file is enough.
  if (known !== undefined && (await options.loadCloud(known)).serving === undefined) return;
  const run = await options.store.load(id);
  const cloud = await options.loadCloud(run.plan.cloud);
  if (run.ended !== undefined) return;
  if (cloud.serving === undefined) {
    later.set(id, { untilMs: performance.now() + laterMs, cloud: run.plan.cloud });
    return;
  }
  later.delete(id);
  if (!(await options.lease.hold(id))) return;
  const prober = await startProber(cloud, run.serving?.probes ?? {}, options);
  watched.set(id, { prober, startedMs: performance.now() });
}

function leave({ watched }: Runs, run: string): void {
  watched.get(run)?.prober.end();
  watched.delete(run);
}

async function tell(id: string, { prober, startedMs }: Watched, options: Options): Promise<void> {
  const { store, lease, nowMs, steadyMs = () => performance.now() } = options;
  const { meters } = prober;
  const isAllSeen = [...meters.values()].every((meter) => meter.hasSeen());
  if (!isAllSeen && performance.now() - startedMs < firstMs) return;
  const run = await store.load(id);
  const at = new Date(nowMs()).toISOString();
  const due = [...meters].flatMap(([probe, meter]) => {
    const change = meter.due(steadyMs(), run.serving?.probes[probe]?.is);
    return change === undefined ? [] : [{ probe, meter, change }];
  });
  const isBreach = breachEvent(run, at) !== undefined;
  if ((due.length === 0 && !isBreach) || !(await lease.hold(id))) return;
  const changes = due.map(({ probe, change: { sinceMs, ...rest } }): ProbeChange => {
    const since = new Date(nowMs() - (steadyMs() - sinceMs)).toISOString();
    return { probe, since, ...rest };
  });
  if (due.length > 0) await store.append(id, (now) => servingNews(now, changes, at));
  for (const { meter, change } of due) meter.told(change);
  if (isBreach) await store.append(id, (now) => breachEvent(now, at));
}

/** What goes wrong is said once in a row. */
function againSaid(work: () => Promise<void>, everyMs: number, log: Logger): () => void {
  let said: string | undefined;
  return again(
    async () => {
      await work();
      said = undefined;
    },
    everyMs,
    (error) => {
      if (String(error) !== said) log.warn({ err: error }, 'probing the clouds of runs');
      said = String(error);
    },
  );
}
