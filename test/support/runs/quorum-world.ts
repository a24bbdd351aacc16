import { pino } from 'pino';
import type { Press } from '../../../bot/actions/press.ts';
import type { CloudDesk } from '../../../bot/desk/desk.ts';
import type { AccessLists } from '../../../bot/desk/rights.ts';
import { judgeApprovals } from '../../../bot/desk/judge.ts';
import { performPress } from '../../../bot/desk/perform.ts';
import { type RunEngine, advanceRun } from '../../../jobs/redis/engine.ts';
import type { StepJob } from '../../../jobs/redis/queue.ts';
import type { AppendedEvent } from '../../../jobs/redis/run-writer.ts';
import type { Cloud } from '../../../jobs/files/cloud.ts';
import { stateMark } from '../../../jobs/run/act.ts';
import type { ActionName } from '../../../jobs/run/action.ts';
import { standingGate } from '../../../jobs/run/decide.ts';
import type { RunEvent } from '../../../jobs/run/events.ts';
import { failedStep, fixChosen } from '../../../jobs/run/fixes.ts';
import { evolve, fold } from '../../../jobs/run/fold.ts';
import type { Plan } from '../../../jobs/run/plan.ts';
import { beginningEvent, quorumGoodMs } from '../../../jobs/run/quorum.ts';
import { type Run, hostStep } from '../../../jobs/run/run.ts';
import { bareDesk } from '../bare-desk.ts';
import { requested, step } from './events.ts';

const silent = pino({ level: 'silent' });

export type AccountState = 'fine' | 'barred' | 'silent';

/** Whom the cloud's file and Slack let approve, and how many it takes, at one moment. */
export interface Powers {
  readonly approvers: readonly string[];
  readonly needed: number;
  readonly accounts: Readonly<Record<string, AccountState>>;
}

/** One thing that happens around a run. */
export type QuorumMove =
  | { readonly do: 'press'; readonly name: ActionName; readonly who: string; readonly ago?: number }
  | { readonly do: 'powers'; readonly change: (powers: Powers) => Powers }
  /** Somebody who approved can do so no more, and time goes by. */
  | {
      readonly do: 'remove';
      readonly nth: number;
      readonly by: 'file' | 'Slack';
      readonly seconds: number;
    }
  | { readonly do: 'work'; readonly nth: number; readonly fails: boolean }
  | { readonly do: 'fix' | 'advance' | 'judge' | 'restart' }
  | { readonly do: 'wait'; readonly seconds: number };

/** The parts that a mutation takes out of it, to see that the check bites. */
export interface QuorumParts {
  readonly begin: typeof beginningEvent;
  /** What the desk is told of people, given who presses. */
  readonly access: (access: AccessLists, presser: string) => AccessLists;
}

export interface QuorumFindings {
  readonly wrong: readonly string[];
  /** What happened in all, by the type of the event. */
  readonly events: Readonly<Record<string, number>>;
}

const usualParts: QuorumParts = { begin: beginningEvent, access: (access) => access };

const startMs = Date.parse('2026-11-22T02:00:00Z');
const starter = 'UANN';
/** Chooses fixes, and approves none of them. */
const chooser = 'UDAN';

/**
 * A run, the real desk, judge and engine, and people whose rights change at any time. Answers what began although at no
 * moment that counts enough of those who approved could approve.
 */
export async function playQuorum(
  plan: Plan,
  moves: readonly QuorumMove[],
  parts: Partial<QuorumParts> = {},
): Promise<QuorumFindings> {
  const world = new QuorumWorld(plan, { ...usualParts, ...parts });
  for (const move of moves) await world.carryOut(move);
  return world;
}

class QuorumWorld {
  readonly wrong: string[] = [];
  readonly events: Record<string, number> = {};
  readonly #parts: QuorumParts;
  readonly #seen: Run[] = [];
  readonly #jobs = new Map<string, StepJob>();
  readonly #history: { readonly untilMs: number; readonly powers: Powers }[] = [];
  #powers: Powers = { approvers: ['UBEN', 'UCHI', 'UDAN', starter], needed: 1, accounts: {} };
  #nowMs = startMs;
  #run: Run;
  #presses = 0;

  constructor(plan: Plan, parts: QuorumParts) {
    this.#parts = parts;
    this.#run = fold([requested(plan, starter)]);
  }

