import { isDeepStrictEqual } from 'node:util';
import type { Action, PersonRights } from '../../jobs/run/action.ts';
import type { Decision } from '../../jobs/run/decide.ts';
import { type RunEvent, type Work, executionId } from '../../jobs/run/events.ts';
import { fold } from '../../jobs/run/fold.ts';
import { lostWork } from '../../jobs/run/recall.ts';
import { type Run, hostStep } from '../../jobs/run/run.ts';
import { recordedEvent } from '../../jobs/redis/engine.ts';
import { after } from '../support/runs/events.ts';
import { mustHold } from '../support/runs/must-hold.ts';
import { watchPromises } from '../support/runs/promises.ts';
import { wholeAction } from '../support/runs/whole-action.ts';
import type { SimulatedCore } from './core.ts';
import { SimHost } from './host.ts';
import { judgeEvent } from './judge.ts';
import { recallJob } from './recall-job.ts';
import { type SimJob, type WorkerWorld, checkJob, startJob, stopJob } from './workers.ts';

export interface SimPress {
  readonly action: Action;
  readonly person: PersonRights;
  /** What the same press is known by when it is delivered twice. Absent: now. */
  readonly at?: string;
}

interface Queued {
  readonly id: string;
  readonly make: () => SimJob;
  at?: SimJob;
}

/** One run, its hosts, its workers and its queue, in memory and by a clock of their own. */
export class SimWorld implements WorkerWorld {
  readonly core: SimulatedCore;
  readonly hosts: readonly SimHost[];
  readonly #states: Run[];
  readonly #log: RunEvent[];
  #promises = watchPromises();
  #jobs: Queued[] = [];
  #clockMs = 0;
  #skewMs = 0;
  #decisions = 0;
  #restarts = 0;
  readonly #wentBack = new Set<SimHost>();

  constructor(core: SimulatedCore, first: RunEvent) {
    this.core = core;
    this.#states = [fold([first])];
    this.#log = [first];
    this.hosts = Object.keys(this.load().plan.targets).map((name) => new SimHost(name));
  }

  load(): Run {
    const run = this.#states.at(-1);
    if (run === undefined) throw new Error('no state');
    return run;
  }

  append(next: (run: Run) => RunEvent | undefined): RunEvent | undefined {
    const before = this.load();
    const event = next(before);
    if (event === undefined) return undefined;
    const run = this.core.evolve(before, event);
    this.#log.push(event);
    this.#states.push(run);
    this.#promises(before, event, run);
    judgeEvent(this.hosts, before, event);
    return event;
  }

  host(name: string): SimHost {
    const host = this.hosts.find((one) => one.name === name);
    if (host === undefined) throw new Error(`no host ${name}`);
    return host;
  }

