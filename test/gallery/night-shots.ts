import type { ModalView } from '@slack/types';
import { moreModal } from '../../bot/views/card/more-modal.ts';
import { runCard } from '../../bot/views/card/run-card.ts';
import type { Message } from '../../bot/views/blocks.ts';
import { wordsModal } from '../../bot/views/modals.ts';
import { outputModal } from '../../bot/views/output/output-modal.ts';
import { priceLines } from '../../bot/views/rollback/price-lines.ts';
import { wakeMessage } from '../../bot/views/wake/wake-message.ts';
import { threadLines } from '../../bot/views/thread/thread.ts';
import { knownTimes } from '../../jobs/run/durations/estimates.ts';
import { timesOfRun } from '../../jobs/run/durations/run-times.ts';
import type { RunEvent, Work } from '../../jobs/run/events.ts';
import { evolve, fold } from '../../jobs/run/fold.ts';
import { needsOf } from '../../jobs/run/needs/needs.ts';
import type { Plan } from '../../jobs/run/plan.ts';
import type { LostThings } from '../../jobs/run/rollback/lost-things.ts';
import { rollbackMark } from '../../jobs/run/rollback/rollback-demand.ts';
import type { Run } from '../../jobs/run/run.ts';
import { rollbackPrice } from '../../jobs/run/rollback/rollback-price.ts';
import { failureRecogniser } from '../../openstack/repair/signature.ts';
import { playBack, playForward } from '../bot/night/played.ts';
import { knowledge } from '../openstack/known.ts';
import * as e from '../support/runs/events.ts';

const tail =
  'There are still 3 unmigrated flavor records. Migration cannot continue until all\ninstance flavor records have been migrated to the new format.\n';

type Shot = { name: string } & ({ message: Message } | { modal: ModalView });

/** What people see in the middle of a night: a run that goes on, one that failed, and what is behind their buttons. */
export function nightShots(plan: Plan): Shot[] {
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
    ...slowShots(begun, work, now),
    ...askedShots(broken, lost, now),
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

const people = { engineers: ['U000000ANN', 'S000000ENG'], approvers: ['S00000LEAD'] };
const look = { people, dates: 'plain', card: 'https://example.slack.com/archives/C0/p1' } as const;

/** Of what takes over twice its usual time: who is woken, and the card. */
function slowShots(begun: readonly RunEvent[], { step, host }: Work, now: string): Shot[] {
  const slow = e.foundSlow(step, { hosts: [host], usualMs: 7000 });
  const events = [...begun, { ...slow, at: now }];
  const need = needsOf(events).find(({ kind }) => kind === 'slow');
  const card = { name: 'night-slow', message: runCard(fold(events), now, 'plain') };
  return need === undefined
    ? [card]
    : [card, { name: 'night-slow-woken', message: wakeMessage(need, look) }];
}

/** Of a rollback that waits for its second person: who is woken, and the card with what was counted. */
function askedShots(broken: Run, lost: LostThings[], at: string): Shot[] {
  const price = rollbackPrice(broken);
  if (price === undefined) return [];
  const { to } = price;
  const mark = rollbackMark(broken, to);
  const asked = {
    ...e.rollbackProposed(to, { by: 'U000000ANN', mark, reason: 'it is 3 a.m.' }),
    at,
  };
  const run = evolve(evolve(broken, asked), { type: 'LossCounted', at, lost });
  const need = { kind: 'rollback', key: 'r', base: 'r', at, run } as const;
  return [
    { name: 'night-asked', message: runCard(run, at, 'plain') },
    { name: 'night-asked-woken', message: wakeMessage(need, look) },
  ];
}
