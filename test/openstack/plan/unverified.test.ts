import { describe, expect, it } from '@jest/globals';
import { CloudFacts } from '../../../openstack/cloud/facts.ts';
import { planUpgrade } from '../../../openstack/plan/planner.ts';
import { largeCloud, smallCloud } from '../clouds-today.ts';
import { knowledge } from '../known.ts';

const facts = CloudFacts.parse({});

describe('what no source was to be read for', () => {
  it('is said before a hop that depends on it is approved, and in the overview', () => {
    const cloud = smallCloud('epoxy', 'trixie');
    const { overview, steps } = planUpgrade({ knowledge, cloud, facts, target: 'flamingo' });
    const note = /^Flamingo on trixie: not verified by its archive: .*keystone/;

    expect(overview).toContainEqual(expect.stringMatching(note));
    expect(steps[0]?.notes).toContainEqual(expect.stringMatching(note));
  });

  it('is not said where the archive was read', () => {
    const cloud = largeCloud('caracal', 'noble', 3);
    const { description } = planUpgrade({ knowledge, cloud, facts, target: 'epoxy' });

    expect(description).not.toContain('not verified by its archive');
  });

  it('is said once of a check that fails by itself, and no step asks it', () => {
    const cloud = smallCloud('victoria', 'bullseye');
    const { description, steps } = planUpgrade({ knowledge, cloud, facts, target: 'wallaby' });
    const checks = steps.filter(({ kind }) => kind === 'upgrade-check');

    expect(
      String(description).split('glance-status upgrade check of Victoria is left out'),
    ).toHaveLength(2);
    expect(checks.map(({ id }) => id)).not.toContain('wallaby-glance-check-before');
    expect(checks.map(({ id }) => id)).toContain('wallaby-glance-check-after');
  });

  it('stands as data where the source says so', () => {
    for (const { series } of Object.values(knowledge.services))
      for (const { source, unverified = [] } of Object.values(series))
        expect([source, unverified.length > 0]).toEqual([source, source.includes('unverified')]);
  });
});
