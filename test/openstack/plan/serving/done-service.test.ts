import { describe, expect, it } from '@jest/globals';
import { hostsOnCloud } from '../../../../jobs/files/runbook.ts';
import { planWarm, warmCloud } from '../../warm-cloud.ts';

const nothing = {
  isKnown: true,
  moves: [],
  installed: [{ source: 'glance', name: 'glance-api', version: '2:33.0.0-6' }],
  kept: [],
  lost: [],
  refused: [],
  unread: [],
};
const databases = { glance: { revision: '2024_1_contract01' } };
const move = { name: 'libc6', from: '2.42-5', to: '2.42-6' };
const kept = { name: 'glance-api', source: 'glance', by: 'pin' };

/** Steps on the image host, which has glance alone, and what the plan says of glance. */
function onImageHost(facts: object): { readonly steps: string[]; readonly said: string[] } {
  const { steps, overview } = planWarm(facts);
  return {
    steps: steps
      .filter(
        ({ on, title }) => hostsOnCloud(warmCloud, on).includes('img1') || /glance/.test(title),
      )
      .map(({ title }) => title),
    said: overview.filter((line) => /glance/.test(line) && !line.startsWith('Upgrade path')),
  };
}

describe('a service of the target release, on a host to which apt brings nothing', () => {
  it('has no part in the hop: it is neither stopped, dumped nor restarted, and the plan says so', () => {
    expect(onImageHost({ forecast: { img1: nothing }, databases })).toEqual({
      steps: [],
      said: [
        'Left as it is: glance. It is of Hibiscus already, and apt brings nothing to img1. It serves on, and no rollback changes it.',
      ],
    });
  });

  it.each([
    ['apt was not asked', {}, databases],
    ['apt could not say', { img1: { ...nothing, isKnown: false } }, databases],
    ['apt brings a package', { img1: { ...nothing, moves: [move] } }, databases],
    ['apt keeps one back', { img1: { ...nothing, kept: [kept] } }, databases],
    ['its schema was not looked at', { img1: nothing }, {}],
  ])('takes its turn where %s', (_why, forecast, schemas) => {
    const { steps, said } = onImageHost({ forecast, databases: schemas });
    expect(steps).toContain('Sid: stop glance-api');
    expect(said.join()).toContain('Ahead already: keystone');
  });
});
