import { anyCharacter } from '../any-character.ts';
import * as fc from 'fast-check';
import { actOnRun, offeredActions, stateMark } from '../../../jobs/run/act.ts';
import { type Decision, decide } from '../../../jobs/run/decide.ts';
import { recordedEvent } from '../../../jobs/redis/engine.ts';
import type { RunEvent, Work } from '../../../jobs/run/events.ts';
import { evolve, fold } from '../../../jobs/run/fold.ts';
import type { PlanStep } from '../../../jobs/run/plan.ts';
import { type Run, hostStep } from '../../../jobs/run/run.ts';
import { type Fix, failedStep } from '../../../jobs/run/fixes.ts';
import { after, planOf, hostReady, requested, step } from './events.ts';
import type { ActionName } from '../../../jobs/run/action.ts';

/** Logs that a run could really have: the engine decides, hosts answer this or that, people press what is offered. */
const anyLogOf = (text: fc.Arbitrary<string>): fc.Arbitrary<RunEvent[]> =>
  fc
    .record({
      steps: fc.array(anyStep(text), { minLength: 1, maxLength: 5 }),
      choices: fc.array(fc.nat({ max: 10_000 }), { maxLength: 60 }),
      text,
    })
    .map(({ steps, choices: picks, text: said }) => play(steps, picks, said));

export const anyLog = anyLogOf(nastyText());

/** The same, written as people who mean well do. */
export const plainLog = anyLogOf(
  fc.constantFrom('nova-api', 'Restart it.', 'no space left', 'Is it up?'),
);

/** Text as hosts, runbooks and people might write it, at lengths that no message takes. */
export function nastyText(): fc.Arbitrary<string> {
  const piece = fc.oneof(
    fc.constantFrom(
      '<!channel>',
      '<@U1>',
      '&amp;',
      '`',
      '```',
      '*x*',
      '\n',
      '\u202e',
      '\u001b[31m',
      '\t',
      '\r',
      ' ',
      '<',
      '🙂',
      'é',
    ),
    fc.string({ unit: anyCharacter, maxLength: 20 }),
    fc.integer({ min: 0, max: 5000 }).map((length) => '&'.repeat(length)),
    fc.integer({ min: 0, max: 80 }).map((lines) => 'line\n'.repeat(lines)),
  );
  return fc
    .array(piece, { minLength: 1, maxLength: 6 })
    .map((pieces) => `x${pieces.join('')}`.replaceAll('\0', ''));
}

interface StepShape {
  readonly title: string;
  readonly hosts: number;
  readonly exit: PlanStep['exit'];
  readonly doer: PlanStep['doer'];
  readonly words: string[];
  readonly stdin: string;
  readonly gate: number;
  readonly maxFailures: number;
  readonly notes: string[];
}

function anyStep(text: fc.Arbitrary<string>): fc.Arbitrary<StepShape> {
  return fc.record({
    title: text,
    hosts: fc.constantFrom(1, 2, 5, 40),
    exit: fc.constantFrom('reversible', 'restorable', 'oneWay'),
    doer: fc.constantFrom('host', 'host', 'host', 'person'),
    words: fc.array(text, { minLength: 1, maxLength: 4 }),
    stdin: text,
    gate: fc.integer({ min: 0, max: 2 }),
    maxFailures: fc.integer({ min: 0, max: 1 }),
    notes: fc.array(text, { maxLength: 9 }),
  });
}

function play(shapes: readonly StepShape[], picks: readonly number[], text: string): RunEvent[] {
  const steps = shapes.map((shape, index) =>
    step(`step-${index}`, {
      title: shape.title,
      hosts: Array.from(
        { length: shape.doer === 'person' ? 1 : shape.hosts },
        (_, host) => `host-${host}`,
      ),
      exit: shape.exit,
      doer: shape.doer,
      params: { instructions: text },
      apply: shape.doer === 'person' ? [] : [{ words: shape.words, stdin: shape.stdin }],
      maxFailures: shape.maxFailures,
      ...(shape.notes.length === 0 ? {} : { notes: shape.notes }),
      ...(shape.gate === 0 ? {} : { gate: shape.gate }),
    }),
  );
  const whole = { ...planOf(...steps), title: text };
  const hosts = Object.keys(whole.targets);
  // Most runs get past the checks of their hosts.
  const checked = (picks[0] ?? 0) % 5 === 1 ? [] : hosts.map(hostReady);
  const log: RunEvent[] = [requested(whole), ...checked];
  let run = fold(log);
  for (const pick of picks) {
    const event = next(run, pick, { text, at: after(log.length * 7) });
    if (event === undefined) continue;
    log.push(event);
    run = evolve(run, event);
  }
  return log;
}

