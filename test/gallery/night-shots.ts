import type { ModalView } from '@slack/types';
import { moreModal } from '../../bot/views/card/more-modal.ts';
import { runCard } from '../../bot/views/card/run-card.ts';
import type { Message } from '../../bot/views/blocks.ts';
import { wordsModal } from '../../bot/views/modals.ts';
import { outputModal } from '../../bot/views/output/output-modal.ts';
import { priceLines } from '../../bot/views/rollback/price-lines.ts';
import { threadLines } from '../../bot/views/thread/thread.ts';
import { knownTimes } from '../../jobs/run/durations/estimates.ts';
import { timesOfRun } from '../../jobs/run/durations/run-times.ts';
import { fold } from '../../jobs/run/fold.ts';
import type { Plan } from '../../jobs/run/plan.ts';
import { rollbackPrice } from '../../jobs/run/rollback/rollback-price.ts';
import { failureRecogniser } from '../../openstack/repair/signature.ts';
import { playBack, playForward } from '../bot/night/played.ts';
import { knowledge } from '../openstack/known.ts';
import * as e from '../support/runs/events.ts';

const tail =
  'There are still 3 unmigrated flavor records. Migration cannot continue until all\ninstance flavor records have been migrated to the new format.\n';

/** What people see in the middle of a night: a run that goes on, one that failed, and what is behind their buttons. */
export function nightShots(
  plan: Plan,
): ({ name: string } & ({ message: Message } | { modal: ModalView }))[] {
  const forward = playForward(plan);
  const learned = timesOfRun(fold(playBack(forward)));
  const times = knownTimes(learned === undefined ? [] : [learned, learned], plan.cloud);
  const at = forward.findIndex(
    (event) =>
      event.type === 'StepStarted' &&
      plan.steps.some(
        ({ id, purpose, service }) =>
          id === event.work.step && purpose === 'sync-schema' && service === 'nova',
      ),
  );
  const begun = forward.slice(0, at + 1);
  const last = begun.at(-1);
  if (last?.type !== 'StepStarted') return [];
  const { work } = last;
  const end = Date.parse(last.at);
  const failure = {
    ...e.failed(work, { tail, reason: undefined, hint: undefined }),
    at: new Date(end + 9000).toISOString(),
  };
  const broken = fold([...begun, failure]);
  const now = new Date(end + 20_000).toISOString();
  const recognise = failureRecogniser(knowledge);
  const price = rollbackPrice(broken);
  const lost = [
    { what: 'servers' as const, made: 3, deleted: 1 },
    { what: 'users' as const, made: 1 },
  ];
  const value = { run: broken.id, seen: 'any', choice: '' };
  const [stage] = threadLines([...begun, failure], { dates: 'plain' }).slice(-2);
  return [
    {
      name: 'night-running',
      message: runCard(fold(begun), now, 'plain', recognise, undefined, times),
    },
    { name: 'night-failed', message: runCard(broken, now, 'plain', recognise, undefined, times) },
    ...(stage === undefined ? [] : [{ name: 'night-stage', message: stage }]),
    { name: 'night-more', modal: { ...moreModal(broken, recognise), private_metadata: '{}' } },
    { name: 'night-output', modal: outputModal(broken, { ...work, query: '' }, tail) },
    ...(price === undefined
      ? []
      : [
          {
            name: 'night-rollback',
            modal: {
              ...wordsModal('rollback', value, {
                run: broken,
                price: priceLines(price, { now, lost, takesMs: 240_000 }),
              }),
              private_metadata: '{}',
            },
          },
        ]),
  ];
}
