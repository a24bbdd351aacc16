import { describe, expect, it } from '@jest/globals';
import { computeFloor, isBelowFloor } from '../../../openstack/path/floors.ts';
import { beginsAtRelease, isForHop } from '../../../openstack/knowledge/hop-span.ts';
import { knownIssues } from '../../../openstack/plan/known-of-plan.ts';
import { knowledge } from '../known.ts';

describe('the hops that a rule is for', () => {
  it.each([
    ['juno', 'kilo', true],
    ['kilo', 'liberty', false],
    ['juno', 'liberty', false],
  ] as const)('named ones: %s to %s: %s', (from, to, is) => {
    expect(isForHop([['juno', 'kilo']], { from, to })).toBe(is);
  });

  it.each([
    ['bobcat', 'caracal', true],
    ['antelope', 'caracal', true],
    ['zed', 'epoxy', true],
    ['caracal', 'epoxy', false],
    ['antelope', 'bobcat', false],
  ] as const)('those that reach or pass Caracal: %s to %s: %s', (from, to, is) => {
    expect(isForHop({ into: 'caracal' }, { from, to })).toBe(is);
  });

  it.each([
    ['queens', 'rocky', true],
    ['xena', 'yoga', true],
    ['yoga', 'zed', false],
    ['pike', 'queens', false],
  ] as const)('those from Queens up to Yoga: %s to %s: %s', (from, to, is) => {
    expect(isForHop({ since: 'queens', until: 'yoga' }, { from, to })).toBe(is);
  });

  it('begin somewhere when they are named', () => {
    expect(beginsAtRelease([['kilo', 'liberty']], 'kilo')).toBe(true);
    expect(beginsAtRelease([['kilo', 'liberty']], 'liberty')).toBe(false);
    expect(beginsAtRelease({ into: 'caracal' }, 'bobcat')).toBe(false);
  });
});

describe('the floor of computes', () => {
  it('is missed where Zed goes straight to Epoxy', () => {
    const hop = { from: 'zed', to: 'epoxy' } as const;

    expect(computeFloor(knowledge, hop)).toMatchObject({
      oldest: 'caracal',
      version: 66,
      found: 64,
    });
    expect(isBelowFloor(knowledge, hop)).toBe(true);
  });

  it('is kept on every supported hop', () => {
    const { series } = knowledge;
    const names = series.map(({ name }) => name);
    const next = names.slice(1).map((to, index) => ({ from: names[index] ?? to, to }));
    const slurps = series.filter(({ slurp }) => slurp).map(({ name }) => name);
    const skips = slurps.slice(1).map((to, index) => ({ from: slurps[index] ?? to, to }));

    expect([...next, ...skips].filter((hop) => isBelowFloor(knowledge, hop))).toEqual([]);
    const upToHibiscus = next.slice(0, names.indexOf('hibiscus'));
    expect(
      upToHibiscus.map((hop) => computeFloor(knowledge, hop)?.version).filter(Boolean),
    ).toHaveLength(12);
  });

  it('is not judged where nobody knows the number', () => {
    expect(isBelowFloor(knowledge, { from: 'ussuri', to: 'wallaby' })).toBe(false);
    expect(computeFloor(knowledge, { from: 'queens', to: 'rocky' })).toBeUndefined();
  });
});

const about = (codename: string, services = ['horizon', 'nova']) =>
  knownIssues(knowledge, { from: 'caracal', to: 'epoxy' }, { services, codename }).map(
    ({ id }) => id,
  );

describe('known issues', () => {
  it('are those of the services, the hop and the distribution', () => {
    expect(about('trixie')).toContain('dashboard-debian-13');
    expect(about('bookworm')).not.toContain('dashboard-debian-13');
    expect(about('noble')).toEqual(expect.arrayContaining(['spice-noble', 'nova-info-cache']));
    expect(about('noble')).not.toContain('debconf-syncs');
    expect(about('bookworm')).toContain('debconf-syncs');
    expect(about('noble')).not.toContain('service-role');
    expect(about('noble', ['keystone'])).not.toContain('nova-info-cache');
  });
});
