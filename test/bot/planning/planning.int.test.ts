import { describe, expect, it } from '@jest/globals';
import { planAside, planInPlace } from '../../../bot/planning/planning.ts';
import { OperatorError } from '../../../handlers/contract/errors.ts';
import { CloudFacts } from '../../../openstack/cloud/facts.ts';
import { largeCloud } from '../../openstack/clouds-today.ts';
import { knowledge } from '../../openstack/known.ts';

const cloud = largeCloud('caracal', 'jammy', 3);
const facts = CloudFacts.parse({});

describe('planning in a thread', () => {
  it('plans, compares and draws to the byte what is planned, compared and drawn in place', async () => {
    const both = await Promise.all(
      [planAside(), planInPlace(knowledge)].map(async (desk) => {
        const made = await desk.plan({ cloud, facts, target: 'gazpacho' });
        const run = { run: 'a1b2c3', at: '2026-12-01T00:00:00.000Z', isRolledBack: true };
        const steps = made.plan.steps.slice(1);
        const earlier = { ...run, plan: { ...made.plan, steps } };
        const shown = { ...made, found: { silent: [] }, cloud, by: 'UANN', starts: 'start it' };
        return {
          made,
          review: await desk.review(made.plan, { rehearsal: earlier, here: [earlier] }),
          drawn: await desk.draw(shown),
          words: await desk.drawWords(shown, 'no files'),
        };
      }),
    );

    expect(both[0]?.review.oddities).not.toEqual([]);
    expect(JSON.stringify(both[0])).toBe(JSON.stringify(both[1]));
  });

  it('refuses with the same words for people', async () => {
    const refusals = await Promise.all(
      [planAside(), planInPlace(knowledge)].map(({ plan }) =>
        plan({ cloud, facts, target: 'caracal' }).catch((error: unknown) => error),
      ),
    );
    for (const refusal of refusals) expect(refusal).toBeInstanceOf(OperatorError);
    const [aside, inPlace] = refusals.map(
      (refusal) => `${String(refusal)} ${JSON.stringify(refusal)}`,
    );

    expect(aside).toBe(inPlace);
  });
});
