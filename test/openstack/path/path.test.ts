import { describe, expect, it } from '@jest/globals';
import { hopOf, isLegalHop, releasePath } from '../../../openstack/path/path.ts';
import { knowledge } from '../known.ts';

const way = (from: string, to: string): string[] => {
  const { hops } = releasePath(from, to, knowledge);
  return [...hops.map((hop) => hop.from), ...hops.slice(-1).map((hop) => hop.to)];
};

describe('a hop', () => {
  it('of releases bears the name of the later one', () => {
    expect(hopOf({ from: 'juno', to: 'kilo', rule: 'next-release' })).toMatchObject({
      titles: { from: 'Juno', to: 'Kilo' },
      crosses: false,
      mark: 'kilo',
    });
  });

  it('of the distribution alone bears the name of its release', () => {
    const codenames = { from: 'bullseye', to: 'bookworm' };
    expect(hopOf({ from: 'zed', to: 'zed', rule: 'distribution', codenames })).toMatchObject({
      releases: 0,
      crosses: true,
      mark: 'bookworm',
    });
  });

  it('follows another one with words of its own', () => {
    const first = hopOf({ from: 'zed', to: 'antelope', rule: 'next-release' });
    expect(hopOf({ ...first, to: 'caracal' })).toMatchObject({
      titles: { from: 'Zed', to: 'Caracal' },
      releases: 3,
      mark: 'caracal',
    });
  });
});

describe('the road', () => {
  it('from Juno to Liberty leads through Kilo', () => {
    expect(releasePath('juno', 'liberty', knowledge).hops).toEqual([
      hopOf({ from: 'juno', to: 'kilo', rule: 'next-release' }),
      hopOf({ from: 'kilo', to: 'liberty', rule: 'next-release' }),
    ]);
    expect(isLegalHop('juno', 'liberty', knowledge)).toBe(false);
  });

  it('bears the names of its ends, however they are written', () => {
    expect(releasePath('Zed', '2025.1', knowledge)).toMatchObject({
      from: 'zed',
      to: 'epoxy',
      titles: { from: 'Zed', to: 'Epoxy' },
    });
  });

  it.each([
    ['2023.1', '2025.1', ['antelope', 'caracal', 'epoxy']],
    ['Zed', '2025.1', ['zed', 'antelope', 'caracal', 'epoxy']],
    ['yoga', 'antelope', ['yoga', 'zed', 'antelope']],
    ['bobcat', 'epoxy', ['bobcat', 'caracal', 'epoxy']],
    ['caracal', 'flamingo', ['caracal', 'epoxy', 'flamingo']],
    ['queens', 'stein', ['queens', 'rocky', 'stein']],
    ['kilo', 'kilo', []],
  ])('from %s to %s is the shortest legal one', (from, to, hops) => {
    expect(way(from, to)).toEqual(hops);
  });

  it('never passes a release where two hops are one too many or one too few', () => {
    expect(isLegalHop('zed', 'epoxy', knowledge)).toBe(false);
    expect(isLegalHop('caracal', 'epoxy', knowledge)).toBe(true);
    expect(isLegalHop('dalmatian', 'flamingo', knowledge)).toBe(false);
  });

  it('does not lead back', () => {
    expect(() => way('liberty', 'juno')).toThrow(
      expect.objectContaining({
        name: 'NoDowngrade',
        message: expect.stringContaining('Liberty to Juno'),
      }),
    );
  });

  it('names the releases there are when it knows none of that name', () => {
    expect(() => way('juno', 'libery')).toThrow(
      expect.objectContaining({
        name: 'UnknownRelease',
        message: expect.stringContaining('juno, kilo, liberty, mitaka'),
        hint: 'Did you mean liberty?',
      }),
    );
  });
});