  async carryOut(move: QuorumMove): Promise<void> {
    this.#seen.push(this.#run);
    switch (move.do) {
      case 'press':
        return this.#press(move);
      case 'powers':
        return this.#change(move.change(this.#powers));
      case 'remove':
        return this.#remove(move);
      case 'work':
        return this.#work(move);
      case 'fix':
        return this.#chooseFix();
      case 'advance':
        return advanceRun(this.#engine(), this.#run.id);
      case 'judge':
        await judgeApprovals(this.#run.id, this.#desk('nobody'));
        return;
      case 'restart':
        this.#jobs.clear();
        return;
      case 'wait':
        this.#nowMs += move.seconds * 1000;
    }
  }

  readonly #now = (): string => new Date(this.#nowMs).toISOString();

  readonly #append = async (
    _run: string,
    next: (run: Run) => RunEvent | undefined,
  ): Promise<AppendedEvent> => {
    const event = next(this.#run);
    if (event === undefined) return { run: this.#run };
    this.#check(this.#run, event);
    this.events[event.type] = (this.events[event.type] ?? 0) + 1;
    this.#run = evolve(this.#run, event);
    return { run: this.#run, event };
  };

  #change(powers: Powers): void {
    this.#history.push({ untilMs: this.#nowMs, powers: this.#powers });
    this.#powers = powers;
  }

  #remove({ nth, by, seconds }: Extract<QuorumMove, { do: 'remove' }>): void {
    const given = standingGate(this.#run)?.given ?? [];
    const who = given[nth % Math.max(1, given.length)];
    if (who === undefined) return;
    const { approvers, accounts } = this.#powers;
    this.#change(
      by === 'file'
        ? { ...this.#powers, approvers: approvers.filter((id) => id !== who) }
        : { ...this.#powers, accounts: { ...accounts, [who]: 'barred' } },
    );
    this.#nowMs += seconds * 1000;
  }

  /** Each press is a second after what was before it, so that none is another one's retry. */
  async #press({ name, who, ago }: Extract<QuorumMove, { do: 'press' }>): Promise<void> {
    this.#nowMs += 1000;
    this.#presses += 1;
    const seen = ago === undefined ? undefined : this.#seen.at(-1 - ago);
    const press: Press = {
      id: `press${this.#presses}`,
      at: this.#now(),
      user: who,
      channel: 'C0STAGING',
      ...(seen === undefined
        ? { source: 'word', text: `${name} ${this.#run.id} because` }
        : {
            source: 'button',
            action: `run.${name}`,
            value: JSON.stringify({ run: this.#run.id, seen: stateMark(seen, name) }),
            input: 'because',
          }),
    };
    await performPress(press, this.#desk(who));
  }

  /** A fix is chosen as the desk does it, with steps that the model has. */
  #chooseFix(): void {
    const failed = failedStep(this.#run);
    if (failed === undefined) return;
    const steps = [step('mend', { gate: 1 })];
    const by = { by: chooser, at: this.#now() };
    const event = fixChosen(this.#run, failed, { title: 'mend it', steps, after: 'retry' }, by);
    this.#run = evolve(this.#run, event);
  }

  /** One job makes its next move, as the worker's own does. */
  async #work({ nth, fails }: Extract<QuorumMove, { do: 'work' }>): Promise<void> {
    const entries = [...this.#jobs];
    const [key, job] = entries[nth % Math.max(1, entries.length)] ?? [];
    if (key === undefined || job === undefined) return;
    const at = this.#now();
    if (job.do === 'check' || job.do === 'recall') {
      this.#jobs.delete(key);
      await this.#append('', () => ({ type: 'HostReady', at, host: job.host, freeBytes: 1 }));
      return;
    }
    const { work } = job;
    const { status } = hostStep(this.#run, work);
    if (status === 'pending') {
      const event: RunEvent = fails
        ? { type: 'StepUnchanged', at, work }
        : { type: 'StepStarted', at, work, before: {}, changes: '', commands: [] };
      await this.#append('', (run) => this.#parts.begin(run, { work, event }, at));
      return;
    }
    this.#jobs.delete(key);
    if (status !== 'running') return;
    await this.#append('', () =>
      fails
        ? { type: 'StepFailed', at, work, tail: '', cause: 'exit', exit: 1 }
        : { type: 'StepSucceeded', at, work, tail: '', sizeBytes: 0, sha256: '' },
    );
  }

  /** What begins first behind a gate needs enough people who could approve at one moment that counts. */
  #check(run: Run, event: RunEvent): void {
    const isBeginning =
      event.type === 'StepStarted' ||
      event.type === 'StepUnchanged' ||
      event.type === 'PersonAsked';
    if (!isBeginning || event.work.phase === 'undo') return;
    const gate = standingGate(run);
    if (gate?.step.id !== event.work.step) return;
    const planned = gate.step.gate ?? 1;
    const isChosen = gate.step.way !== undefined;
    const moments = [
      this.#powers,
      ...this.#history
        .filter(({ untilMs }) => untilMs >= this.#nowMs - quorumGoodMs)
        .map(({ powers }) => powers),
    ];
    const isEnough = moments.some((powers) => {
      const may = gate.given.filter(
        (id) => id !== starter && !(isChosen && id === chooser) && mayApprove(powers, id),
      );
      return may.length >= Math.max(planned, powers.needed);
    });
    if (!isEnough)
      this.wrong.push(`${event.type} ${event.work.step} with ${gate.given.join(' ') || 'nobody'}`);
  }

  #engine(): RunEngine {
    return {
      store: { load: async () => this.#run, append: this.#append },
      queues: {
        step: async (run, ...decisions) => {
          for (const decision of decisions)
            this.#jobs.set(JSON.stringify(decision), { run, ...decision });
        },
      },
      now: this.#now,
      log: silent,
    };
  }

  #desk(presser: string): CloudDesk {
    const { approvers, needed, accounts } = this.#powers;
    const access = {
      engineers: [starter, 'UBEN', chooser],
      approvers,
      approvals: { reversible: needed, restorable: needed, oneWay: needed },
    };
    const rightsOf: AccessLists['rightsOf'] = async (id, lists) => {
      const account = accounts[id] ?? 'fine';
      const isFine = account === 'fine';
      return {
        id,
        isEngineer: isFine && lists.engineers.includes(id),
        isApprover: isFine && lists.approvers.includes(id),
        doubts: [],
        ...(account === 'silent' && { isUnsure: true }),
      };
    };
    return bareDesk({
      store: {
        load: async () => this.#run,
        events: async () => [],
        append: this.#append,
        recent: async () => [],
      },
      access: this.#parts.access({ rightsOf }, presser),
      // No more of it is read here.
      loadCloud: async () => ({ name: 'staging', access }) as unknown as Cloud,
      now: this.#now,
    });
  }
}

const mayApprove = ({ approvers, accounts }: Powers, id: string): boolean =>
  approvers.includes(id) && (accounts[id] ?? 'fine') !== 'barred';