  now(): string {
    return after(Math.floor((this.#clockMs + this.#skewMs) / 10) / 100);
  }

  clockMs(): number {
    return this.#clockMs;
  }

  tick(ms: number): void {
    this.#clockMs += ms;
  }

  /** The clock that events are dated by is set. */
  jump(ms: number): void {
    this.#skewMs += ms;
  }

  press({ action, person, at = this.now() }: SimPress): void {
    const isDone = this.#log.some(
      (event) => 'by' in event && event.by === person.id && event.at === at,
    );
    if (isDone) return;
    this.append((run) => {
      const verdict = this.core.actOnRun(run, wholeAction(run, action), person, at);
      if ('event' in verdict) return verdict.event;
      mustHold(verdict.reason !== '', 'a refusal has a reason');
      return undefined;
    });
  }

  /** Begins to decide, on the state as it is when the job is taken; what is decided is carried out bit by bit. */
  decide(): void {
    this.#decisions += 1;
    this.#enqueue(`decide ${this.#decisions % 3}`, () => this.#decideJob());
  }

  /** How many jobs there are, at work or waiting. */
  jobCount(): number {
    return this.#jobs.length;
  }

  /** Lets a job take so many steps. */
  work(nth: number, steps: number): void {
    const job = this.#nthJob(nth);
    if (job === undefined) return;
    for (let count = 0; count < steps && this.#step(job); count += 1);
  }

  /** Its lock runs out: another worker does the same job, while the first one does not know. */
  expire(nth: number): void {
    const job = this.#nthJob(nth);
    if (job?.at !== undefined) this.#jobs.push({ id: job.id, make: job.make });
  }

  /** Its process dies; the job is taken up again, unless the queue lost it. */
  crash(nth: number, isLost: boolean): void {
    const job = this.#nthJob(nth);
    this.#jobs = this.#jobs.filter((one) => one !== job);
    if (job !== undefined && !isLost) this.#enqueue(job.id, job.make);
  }

  crashAll(): void {
    this.#jobs = [];
  }

  /** The store is as it was so many events ago. Answers whether it may be: a witness has to be left. */
  goBack(events: number, losesJobs: boolean): boolean {
    const kept = Math.max(1, this.#states.length - events);
    const to = this.#states[kept - 1];
    const isRewound = this.#log.slice(kept).some(({ type }) => type === 'Rewound');
    if (to === undefined || isRewound || !this.#hasWitness(to)) return false;
    this.#states.length = kept;
    this.#log.length = kept;
    if (losesJobs) this.#jobs = [];
    this.#promises = watchPromises();
    this.#log.forEach((event, index) => {
      const [before, now] = [this.#states[index - 1], this.#states[index]];
      if (before !== undefined && now !== undefined) this.#promises(before, event, now);
    });
    this.#restarts += 1;
    const store = `store ${this.#restarts}`;
    this.append(({ ended }) =>
      ended === undefined ? { type: 'StoreRestarted', at: this.now(), store } : undefined,
    );
    return true;
  }

  /** The log or the host knows all that ran there, or the host shows that it went back as well: once in a history. */
  #hasWitness(run: Run): boolean {
    const losses = this.hosts
      .map((host) => ({ host, lost: unseen(run, host) }))
      .filter(({ lost }) => lost.length > 0);
    const isSaid = losses.every(
      ({ host, lost }) => !this.#wentBack.has(host) && showsLoss(run, host, lost),
    );
    if (isSaid) for (const { host } of losses) this.#wentBack.add(host);
    return isSaid;
  }

  #enqueue(id: string, make: () => SimJob): void {
    if (!this.#jobs.some((job) => job.id === id)) this.#jobs.push({ id, make });
  }

  #nthJob(nth: number): Queued | undefined {
    return this.#jobs[nth % Math.max(1, this.#jobs.length)];
  }

  #step(job: Queued): boolean {
    job.at ??= job.make();
    const isDone = job.at.next().done === true;
    if (isDone) this.#jobs = this.#jobs.filter((one) => one !== job);
    return !isDone;
  }

  *#decideJob(): SimJob {
    for (const decision of this.core.decide(this.load())) {
      yield;
      this.#carryOut(decision);
    }
  }

  #carryOut(decision: Decision): void {
    switch (decision.do) {
      case 'recall':
        return this.#enqueue(`recall ${decision.host}`, () => recallJob(this, decision.host));
      case 'check':
        return this.#enqueue(`check ${decision.host}`, () => checkJob(this, decision.host));
      case 'start':
      case 'stop': {
        const { work } = decision;
        const make = decision.do === 'start' ? startJob : stopJob;
        return this.#enqueue(`${decision.do} ${executionId('', work)}`, () => make(this, work));
      }
      case 'askApproval':
      case 'askPerson':
      case 'rewind':
      case 'end':
        this.append((run) =>
          this.core.decide(run).some((next) => isDeepStrictEqual(next, decision))
            ? recordedEvent(decision, this.now())
            : undefined,
        );
    }
  }
}

/** What ran on a host and is known to neither the log nor the host. A run that has ended asks no host any more. */
const unseen = (run: Run, host: SimHost): string[] =>
  [...host.ledger.keys()].filter((id) => {
    const work = workOf(id, run);
    if (work === undefined) return true;
    return !(isInLog(run, work) || (run.ended === undefined && host.knows(id)));
  });

/** Whether a host shows that it went back: it has forgotten what the log knows as well. Nothing of what is lost lives. */
function showsLoss(run: Run, host: SimHost, lost: readonly string[]): boolean {
  const ids = [...host.ledger.keys()].filter((id) => host.knows(id));
  return (
    run.ended === undefined &&
    lost.every((id) => workOf(id, run) !== undefined) &&
    !host.processes.some(({ id }) => lost.includes(id)) &&
    lostWork(run, host.name, ids) !== undefined
  );
}

/** Whether the log alone knows everything that ever ran on this host, so that the host may forget it. */
export const isAllInLog = (run: Run, { ledger }: SimHost): boolean =>
  [...ledger.keys()].every((id) => {
    const work = workOf(id, run);
    return work !== undefined && isInLog(run, work);
  });

function isInLog(run: Run, work: Work): boolean {
  const { attempt, startedAt, status } = hostStep(run, work);
  return (
    attempt > work.attempt ||
    (attempt === work.attempt && status !== 'pending' && startedAt !== undefined)
  );
}

/** The work of an execution's id; undefined where the plan does not have its step. */
export function workOf(id: string, run: Run): Work | undefined {
  const [, step = '', host = '', last = ''] = id.split('.');
  const phase = last.startsWith('undo') ? 'undo' : 'apply';
  return run.plan.steps.some((one) => one.id === step)
    ? { phase, step, host, attempt: Number(last.slice(phase.length)) }
    : undefined;
}
