import { isDeepStrictEqual } from 'node:util';
import { actOnRun, offeredActions } from '../../jobs/run/act.ts';
import { decide } from '../../jobs/run/decide.ts';
import type { Work } from '../../jobs/run/events.ts';
import { evolve } from '../../jobs/run/fold.ts';
import { type Run, hostStep } from '../../jobs/run/run.ts';

/** What is simulated: the pure core, and the rules that workers keep on hosts. A mutant has one part that is wrong. */
export interface SimulatedCore {
  readonly decide: typeof decide;
  readonly evolve: typeof evolve;
  readonly actOnRun: typeof actOnRun;
  readonly offeredActions: typeof offeredActions;
  readonly rules: {
    /** What the log knows to have begun is attached to, and nothing else. */
    readonly attachesOnly: boolean;
    /** Earlier attempts are looked for before another one begins. */
    readonly looksForLeft: boolean;
    /** A host is asked what it knows of an attempt that the log does not know to have begun. */
    readonly asksHostFirst: boolean;
    /** What is said to have ended was seen to end. */
    readonly seesTheEnd: boolean;
    /** The log is asked once more before a step begins. */
    readonly asksLogAgain: boolean;
    /** The exit code is that of the host. */
    readonly readsExit: boolean;
    /** What went forward is ended before it is undone. */
    readonly endsBeforeUndo: boolean;
  };
}

export const realCore: SimulatedCore = {
  decide,
  evolve,
  actOnRun,
  offeredActions,
  rules: {
    attachesOnly: true,
    looksForLeft: true,
    asksHostFirst: true,
    seesTheEnd: true,
    asksLogAgain: true,
    readsExit: true,
    endsBeforeUndo: true,
  },
};

/** As `mayWorkBegin`, by the decisions of this core. */
export const mayBegin = ({ decide: next, rules }: SimulatedCore, run: Run, work: Work): boolean =>
  !rules.asksLogAgain ||
  (hostStep(run, work).status === 'pending' &&
    next(run).some((one) => one.do === 'start' && isDeepStrictEqual(one.work, work)));
