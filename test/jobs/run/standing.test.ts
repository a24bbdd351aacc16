import { describe, expect, it } from '@jest/globals';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import {
  askedWork,
  decide,
  mayWorkBegin,
  ongoingWork,
  stuckWork,
} from '../../../jobs/run/decide.ts';
import type { RunEvent, Work } from '../../../jobs/run/events.ts';
import { slowWork } from '../../../jobs/run/durations/slow.ts';
import { evolve, fold } from '../../../jobs/run/fold.ts';
import { type HostStep, type Run, hostStep, stepOf } from '../../../jobs/run/run.ts';
import { currentStep, standingOf } from '../../../jobs/run/standing.ts';
import { anyLog } from '../../support/runs/any-run.ts';
import {
  failed,
  foundSlow,
  linkWasLost,
  outcomeUnknown,
  personAsked,
  planOf,
  requested,
  started,
  step as plannedStep,
  stopped,
  succeeded,
  unchanged,
} from '../../support/runs/events.ts';

/** Every state that a log goes through, each made out of the one before it, as a process that follows a run has them. */
function statesOf(log: Parameters<typeof fold>[0]): Run[] {
  const [first, ...rest] = log;
  if (first === undefined) return [];
  const states = [fold([first])];
  for (const event of rest) {
    const before = states.at(-1);
    if (before !== undefined) states.push(evolve(before, event));
  }
  return states;
}

describe('how a step stands', () => {
  it('is what a look at each of its hosts says, after every event', () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        for (const run of statesOf(log)) {
          for (const step of run.plan.steps) {
            const states = step.hosts.map((host) =>
              hostStep(run, { phase: 'apply', step: step.id, host }),
            );
            const hostsThat = (is: (state: HostStep) => boolean): string[] =>
              step.hosts.filter((_host, index) => is(states[index] ?? expectState()));
            expect(standingOf(run, step)).toEqual({
              notable: hostsThat(({ status }) =>
                ['running', 'asked', 'failed', 'stopped', 'unknown'].includes(status),
              ),
              stuck: hostsThat(({ status }) => ['failed', 'stopped', 'unknown'].includes(status)),
              asked: hostsThat(({ status }) => status === 'asked'),
              hasBegun: hostsThat(({ began, status }) => began || status !== 'pending').length > 0,
              unsettled: hostsThat(({ status }) => ['pending', 'running', 'asked'].includes(status))
                .length,
              failures: hostsThat(({ status }) => status === 'failed').length,
              halted: hostsThat(({ status }) => status === 'unknown' || status === 'stopped')
                .length,
              slow: hostsThat(({ slow }) => slow !== undefined).length,
            });
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('leads to the same decision as a state that was never looked at before, and what it starts may begin, nothing else', () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        for (const run of statesOf(log)) {
          decide(run);
          const fresh = structuredClone(run);
          expect(decide(run)).toEqual(decide(fresh));
          expect(stuckWork(run)).toEqual(stuckWork(fresh));
          expect(slowWork(run)).toEqual(ongoingWork(run).filter(isToldSlow(run)));
          expect(askedWork(run)).toEqual(ongoingWork(run).filter(isAsked(run)));
          expect(currentStep(run)?.id).toBe(run.plan.steps.find(isLeft(run))?.id);
          const mayBegin = worksOf(run).filter((work) => mayWorkBegin(run, work));
          expect(mayBegin).toEqual(
            worksOf(run).filter(
              (work) =>
                decide(run).some(
                  (next) => next.do === 'start' && isDeepStrictEqual(next.work, work),
                ) && hostStep(run, work).status === 'pending',
            ),
          );
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('how a step on many hosts stands', () => {
  const hosts = Array.from({ length: 150 }, (_, index) => `cmp${index}`);
  const plan = planOf(plannedStep('drain', { hosts }));
  const at = (host: string) => ({ phase: 'apply', step: 'drain', host, attempt: 1 }) as const;
  const ways: readonly ((of: Work) => RunEvent)[] = [
    started,
    succeeded,
    unchanged,
    failed,
    outcomeUnknown,
    linkWasLost,
    stopped,
    personAsked,
    ({ host }: Work) => foundSlow('drain', { hosts: [host] }),
  ];
  const anyWorkEvents = fc.array(
    fc.record({ host: fc.constantFrom(...hosts), does: fc.constantFrom(...ways) }),
    { minLength: 100, maxLength: 300 },
  );

  it('follows from how it stood, and is what a look at each of its hosts says', () => {
    fc.assert(
      fc.property(anyWorkEvents, (moves) => {
        let run = fold([requested(plan)]);
        for (const { host, does } of moves) {
          const before = run;
          const [was, size] = [hostStep(run, at(host)), run.apply['drain']?.size];
          run = evolve(run, does(at(host)));
          const drain = stepOf(run, 'drain');
          // Where nothing is known of the states, all are looked at.
          const unknown = { ...run, apply: { drain: new Map(run.apply['drain']) } };
          expect(standingOf(run, drain)).toEqual(standingOf(unknown, drain));
          expect([hostStep(before, at(host)), before.apply['drain']?.size]).toEqual([was, size]);
        }
      }),
      { numRuns: 10 },
    );
  });
});

const isToldSlow =
  (run: Run) =>
  (work: Work): boolean => {
    const { status, slow, lostAt } = hostStep(run, work);
    const isTurned = run.rollback !== undefined && work.phase === 'apply';
    const isOver = run.ended !== undefined || run.aborting !== undefined;
    return (
      status === 'running' && slow !== undefined && lostAt === undefined && !isTurned && !isOver
    );
  };

const isAsked =
  (run: Run) =>
  (work: Work): boolean =>
    hostStep(run, work).status === 'asked';

/** Whether a step is not finished, by a look at each of its hosts. */
const isLeft =
  (run: Run) =>
  ({ id, hosts, maxFailures }: Run['plan']['steps'][number]): boolean => {
    const statuses = hosts.map((host) => hostStep(run, { phase: 'apply', step: id, host }).status);
    const count = (...of: readonly string[]): number =>
      statuses.filter((status) => of.includes(status)).length;
    return (
      count('pending', 'running', 'asked', 'unknown', 'stopped') > 0 ||
      count('failed') > maxFailures
    );
  };

/** Everything that could be asked for, also what is over or was never there. */
const worksOf = (run: Run): Work[] =>
  run.plan.steps.flatMap((step) =>
    step.hosts.flatMap((host) =>
      (['apply', 'undo'] as const).flatMap((phase) =>
        [1, 2].map((attempt) => ({ phase, step: step.id, host, attempt })),
      ),
    ),
  );

const expectState = (): never => {
  throw new Error('a host without a state');
};
