import type { ComparedWith, PlanOddity } from '../../../jobs/run/review.ts';
import { fewNames, oneLineMrkdwn } from '../text.ts';
import { stepsText } from './numbers.ts';

/** What people should see before they approve, the gravest first; a line each. */
export const unusualLines = (oddities: readonly PlanOddity[]): string[] =>
  oddities
    .toSorted((a, b) => ORDER.indexOf(a.code) - ORDER.indexOf(b.code))
    .map((oddity) => oneLineMrkdwn(oddityText(oddity), 300));

const ORDER: readonly PlanOddity['code'][] = [
  'source',
  'added',
  'skipped',
  'changed',
  'content',
  'missing',
  'moved',
  'oneWay',
];

function oddityText(oddity: PlanOddity): string {
  switch (oddity.code) {
    case 'oneWay':
      return `${stepsText(oddity.steps)}: one-way`;
    case 'source':
      return `${stepsText(oddity.steps)}: packages from another place than usual: ${oddity.name}`;
    case 'added':
      return `${stepsText(oddity.steps)}: ${oddity.says}: ${NOT_IN[oddity.than]}`;
    case 'missing':
      return `missing: ${oddity.says}, ${WAS_IN[oddity.than]}`;
    case 'moved':
      return `${stepsText(oddity.steps)}: ${oddity.says}: elsewhere in the order than in ${PLACES[oddity.than]}`;
    case 'changed':
      return `${stepsText(oddity.steps)}: ${oddity.says}: ${oddity.setting} is ${oddity.is}, in ${PLACES[oddity.than]} ${oddity.was}`;
    case 'content':
      return `${stepsText(oddity.steps)}: ${oddity.path}: another content than in ${PLACES[oddity.than]}`;
    case 'skipped':
      return `left out: ${fewNames(oddity.hosts)}, which ${oddity.hosts.length === 1 ? 'goes' : 'go'} without what the other hosts of role ${oddity.role} get: ${fewNames(oddity.says, 2)}`;
  }
}

const PLACES: Readonly<Record<ComparedWith, string>> = {
  rehearsal: 'the rehearsal',
  approval: 'the last approval',
  history: 'earlier runs here',
};
const NOT_IN: Readonly<Record<ComparedWith, string>> = {
  rehearsal: 'not in the rehearsal',
  approval: 'not in what was approved before',
  history: 'not in earlier runs here',
};
const WAS_IN: Readonly<Record<ComparedWith, string>> = {
  rehearsal: 'which the rehearsal had',
  approval: 'which was approved before',
  history: 'which earlier runs here had',
};
