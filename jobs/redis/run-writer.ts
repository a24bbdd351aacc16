import type { Redis } from 'ioredis';
import type { RunEvent } from '../run/events.ts';
import type { Run } from '../run/run.ts';
import type { Keeping } from './seal/seal.ts';
import type { Folded, FoldedLogs } from './folded-log.ts';
import { type NextEntry, contentsGone, entryAfter, writeNext } from './store-writes.ts';

/** What an append made of the state it met: the state afterwards, and the event where there was one. */
export interface AppendedEvent {
  readonly run: Run;
  readonly event?: RunEvent;
}

type Next = (run: Run) => RunEvent | undefined;

interface Waiting {
  readonly next: Next;
  readonly done: (answer: AppendedEvent) => void;
  readonly failed: (error: unknown) => void;
}

interface Options {
  readonly redis: Redis;
  readonly logs: FoldedLogs;
  readonly keeping: Keeping;
  /** Told of the last state of what was written at once, after it is stored. */
  readonly onAppend: (run: Run) => Promise<void>;
}

/** One call of Redis is not asked to write more than this many events. */
const groupMost = 200;

/**
 * One writer per run in this process: who appends while it writes waits, and all who wait are written at once. So hosts
 * that finish together cost one write, not one for each pair of them.
 */
export function openRunWriter(
  options: Options,
): (run: string, next: Next) => Promise<AppendedEvent> {
  const lines = new Map<string, Waiting[]>();
  const work = async (run: string, line: Waiting[]): Promise<void> => {
    // Who appends within the same turn of the event loop belongs to the first group, too.
    await Promise.resolve();
    while (line.length > 0) {
      const group = line.splice(0, groupMost);
      const later = await writeGroup(options, run, group).catch((error: unknown) => {
        for (const { failed } of group) failed(error);
        return [];
      });
      line.unshift(...later);
    }
    lines.delete(run);
  };
  return (run, next) =>
    new Promise((done, failed) => {
      const waiting: Waiting = { next, done, failed };
      const line = lines.get(run);
      if (line !== undefined) {
        line.push(waiting);
        return;
      }
      const first = [waiting];
      lines.set(run, first);
      void work(run, first);
    });
}

/**
 * Writes what a group has to say, asked again where another process wrote in between. Who has something to say on what is known
 * here need not read before: Redis takes it only behind just that. Answers who has to wait for the next.
 */
async function writeGroup(
  { redis, logs, onAppend, keeping }: Options,
  run: string,
  group: readonly Waiting[],
): Promise<readonly Waiting[]> {
  for (let known = logs.known(run); ; known = undefined) {
    const before = known ?? (await logs.read(run));
    if (before.isMissing && before.state.ended === undefined) throw contentsGone(run, keeping);
    const asked = askGroup(before, group);
    if (known !== undefined && asked.entries.length < asked.answers.length) continue;
    const [first, ...rest] = asked.entries;
    if (first !== undefined) {
      if (!(await writeNext({ redis, keeping }, [first, ...rest], before))) continue;
      const { folded } = rest.at(-1) ?? first;
      logs.keep(folded);
      await onAppend(folded.state);
    }
    for (const answer of asked.answers) answer();
    return group.slice(asked.answers.length);
  }
}

interface AskedGroup {
  readonly entries: readonly NextEntry[];
  /** One for each who was asked. */
  readonly answers: readonly (() => void)[];
}

/** Asks one after the other, each with the state that the ones before it leave; a turn of the lock is the last or alone. */
function askGroup(before: Folded, group: readonly Waiting[]): AskedGroup {
  const entries: NextEntry[] = [];
  const answers: (() => void)[] = [];
  let folded = before;
  for (const { next, done, failed } of group) {
    const found = askOne(folded, next);
    if ('error' in found) {
      answers.push(() => failed(found.error));
      continue;
    }
    const { entry } = found;
    const type = entry?.event.type;
    if (type === 'RollbackRequested' && entries.length > 0) break;
    if (entry !== undefined) {
      entries.push(entry);
      ({ folded } = entry);
    }
    const { state } = folded;
    answers.push(() =>
      done(entry === undefined ? { run: state } : { run: state, event: entry.event }),
    );
    if (type === 'RollbackRequested' || type === 'RunEnded') break;
  }
  return { entries, answers };
}

/** What one has to say after those before it. Who throws is told so, and the others go on. */
function askOne(
  folded: Folded,
  next: Next,
): { readonly entry: NextEntry | undefined } | { readonly error: unknown } {
  try {
    const event = next(folded.state);
    return { entry: event === undefined ? undefined : entryAfter(folded, event) };
  } catch (error) {
    return { error };
  }
}
