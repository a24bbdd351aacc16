import { type RunEvent, type Work, executionId } from '../../jobs/run/events.ts';
import { type HostStep, type Run, hostStep, isCurrent } from '../../jobs/run/run.ts';
import { type SimulatedCore, mayBegin } from './core.ts';
import { CutLink, type SimHost, SilentHost } from './host.ts';

/** A job at work. Between two of its steps anything may happen, and it may end with its process. */
export type SimJob = Generator<undefined, void, undefined>;

export interface WorkerWorld {
  readonly core: SimulatedCore;
  readonly load: () => Run;
  readonly append: (next: (run: Run) => RunEvent | undefined) => RunEvent | undefined;
  readonly host: (name: string) => SimHost;
  readonly now: () => string;
  /** By a clock that nobody sets. */
  readonly clockMs: () => number;
}

const [silentMs, connectMs] = [8000, 4000];

/** As `jobs/worker/steps.ts` checks a host. */
export function* checkJob(world: WorkerWorld, host: string): SimJob {
  const append = (event: RunEvent) =>
    world.append((run) => (!run.checks.has(host) && run.ended === undefined ? event : undefined));
  try {
    yield* persist(world, () => world.host(host).look(''));
    append({ type: 'HostReady', at: world.now(), host, freeBytes: 1e9 });
  } catch (error) {
    const reason = messageOf(error);
    append({ type: 'HostRefused', at: world.now(), host, reason, hint: 'look' });
  }
}

/** As `jobs/worker/steps.ts` starts a step, or follows one that has begun. */
export function* startJob(world: WorkerWorld, work: Work): SimJob {
  const run = world.load();
  yield;
  if (!isCurrent(run, work)) return;
  const { status, lostAt } = hostStep(run, work);
  if (status === 'running' || (status === 'unknown' && lostAt !== undefined))
    return yield* followJob(world, { run, work, attaches: true });
  if (status !== 'pending') return;
  const begun = yield* prepare(world, run, work);
  if (begun !== undefined) yield* followJob(world, { ...begun, work });
}

function* prepare(
  world: WorkerWorld,
  run: Run,
  work: Work,
): Generator<undefined, { run: Run; attaches: boolean } | undefined> {
  const { core } = world;
  const now = (): string => world.now();
  const record = (event: RunEvent) =>
    world.append((state) => (mayBegin(core, state, work) ? event : undefined));
  try {
    const left = core.rules.looksForLeft ? yield* aliveLeftBehind(world, run, work) : 0;
    if (left > 0) {
      record({ type: 'StepStopped', at: now(), work, alive: someAlive(left) });
      return undefined;
    }
    const id = executionId(run.id, work);
    const host = world.host(work.host);
    const there = core.rules.asksHostFirst ? yield* persist(world, () => host.look(id)) : undefined;
    if (there?.is === 'kept') throw new Error('it was kept from beginning');
    const isThere = there !== undefined && there.is !== 'none';
    if (!isThere && work.phase === 'undo' && core.rules.endsBeforeUndo) {
      const { attempt } = hostStep(run, { ...work, phase: 'apply' });
      const forward = yield* endAllAttempts(world, run, { ...work, phase: 'apply', attempt });
      if (forward.alive > 0) throw new Error('what it started still runs');
    }
    yield;
    const before = isThere && 'note' in there ? there.note : { found: now() };
    const started = record({
      type: 'StepStarted',
      at: now(),
      work,
      before,
      changes: '',
      commands: [],
    });
    return started === undefined ? undefined : { run: world.load(), attaches: isThere };
  } catch (error) {
    const reason = messageOf(error);
    record({ type: 'StepFailed', at: now(), work, reason, hint: 'look', tail: '' });
    return undefined;
  }
}

interface Following {
  readonly run: Run;
  readonly work: Work;
  readonly attaches: boolean;
}

