import type { ModalView } from '@slack/types';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { rollbackMs } from '../../jobs/run/durations/estimates.ts';
import { rollbackPrice } from '../../jobs/run/rollback/rollback-price.ts';
import type { Run } from '../../jobs/run/run.ts';
import { buttonValueOf } from '../actions/buttons.ts';
import { type Press, modalMetadata } from '../actions/press.ts';
import { type WordsLook, isWordedAction, wordsModal } from '../views/modals.ts';
import { type PriceLook, priceLines } from '../views/rollback/price-lines.ts';
import { sentenceMrkdwn } from '../views/text.ts';
import type { CloudDesk } from './desk.ts';
import { mayRead, rightsOnRun } from './rights.ts';

/**
 * Says in a window that asks for words what there was no time for when it opened: the step, and what a rollback costs, first
 * without, then with what was made and deleted since. Whoever may not read the run sees nothing of it.
 */
export async function fillWordsWindow(
  press: Press,
  desk: CloudDesk,
  show: (view: ModalView) => Promise<void>,
): Promise<void> {
  const name = press.action?.replace(/^run\./, '') ?? '';
  const value = buttonValueOf(press.value);
  if (!isWordedAction(name) || value === undefined) return;
  const run = await readable(value.run, press, desk);
  if (run === undefined) return;
  const draw = (look: WordsLook): Promise<void> =>
    show({ ...wordsModal(name, value, look), private_metadata: modalMetadata(press) });
  const price = name === 'rollback' ? rollbackPrice(run) : undefined;
  if (price === undefined) return draw({ run });
  const takesMs = rollbackMs(run, await desk.times.of(run.plan.cloud));
  const withLost = (lost: PriceLook['lost']): Promise<void> => {
    const lines = priceLines(price, { now: desk.now(), lost, takesMs });
    const shown = lines.map((line) => sentenceMrkdwn(line, { dates: desk.dates, max: 400 }));
    return draw({ run, price: shown });
  };
  if (price.lostSince === undefined) return withLost(undefined);
  await withLost('being counted');
  return withLost((await desk.countLost(run, price)) ?? 'not counted');
}

async function readable(id: string, press: Press, desk: CloudDesk): Promise<Run | undefined> {
  try {
    const { run, rights } = await rightsOnRun(id, press, desk);
    return mayRead(rights) ? run : undefined;
  } catch (error) {
    if (error instanceof OperatorError) return undefined;
    throw error;
  }
}
