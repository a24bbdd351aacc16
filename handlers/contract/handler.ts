import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import type { Command, CommandOutput } from './command.ts';
import type { StepDeed } from './deed.ts';

/**
 * How a step can be left. `reversible`: its undo commands put back what the probe found. `restorable`: a verified backup
 * made by this run covers it. `oneWay`: there is no rollback.
 */
export type Reversibility = 'reversible' | 'restorable' | 'oneWay';

/** What a backup puts back: the databases of the cloud, or whole hosts as they were. */
export type RestoredThing = 'databases' | 'hosts';

/** Who does the work: a host over SSH, or a person who reports what was done. */
export type StepDoer = 'host' | 'person';

/**
 * A kind of step. All functions are pure: they say what would run and read what came back, and never run anything.
 * `P` is what a runbook writes under `params`; `B` is the state that `probe` finds, kept in the event log for `undo`.
 */
export interface StepHandler<P, B> {
  readonly kind: string;
  readonly params: z.ZodType<P>;
  readonly before: z.ZodType<B>;
  readonly doer?: StepDoer;
  /** The longest a step of this kind should take when the runbook does not say. */
  readonly timeoutMs: number;
  /** The longest that `probe` may take. Default: a minute. */
  readonly probeTimeoutMs?: number;
  /** What undoing it restores of what later `restorable` steps changed, by a backup that it made and verified. */
  readonly restores?: RestoredThing;
  /** The hosts that it is a backup of; unset for one of databases. */
  readonly covers?: (params: P) => readonly string[];
  readonly reversibility: (params: P) => Reversibility;
  /** What has to be restored to undo it, where it is `restorable`. Default: the databases. */
  readonly restoredBy?: (params: P) => RestoredThing;
  /** Read-only commands that find the present state. They may run any number of times. */
  readonly probe: (params: P) => readonly Command[];
  /** State out of the answers of `probe`, in its order. Throws an OperatorError when they make no sense. */
  readonly parse: (outputs: readonly CommandOutput[], params: P) => B;
  /**
   * Whether the state is already what the step wants; `undefined` when this kind cannot tell. Asked before `apply`
   * (yes: the step is "unchanged") and again after it (no: the step failed), then with what was found before, so that a
   * kind can see whether something happened. Throws an OperatorError to refuse a state that `apply` must not begin from:
   * unlike in `parse`, that does not stand in the way of `undo`.
   */
  readonly isDone: (params: P, found: B, before?: B) => boolean | undefined;
  readonly apply: (params: P) => readonly Command[];
  /** For people, before it runs: the standard input that a command of `apply` keeps unseen, its secrets masked. */
  readonly masked?: (params: P) => string;
  /** Commands that lead from `now`, probed just before, back to `before`; none when there is nothing to put back. */
  readonly undo: (params: P, before: B, now: B) => readonly Command[];
  /** Whether the state found after `undo` is what `before` says. Default: deep equality. */
  readonly isRestored?: (params: P, before: B, now: B) => boolean;
  /** For people: what a step of this kind does, wherever it runs. */
  readonly does: (params: P) => StepDeed;
  /** For people: what `apply` changes, given what was found. Plain text, a line an item, or a unified diff. */
  readonly changes: (params: P, before: B) => string;
  /** Read-only commands that show on the host why it failed, asked once it has. What they print ends its output. */
  readonly evidence?: (params: P) => readonly Command[];
  /** What a person is asked to do, where the params do not say it in these words. */
  readonly asks?: (params: P) => PersonRequest;
  /** What a person has to do to undo a step that a person did; empty or unset when there is nothing. */
  readonly undoByPerson?: (params: P) => string;
}

/** Words for the person who does a step. */
export interface PersonRequest {
  readonly instructions: string;
  /** What the person has to paste when it is done. */
  readonly proof: string;
}

/** A handler with its parameters filled in; what was `P` and `B` is checked inside. */
export interface BoundHandler {
  readonly kind: string;
  readonly doer: StepDoer;
  readonly timeoutMs: number;
  readonly probeTimeoutMs: number;
  readonly reversibility: Reversibility;
  readonly restores: RestoredThing | undefined;
  readonly covers: readonly string[] | undefined;
  readonly restoredBy: RestoredThing;
  readonly probe: readonly Command[];
  readonly apply: readonly Command[];
  readonly masked: () => string | undefined;
  readonly parse: (outputs: readonly CommandOutput[]) => unknown;
  readonly isDone: (found: unknown, before?: unknown) => boolean | undefined;
  readonly undo: (before: unknown, now: unknown) => readonly Command[];
  readonly isRestored: (before: unknown, now: unknown) => boolean;
  readonly changes: (before: unknown) => string;
  readonly evidence: readonly Command[];
  readonly asks: PersonRequest | undefined;
  readonly undoByPerson: string;
}

/** A handler of any kind, as the registry keeps it. */
export interface AnyHandler {
  readonly kind: string;
  readonly params: z.ZodType;
  /** Throws a ZodError when `params` is not what this kind takes. */
  readonly bind: (params: unknown) => BoundHandler;
  /** What a step with these params does; undefined when `params` is not what this kind takes. */
  readonly deedOf: (params: unknown) => StepDeed | undefined;
}

export function defineHandler<P, B>(handler: StepHandler<P, B>): StepHandler<P, B> & AnyHandler {
  return {
    ...handler,
    bind: (params) => bind(handler, handler.params.parse(params)),
    deedOf: (params) => {
      const parsed = handler.params.safeParse(params);
      return parsed.success ? handler.does(parsed.data) : undefined;
    },
  };
}

function bind<P, B>(handler: StepHandler<P, B>, params: P): BoundHandler {
  const state = (value: unknown): B => handler.before.parse(value);
  const isRestored =
    handler.isRestored ?? ((_params, before, now) => isDeepStrictEqual(before, now));
  return {
    kind: handler.kind,
    doer: handler.doer ?? 'host',
    timeoutMs: handler.timeoutMs,
    probeTimeoutMs: handler.probeTimeoutMs ?? 60_000,
    reversibility: handler.reversibility(params),
    restores: handler.restores,
    covers: handler.covers?.(params),
    restoredBy: handler.restoredBy?.(params) ?? 'databases',
    probe: handler.probe(params),
    apply: handler.apply(params),
    masked: () => handler.masked?.(params),
    parse: (outputs) => handler.parse(outputs, params),
    isDone: (found, before) =>
      handler.isDone(params, state(found), before === undefined ? undefined : state(before)),
    undo: (before, now) => handler.undo(params, state(before), state(now)),
    isRestored: (before, now) => isRestored(params, state(before), state(now)),
    changes: (before) => handler.changes(params, state(before)),
    evidence: handler.evidence?.(params) ?? [],
    asks: handler.asks?.(params),
    undoByPerson: handler.undoByPerson?.(params) ?? '',
  };
}
