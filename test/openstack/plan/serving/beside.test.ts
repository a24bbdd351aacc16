import { describe, expect, it } from '@jest/globals';
import { CloudFacts } from '../../../../openstack/cloud/facts.ts';
import { planUpgrade } from '../../../../openstack/plan/planner.ts';
import { largeCloud } from '../../clouds-today.ts';
import { knowledge } from '../../known.ts';
import { planWarm } from '../../warm-cloud.ts';

/** What each hop says of who serves beside whom. */
const saidOn = (series: string, codename: string, target: string): string[] =>
  planUpgrade({
    knowledge,
    cloud: largeCloud(series, codename, 3),
    facts: CloudFacts.parse({}),
    target,
  }).steps.flatMap(({ notes = [] }) => notes.filter((one) => /beside each other/.test(one)));

const cold = (names: string): string =>
  `Nobody says that both releases of these may serve beside each other, so they are down from the stop of the old one to the start of the new one: ${names}.`;

describe('who serves beside its next release', () => {
  it('is not keystone where its schema is contracted, or its cache cannot be read, nor whom Apache serves with it', () => {
    expect(saidOn('yoga', 'jammy', 'antelope').filter((one) => one.startsWith('Nobody'))).toEqual([
      // From numbers to alembic's revisions.
      cold('keystone, placement, glance, horizon'),
      cold('keystone, placement, glance, horizon'),
    ]);
    expect(
      saidOn('caracal', 'noble', 'dalmatian').filter((one) => one.startsWith('Nobody')),
    ).toEqual([cold('glance')]);
  });

  it('is nobody over two releases at once', () => {
    expect(saidOn('caracal', 'noble', 'epoxy')).toEqual([
      cold('keystone, placement, glance, nova, neutron, horizon'),
    ]);
  });

  it('is everybody of the warm cloud, whose approval says what is not contracted', () => {
    const notes = planWarm().steps.flatMap((step) => step.notes ?? []);

    expect(notes).toContain(
      'No migration of this hop contracts a schema of keystone, neutron, so they are only expanded, while the old release serves.',
    );
    expect(notes.filter((one) => one.startsWith('Nobody'))).toEqual([]);
  });
});
