import { nextAttempt, withoutKey } from './changes.ts';
import type { RunEvent, Work } from './events.ts';
import type { HostStep } from './run.ts';

/** An event about one attempt at one step on one host. */
export type StepEvent = Extract<RunEvent, { work: Work }>;

/** How a step stands on a host after an event about it. */
export function stepAfter(step: HostStep, event: StepEvent): HostStep {
  switch (event.type) {
    case 'PersonAsked':
      return { ...step, status: 'asked', startedAt: event.at };
    case 'StepStarted':
      return {
        ...withoutKey(step, 'unsure'),
        status: 'running',
        // What a second attempt finds is what the first left behind; the rollback leads to what the first found.
        before: step.began ? step.before : event.before,
        changes: event.changes,
        commands: event.commands,
        began: true,
        beganEarlier: step.began,
        startedAt: event.at,
      };
    case 'LinkLost':
      return { ...step, lostAt: step.lostAt ?? event.at };
    case 'Reattached':
      return {
        ...withoutKey(withoutKey(withoutKey(step, 'lostAt'), 'evidence'), 'alive'),
        status: 'running',
        reattached: { at: event.at, reason: event.reason },
      };
    case 'StepUnknown':
      return {
        // A host that answered is not silent any more, and is not asked again and again.
        ...(event.forgotten === true ? withoutKey(step, 'lostAt') : step),
        status: 'unknown',
        evidence: event.evidence,
      };
    case 'ProofGiven':
    case 'StepUnchanged':
    case 'StepSucceeded':
    case 'StepFailed':
    case 'StepStopped':
      return stepEnded(step, event);
  }
}

type EndEvent = Exclude<
  StepEvent,
  { type: 'PersonAsked' | 'StepStarted' | 'LinkLost' | 'Reattached' | 'StepUnknown' }
>;

function stepEnded(step: HostStep, event: EndEvent): HostStep {
  const ended = { ...step, finishedAt: event.at };
  switch (event.type) {
    case 'ProofGiven':
      return {
        ...ended,
        status: 'succeeded',
        began: true,
        proof: { by: event.by, text: event.proof },
      };
    case 'StepUnchanged':
      return { ...ended, status: 'unchanged' };
    case 'StepSucceeded':
      return {
        ...withoutKey(ended, 'lostAt'),
        status: 'succeeded',
        tail: event.tail,
        ...(event.exit === undefined ? {} : { exitCode: event.exit }),
        sizeBytes: event.sizeBytes,
        sha256: event.sha256,
      };
    case 'StepFailed': {
      const { type: _type, at: _at, work: _work, tail, ...failure } = event;
      const began = event.neverBegan === true ? step.beganEarlier === true : step.began;
      if (step.unsure !== undefined) {
        // It did not come to look for the attempt before it, which may still run.
        const evidence = [event.reason, step.unsure].filter(Boolean).join('; before that: ');
        return { ...withoutKey(step, 'lostAt'), status: 'unknown', evidence };
      }
      return { ...withoutKey(ended, 'lostAt'), status: 'failed', began, tail, failure };
    }
    case 'StepStopped':
      return event.alive.length === 0 && event.unseen === undefined
        ? { ...withoutKey(ended, 'lostAt'), status: 'stopped', alive: [] }
        : {
            ...withoutKey(step, 'lostAt'),
            status: 'unknown',
            alive: event.alive,
            evidence: event.unseen ?? stillAlive(event),
          };
  }
}

const stillAlive = ({ alive, work }: Extract<RunEvent, { type: 'StepStopped' }>): string =>
  `still alive on ${work.host}: ${alive.map(({ pid, command }) => `pid ${pid} (${command})`).join(', ')}`;

/** A step whose group of hosts a person decided about. */
export function stepDecided(
  step: HostStep,
  event: Extract<RunEvent, { type: 'RetryRequested' | 'SkipRequested' }>,
  { isGoingBack }: { readonly isGoingBack: boolean },
): HostStep {
  if (event.type === 'SkipRequested') {
    const skipped = { by: event.by, reason: event.reason };
    return { ...step, status: 'skipped', finishedAt: event.at, skipped };
  }
  // On rollback a step that should stop is not run again: its end is tried again.
  return isGoingBack && event.phase === 'apply' ? withoutKey(step, 'alive') : nextAttempt(step);
}

/** An abort or a rollback signals once more what was still alive, and takes back what a person was asked to do. */
export function stepTurned(step: HostStep, at: string): HostStep {
  if (step.status === 'asked') return { ...step, status: 'stopped', finishedAt: at };
  // Its next attempt has not begun, and the one before it may still run.
  return step.status === 'pending' && step.unsure !== undefined
    ? { ...withoutKey(step, 'alive'), status: 'unknown', evidence: step.unsure }
    : withoutKey(step, 'alive');
}

/** What has ended since is not slow any more. */
export const stepFoundSlow = (
  step: HostStep,
  { at, usualMs }: Extract<RunEvent, { type: 'StepFoundSlow' }>,
): HostStep => (step.status === 'running' ? { ...step, slow: { at, usualMs } } : step);
