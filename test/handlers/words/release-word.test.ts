import { describe, expect, it } from '@jest/globals';
import { byReleaseName, releaseWord } from '../../../handlers/words/release-word.ts';
import { knowledge } from '../../openstack/known.ts';

describe('the word for a release', () => {
  it('is its name, however it is written', () => {
    for (const word of ['caracal', 'Caracal', ' CARACAL ', '2024.1'])
      expect(releaseWord(word)).toBe('caracal');
    for (const word of ['juno', 'Juno']) expect(releaseWord(word)).toBe('juno');
    expect(releaseWord('2024.3')).toBe('2024.3');
    expect(releaseWord('2015.1')).toBe('2015.1');
  });

  it.each(knowledge.series.flatMap(({ name, release }) => (release ? [[release, name]] : [])))(
    'is known for every number that upstream has given: %s',
    (number, name) => {
      expect(releaseWord(number)).toBe(name);
    },
  );

  it('is what people keep by release gets, where it is the only one of its release', () => {
    expect(byReleaseName({ '2024.1': 1, Epoxy: 2, zed: 3 })).toEqual({
      caracal: 1,
      epoxy: 2,
      zed: 3,
    });
    expect(byReleaseName({ caracal: 1, '2024.1': 2 })).toEqual({ caracal: 1, '2024.1': 2 });
  });
});