interface Given {
  readonly text: string;
  readonly at: string;
}

function next(run: Run, pick: number, given: Given): RunEvent | undefined {
  const decisions = decide(run);
  const offered = [
    ...offeredActions(run),
    ...(failedStep(run) === undefined ? [] : ['fix' as const]),
  ];
  // Mostly the engine goes on; now and then a person steps in.
  const isPerson = pick % 5 === 0 || decisions.length === 0;
  const seed = Math.floor(pick / 5);
  if (isPerson && offered.length > 0)
    return pressed(run, offered[seed % offered.length], seed, given);
  const decision = decisions[seed % Math.max(1, decisions.length)];
  return decision === undefined ? undefined : answered(run, decision, seed, given);
}

function pressed(
  run: Run,
  name: ActionName | undefined,
  seed: number,
  { text, at }: Given,
): RunEvent | undefined {
  if (name === undefined) return undefined;
  const person = { id: ['UBEN', 'UCHIE'][seed % 2] ?? '', isEngineer: true, isApprover: true };
  const hosts = Object.keys(run.plan.targets).slice(0, 1 + (seed % 3));
  const mend = step('mend', { title: text, hosts, params: { instructions: text }, gate: 1 });
  const way: Fix = { title: text, steps: [mend], after: seed % 3 === 0 ? 'skip' : 'retry' };
  const verdict = actOnRun(run, { name, text, way, seen: stateMark(run, name) }, person, at);
  return 'event' in verdict ? verdict.event : undefined;
}

function answered(run: Run, decision: Decision, seed: number, { text, at }: Given): RunEvent {
  switch (decision.do) {
    case 'check':
      return seed % 29 === 0
        ? { type: 'HostRefused', at, host: decision.host, reason: text, hint: text }
        : { type: 'HostReady', at, host: decision.host, freeBytes: 1e9 };
    case 'recall':
      return { type: 'HostRecalled', at, host: decision.host, begun: [] };
    case 'stop':
      return {
        type: 'StepStopped',
        at,
        work: decision.work,
        alive: seed % 3 === 0 ? [{ pid: 42, command: text }] : [],
      };
    case 'start':
      return worked(run, decision.work, seed, { text, at });
    case 'askApproval':
    case 'askPerson':
    case 'rewind':
    case 'end':
      return recordedEvent(decision, at);
  }
}

function worked(run: Run, work: Work, seed: number, { text, at }: Given): RunEvent {
  const { status, lostAt } = hostStep(run, work);
  const rest = { at, work };
  if (status === 'pending' && seed % 7 === 0) return { type: 'StepUnchanged', ...rest };
  if (status === 'pending')
    return {
      type: 'StepStarted',
      ...rest,
      before: null,
      changes: text,
      commands: [{ words: ['x'] }],
    };
  if (lostAt !== undefined && seed % 2 === 0)
    return { type: 'Reattached', ...rest, fromByte: seed, reason: text };
  const answers: RunEvent[] = [
    { type: 'StepSucceeded', ...rest, tail: text, sizeBytes: 1e6, sha256: 'ab'.repeat(32) },
    { type: 'StepSucceeded', ...rest, tail: '', sizeBytes: 0, sha256: 'ab'.repeat(32) },
    { type: 'StepFailed', ...rest, tail: text, reason: text, hint: text, command: text, exit: 1 },
    { type: 'StepUnknown', ...rest, evidence: text },
    { type: 'LinkLost', ...rest, reason: text },
  ];
  return answers[seed % answers.length] ?? { type: 'LinkLost', ...rest, reason: text };
}
