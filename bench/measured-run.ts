import { setTimeout as sleep } from 'node:timers/promises';
import { openApproval } from '../sandbox/slack/find.ts';
import { pretendPeople } from '../sandbox/slack/people.ts';
import type { MeasuredProduct } from './measured-product.ts';

/** One run, from `/upgrade run` to its end. Times in ms as people and processes saw them. */
export interface MeasuredRun {
  readonly run: string;
  readonly outcome: string;
  /** From the command to the approval that can be read and pressed. */
  readonly askedMs: number;
  /** From the press to the end in the log. */
  readonly wallMs: number;
  /** From the press to the first and the last beginning of a step. */
  readonly firstStartMs: number;
  /** Processor seconds from the press to the end, of all processes together and of each. */
  readonly cpuSeconds: number;
  readonly cpuByPart: Readonly<Record<string, number>>;
  /** The same from the command to the press. */
  readonly askCpuSeconds: number;
  readonly events: number;
}

interface LoggedEvent {
  readonly type: string;
  readonly at: string;
  readonly outcome?: string;
}

export async function measureRun(
  product: MeasuredProduct,
  { cloud, runbook, limitMs = 300_000 }: { cloud: string; runbook: string; limitMs?: number },
): Promise<MeasuredRun> {
  const { workspace, redis } = product;
  const before = new Set(await redis.zrange('hopscotch:runs', '0', '-1'));
  const [beganMs, atFirst] = [Date.now(), product.seconds()];
  const text = `run ${cloud} ${runbook}`;
  await workspace.control.command({ user: pretendPeople.ann.id, text });
  const run = await until(limitMs, async () =>
    (await redis.zrevrange('hopscotch:runs', 0, 2)).find((id) => !before.has(id)),
  );
  const approval = await until(limitMs, async () =>
    openApproval(run)(await workspace.control.messages()),
  );
  const askedMs = Date.now() - beganMs;
  await sleep(500);
  const atPress = product.seconds();
  const pressedMs = Date.now();
  await workspace.control.click({
    user: pretendPeople.ben.id,
    ts: approval.ts,
    actionId: 'run.approve',
  });
  await until(
    limitMs,
    async () => (await redis.sismember('hopscotch:active', run)) === 0 || undefined,
  );
  const atEnd = product.seconds();
  const events = await eventsOf(product, run);
  const timesOf = (type: string): number[] =>
    events.filter((event) => event.type === type).map(({ at }) => Date.parse(at) - pressedMs);
  const cpuByPart = Object.fromEntries(
    Object.entries(atEnd).map(([part, seconds]) => [part, seconds - (atPress[part] ?? 0)]),
  );
  return {
    run,
    outcome: events.at(-1)?.outcome ?? 'none',
    askedMs,
    wallMs: timesOf('RunEnded')[0] ?? Number.NaN,
    firstStartMs: Math.min(...timesOf('StepStarted')),
    cpuSeconds: total(atEnd) - total(atPress),
    cpuByPart,
    askCpuSeconds: total(atPress) - total(atFirst),
    events: events.length,
  };
}

const total = (parts: Readonly<Record<string, number>>): number =>
  Object.values(parts).reduce((sum, seconds) => sum + seconds, 0);

async function eventsOf({ redis }: MeasuredProduct, run: string): Promise<LoggedEvent[]> {
  const entries = await redis.xrange(`hopscotch:run:${run}:events`, '-', '+');
  return entries.map(([, [, json = '']]) => JSON.parse(json));
}

/** What `look` finds, once it finds something. */
export async function until<T>(withinMs: number, look: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms`);
    await sleep(10);
  }
}