/** As `jobs/worker/follow.ts`. */
function* followJob(world: WorkerWorld, { run, work, attaches }: Following): SimJob {
  const host = world.host(work.host);
  const id = executionId(run.id, work);
  let mayHaveBegun = attaches;
  let isLost = attaches;
  let lostAtMs: number | undefined;
  const untilMs = world.clockMs() + connectMs;
  for (;;) {
    const sentAt = host.boot;
    yield;
    try {
      if (!mayHaveBegun || !world.core.rules.attachesOnly) {
        if (!isWaitedFor(world.load(), work)) return;
        mayHaveBegun = true;
        if (host.boot !== sentAt) throw new CutLink('reset');
        if (host.isSilent) mayHaveBegun = false;
        if (host.begin(id, 'before') === 'kept') return failed(world, work, { neverBegan: true });
      }
      const shown = host.attach(id);
      if (isLost) {
        const reason = 'the link was lost';
        isLost = false;
        lostAtMs = undefined;
        appendIfOpen(world, { type: 'Reattached', at: world.now(), work, fromByte: 0, reason });
      }
      const late = host.processes.some((process) => process.id === id && process.isLate);
      if (shown.is === 'running' && !late) continue;
      yield;
      return yield* ending(world, { run, work, shown });
    } catch (error) {
      if (!(error instanceof SilentHost || error instanceof CutLink)) throw error;
      if (!mayHaveBegun && world.clockMs() > untilMs)
        return failed(world, work, { neverBegan: true });
      if (mayHaveBegun) {
        lostAtMs ??= world.clockMs();
        isLost = true;
        silent(world, work, world.clockMs() - lostAtMs);
      }
      yield;
      if (!isWaitedFor(world.load(), work)) return;
    }
  }
}

function silent(world: WorkerWorld, work: Work, forMs: number): void {
  appendIfOpen(world, { type: 'LinkLost', at: world.now(), work, reason: 'no answer' });
  if (forMs >= silentMs)
    appendIfOpen(world, { type: 'StepUnknown', at: world.now(), work, evidence: 'no answer' });
}

interface Ended extends Pick<Following, 'run' | 'work'> {
  readonly shown: ReturnType<SimHost['attach']>;
}

function* ending(world: WorkerWorld, { run, work, shown }: Ended): SimJob {
  const at = world.now();
  switch (shown.is) {
    case 'exited':
      if (shown.exit !== 0 && world.core.rules.readsExit)
        return failed(world, work, { exit: shown.exit });
      yield;
      appendIfOpen(world, { type: 'StepSucceeded', at, work, tail: '', sizeBytes: 2, sha256: 'f' });
      return;
    case 'running': {
      const { alive } = yield* endOne(world, run, work);
      if (alive === 0) return failed(world, work, { cause: 'timeout' });
      appendIfOpen(world, { type: 'StepStopped', at, work, alive: someAlive(alive) });
      return;
    }
    case 'forgotten':
      appendIfOpen(world, { type: 'StepUnknown', at, work, evidence: 'forgot', forgotten: true });
      return;
    case 'lost':
    case 'none':
    case 'kept':
      appendIfOpen(world, { type: 'StepUnknown', at, work, evidence: 'gone' });
  }
}

type Failure = Partial<Extract<RunEvent, { type: 'StepFailed' }>>;

function failed(world: WorkerWorld, work: Work, failure: Failure): void {
  appendIfOpen(
    world,
    { type: 'StepFailed', at: world.now(), work, tail: '', ...failure },
    (state) =>
      state.aborting === undefined && !(work.phase === 'apply' && state.rollback !== undefined),
  );
}

