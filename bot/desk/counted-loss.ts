// What a rollback of two people loses, counted when it is asked for and again when it is confirmed.
import { type LostThings, moreLost } from '../../jobs/run/rollback/lost-things.ts';
import { type RollbackPrice, rollbackPrice } from '../../jobs/run/rollback/rollback-price.ts';
import type { ProposedRollback, Run } from '../../jobs/run/run.ts';
import type { Press } from '../actions/press.ts';
import { moreLostText, priceLines } from '../views/rollback/price-lines.ts';
import type { CloudDesk } from './desk.ts';

type Desk = Pick<CloudDesk, 'store' | 'countLost' | 'now'>;

/** Notes what the rollback that waits would lose now. Undefined where none waits, no database goes back, or none tells. */
export async function noteLoss(
  run: Run,
  desk: Desk,
  price = priceOfProposed(run),
): Promise<readonly LostThings[] | undefined> {
  const { proposed } = run;
  if (price?.lostSince === undefined) return undefined;
  const lost = await desk.countLost(run, price);
  if (lost === undefined || lost.length === 0) return undefined;
  await desk.store.append(run.id, (state) =>
    state.proposed?.at === proposed?.at
      ? { type: 'LossCounted', at: desk.now(), lost: [...lost] }
      : undefined,
  );
  return lost;
}

const priceOfProposed = (run: Run): RollbackPrice | undefined =>
  run.proposed === undefined ? undefined : rollbackPrice(run, run.proposed.to);

export interface LossAtConfirm {
  /** What to tell who confirms. Plain text; times are ISO 8601. */
  readonly price?: string;
  /** Why it does not begin yet: much more is lost than this person can have read. */
  readonly changed?: string;
}

/** What the rollback that is about to be confirmed loses now, beside what was known when the person pressed. */
export async function lossAtConfirm(
  run: Run,
  { at }: Pick<Press, 'at'>,
  desk: Desk,
): Promise<LossAtConfirm> {
  const price = priceOfProposed(run);
  if (run.proposed === undefined || price === undefined) return {};
  const known = knownAt(run.proposed, at);
  const lost = await noteLoss(run, desk, price);
  const look = { now: desk.now(), lost: lost ?? ('not counted' as const) };
  const lines = priceLines(price, price.lostSince === undefined ? { now: look.now } : look);
  const more = known === undefined || lost === undefined ? [] : moreLost(known, lost);
  return {
    price: lines.join('\n'),
    ...(more.length > 0 && {
      changed: `more would be lost than when that was said last: ${moreLostText(more)}. ${lines.find((line) => line.startsWith('LOST')) ?? ''}. Confirm again if it is still right: /upgrade approve ${run.id}`,
    }),
  };
}

/** A press that is done again after a crash knows no more than it did the first time. */
const knownAt = ({ counts = [] }: ProposedRollback, at: string) =>
  counts.findLast((count) => count.at <= at)?.lost;
