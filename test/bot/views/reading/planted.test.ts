import { describe, expect, it } from '@jest/globals';
import { planDifferences, comparablePlan } from '../../../../jobs/reading/compare.ts';
import { drawnMessage } from '../../../support/slack/drawn.ts';
import { approvalsOf } from './approvals-of.ts';
import { plantedUpgrade } from './planted.ts';

const { plan, known, rehearsal } = plantedUpgrade();
const review = {
  oddities: planDifferences(comparablePlan(plan), comparablePlan(rehearsal), 'rehearsal'),
};
const messages = approvalsOf(plan, known, review).map(({ message }) => drawnMessage(message));

describe('three dangerous changes in the approvals of Yoga to 2023.1', () => {
  it.each([
    ['another package source', /packages from another place than usual: http:\/\/evil\.example/],
    ['one more file', /write \/etc\/cron\.d\/x: not in the rehearsal/],
    ['a compute that was left out', /left out: cmp17, which goes without/],
  ])('%s stands on the one screen of its approval', (_what, says) => {
    expect(messages.filter((text) => says.test(text))).toHaveLength(1);
  });

  it('nothing else is unusual', () => {
    expect(messages.filter((text) => text.includes('*Unusual*  nothing unusual')).length).toBe(
      messages.length - 2,
    );
  });
});
