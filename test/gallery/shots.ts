import type { ModalView } from '@slack/types';
import type { Message } from '../../bot/views/blocks.ts';
import { doneAnswer, errorAnswer, refusedAnswer, startedAnswer } from '../../bot/views/answers.ts';
import { runCard } from '../../bot/views/card/run-card.ts';
import { helpMessage } from '../../bot/views/help.ts';
import { wordsModal } from '../../bot/views/modals.ts';
import { diffsModal } from '../../bot/views/reading/diffs-modal.ts';
import { readingModal } from '../../bot/views/reading/reading-modal.ts';
import { runList, runStatus } from '../../bot/views/status.ts';
import { unifiedDiff } from '../../handlers/contract/diff.ts';
import { comparablePlan, planDifferences } from '../../jobs/reading/compare.ts';
import type { PlanReview } from '../../jobs/run/review.ts';
import { approvalsOf } from '../bot/views/reading/approvals-of.ts';
import { measuredPlans } from '../bot/views/reading/measured-plans.ts';
import { plantedUpgrade } from '../bot/views/reading/planted.ts';
import { nightShots } from './night-shots.ts';
import { after } from '../support/runs/events.ts';
import { runStates } from '../support/runs/run-states.ts';

/** One picture: a message, or a window. */
export type GalleryShot = { readonly name: string } & (
  | {
      readonly message: Message;
      /** It is behind another one, in a thread: it may be longer than a screen. */
      readonly isBehind?: boolean;
    }
  | { readonly modal: ModalView }
);

/** Every state of a run, every window, and the answers that people get. */
export function galleryShots(): readonly GalleryShot[] {
  const [juno] = measuredPlans();
  const night = juno === undefined ? [] : nightShots(juno.plan);
  return [...cards(), ...night, ...approvals(), ...windows(), ...answers()];
}

const now = after(700);

const cards = (): GalleryShot[] =>
  Object.entries(runStates).flatMap(([name, run]) => [
    { name: `card-${name}`, message: runCard(run, now, 'plain') },
    { name: `status-${name}`, message: runStatus(run, now, 'plain') },
  ]);

function approvals(): GalleryShot[] {
  const { plan, known, rehearsal } = plantedUpgrade();
  const review: PlanReview = {
    oddities: planDifferences(comparablePlan(plan), comparablePlan(rehearsal), 'rehearsal'),
    rehearsed: {
      run: 'b7c2d9',
      cloud: 'lab-2',
      at: after(-3 * 24 * 3600),
      steps: rehearsal.steps.length,
      isRolledBack: true,
    },
  };
  const planted = approvalsOf(plan, known, review);
  const honest = measuredPlans().map(({ plan: one, known: of }) => approvalsOf(one, of));
  return [
    ...planted.map(({ message }, index) => ({ name: `planted-${two(index)}`, message })),
    ...honest.flatMap((all, which) =>
      all.flatMap(({ message, reading }, index) => [
        { name: `approval-${which + 1}-${two(index)}`, message },
        ...reading.map((part, page) => ({
          name: `reading-${which + 1}-${two(index)}-${page + 1}`,
          message: part,
          isBehind: true,
        })),
      ]),
    ),
  ];
}

const two = (index: number): string => `${index + 1}`.padStart(2, '0');

const pretendDiffs = [
  {
    step: 26,
    says: 'write /etc/keystone/keystone.conf',
    hosts: ['ctl1', 'ctl2', 'ctl3'],
    changes: unifiedDiff(
      '[DEFAULT]\nverbose = true\n[token]\nprovider = uuid\n',
      '[DEFAULT]\n[token]\nprovider = fernet\nexpiration = 3600\n',
      { from: '/etc/keystone/keystone.conf', to: '/etc/keystone/keystone.conf' },
    ),
  },
  { step: 27, says: 'write /etc/nova/nova.conf', hosts: ['cmp1'], changes: '' },
  { step: 28, says: 'write /etc/nova/nova.conf', hosts: ['cmp2'], problem: 'no answer' },
];

function windows(): GalleryShot[] {
  const [juno] = measuredPlans();
  const [first] = juno === undefined ? [] : approvalsOf(juno.plan, juno.known);
  const value = { run: '7f3a12', seen: 'any' };
  return [
    ...(first === undefined
      ? []
      : [1, 2].map((page) => ({
          name: `window-read-all-${page}`,
          modal: readingModal(first.run, first.gate, { page, known: juno?.known }),
        }))),
    ...(first === undefined
      ? []
      : [
          {
            name: 'window-file-diffs',
            modal: diffsModal(first.run, { gate: first.gate, page: 1 }, pretendDiffs),
          },
        ]),
    ...(['reject', 'skip', 'done'] as const).map((name) => ({
      name: `window-${name}`,
      modal: { ...wordsModal(name, value), private_metadata: '{}' },
    })),
  ];
}

const answers = (): GalleryShot[] => [
  { name: 'answer-help', message: helpMessage(undefined) },
  { name: 'answer-started', message: startedAnswer(runStates.checking) },
  { name: 'answer-approved', message: doneAnswer(runStates.asking, { name: 'approve' }) },
  { name: 'answer-rejected', message: doneAnswer(runStates.nothingDone, { name: 'reject' }) },
  {
    name: 'answer-refused',
    message: refusedAnswer(
      { refused: 'stale', reason: 'the exact words of what it asks for are gone from its thread' },
      {},
    ),
  },
  {
    name: 'answer-error',
    message: errorAnswer({
      message: 'there is no run 7f3a13',
      hint: '/upgrade status lists the runs.',
    }),
  },
  { name: 'answer-runs', message: runList(Object.values(runStates).slice(0, 8), now, 'plain') },
];