function appendIfOpen(
  world: WorkerWorld,
  event: Extract<RunEvent, { work: Work }>,
  also: (run: Run) => boolean = () => true,
): void {
  world.append((run) => {
    if (!isWaitedFor(run, event.work) || !also(run)) return undefined;
    const { status, lostAt } = hostStep(run, event.work);
    if (event.type === 'LinkLost' && lostAt !== undefined) return undefined;
    const isNews = event.type === 'StepUnknown' && event.forgotten === true && lostAt !== undefined;
    if (event.type === 'StepUnknown' && status === 'unknown' && !isNews) return undefined;
    return event;
  });
}

/** As `jobs/worker/stop.ts`. */
export function* stopJob(world: WorkerWorld, work: Work): SimJob {
  let run = world.load();
  const isWaiting = (state: Run): boolean =>
    (state.aborting !== undefined || state.rollback !== undefined) &&
    isCurrent(state, work) &&
    isOpen(hostStep(state, work));
  const silentAtMs = world.clockMs() + silentMs;
  while (isWaiting(run)) {
    yield;
    try {
      const { alive, wasKnown } = yield* endAllAttempts(world, run, work);
      yield;
      const isUnseen = alive === 0 && !wasKnown && hostStep(run, work).startedAt !== undefined;
      const left = { alive: someAlive(alive), ...(isUnseen ? { unseen: 'forgotten' } : {}) };
      world.append((state) =>
        isWaiting(state) ? { type: 'StepStopped', at: world.now(), work, ...left } : undefined,
      );
      return;
    } catch (error) {
      if (!(error instanceof SilentHost)) throw error;
      world.append((state) => {
        if (!isWaiting(state)) return undefined;
        const { lostAt, status } = hostStep(state, work);
        const at = world.now();
        if (lostAt === undefined) return { type: 'LinkLost', at, work, reason: 'no answer' };
        return status === 'running' && world.clockMs() >= silentAtMs
          ? { type: 'StepUnknown', at, work, evidence: 'no answer' }
          : undefined;
      });
      yield;
      run = world.load();
    }
  }
}

interface Left {
  readonly alive: number;
  readonly wasKnown: boolean;
}

function* endAllAttempts(world: WorkerWorld, run: Run, work: Work): Generator<undefined, Left> {
  let alive = 0;
  let wasKnown = true;
  for (let { attempt } = work; attempt >= 1; attempt -= 1) {
    const left = yield* endOne(world, run, { ...work, attempt });
    alive += left.alive;
    if (attempt === work.attempt) ({ wasKnown } = left);
  }
  return { alive, wasKnown };
}

function* endOne(world: WorkerWorld, run: Run, work: Work): Generator<undefined, Left> {
  yield;
  const left = world.host(work.host).abort(executionId(run.id, work));
  return world.core.rules.seesTheEnd ? left : { alive: 0, wasKnown: true };
}

function* aliveLeftBehind(world: WorkerWorld, run: Run, work: Work): Generator<undefined, number> {
  let alive = 0;
  for (let attempt = work.attempt - 1; attempt >= 1; attempt -= 1) {
    const id = executionId(run.id, { ...work, attempt });
    const left = yield* persist(world, () => world.host(work.host).alive(id));
    alive += left.length;
  }
  return alive;
}

export function* persist<T>(world: WorkerWorld, attempt: () => T): Generator<undefined, T> {
  const deadline = world.clockMs() + connectMs;
  for (;;) {
    yield;
    try {
      return attempt();
    } catch (error) {
      if (!(error instanceof SilentHost) || world.clockMs() > deadline) throw error;
    }
  }
}

const isWaitedFor = (run: Run, work: Work): boolean =>
  isCurrent(run, work) && isOpen(hostStep(run, work));

const isOpen = ({ status }: HostStep): boolean => status === 'running' || status === 'unknown';

const someAlive = (count: number): { pid: number; command: string }[] =>
  Array.from({ length: count }, (_, index) => ({ pid: index + 7, command: 'apt' }));

/** Broken promises go on to who simulates. */
export function messageOf(error: unknown): string {
  if (error instanceof Error && !error.message.startsWith('broken: ')) return error.message;
  throw error;
}
