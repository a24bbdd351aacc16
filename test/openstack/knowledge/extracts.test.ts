import { describe, expect, it } from '@jest/globals';
import type { Knowledge } from '../../../openstack/knowledge/knowledge.ts';
import { releaseNames } from '../../../openstack/knowledge/releases.ts';
import { knowledge } from '../known.ts';
import { extractDifferences, extracts } from './comparison.ts';

const databases = extracts.flatMap(({ project, databases: graphs }) =>
  Object.entries(graphs).map(([database, graph]) => ({ project, database, graph })),
);

describe('what is known, compared with what the projects tagged', () => {
  it('differs in nothing', () => {
    expect(extractDifferences(knowledge)).toEqual([]);
  });

  it('was read of most that is known', () => {
    expect(databases.length).toBeGreaterThanOrEqual(16);
    for (const { database, graph } of databases)
      expect([database, Object.keys(graph.releases).length > 8]).toEqual([database, true]);
  });

  it('could be compared for each end that is known, but those of which it is said why not', () => {
    const unread = Object.entries(knowledge.heads).flatMap(([database, { heads }]) => {
      // Nothing of a release that is still to come is tagged.
      const read = databases.find((one) => one.database === database)?.graph.releases ?? {};
      return releaseNames
        .filter((release) => heads[release] !== undefined && read[release] === undefined)
        .filter(
          (release) => knowledge.series.find(({ name }) => name === release)?.status !== 'future',
        )
        .map((release) => `${database} ${release}`);
    });
    expect(unread.filter((one) => notComparable.every(({ what }) => !what.test(one)))).toEqual([]);
    expect(notComparable.filter(({ what }) => !unread.some((one) => what.test(one)))).toEqual([]);
  });
});

const notComparable: readonly { readonly what: RegExp; readonly why: string }[] = [
  {
    what: / hibiscus$/,
    why: "The clones are of August 2026, its tags of 30 September. The known ends were read of the distributions' packages; master of August ended at the same, save one branch of neutron, which went on.",
  },
  {
    what: /^gnocchi /,
    why: "gnocchi has releases of its own and no tag of a cycle: which one a cycle's archives carried no tag says. Its own tags end at 1e1a63d3d186 from 4.0.0, 04eba72e4f90 from 4.3.5, f89ed2e3c2ec at 4.7.0, which each known end names.",
  },
];

describe('a figure that is altered', () => {
  const foundIn = (altered: Knowledge): string[] => extractDifferences(altered);

  it.each(databases)('is found in each end of $database', ({ database, graph }) => {
    const known = knowledge.heads[database];
    if (known === undefined) throw new Error(`${database} is not known`);
    const read = releaseNames.filter((release) => graph.releases[release] !== undefined);
    for (const release of read.filter((one) => known.heads[one] !== undefined)) {
      const head = { by: 'alembic' as const, heads: ['0123456789ab'], source: 'altered' };
      const heads = { ...known.heads, [release]: head };
      const altered = { ...knowledge.heads, [database]: { ...known, heads } };

      expect(foundIn({ ...knowledge, heads: altered })).toHaveLength(1);
    }
  });

  it.each(extracts)('is found in each version of $project', ({ project, versions: read }) => {
    const known = knowledge.versions[project] ?? {};
    for (const release of releaseNames) {
      if (read[release] === undefined || known[release] === undefined) continue;
      const altered = { ...known, [release]: ['0.0.1', '0.0.2'] as [string, string] };

      expect(
        foundIn({ ...knowledge, versions: { ...knowledge.versions, [project]: altered } }),
      ).toHaveLength(1);
    }
  });

  it('is found in the number that nova-compute writes, and in its floors', () => {
    const { floors } = knowledge;
    const versions = { ...floors.compute.versions, caracal: 1 };
    const virt = { ...floors.virt, bobcat: { libvirt: '1.0', qemu: '5.2.0', source: 'altered' } };

    expect(
      foundIn({ ...knowledge, floors: { ...floors, compute: { ...floors.compute, versions } } }),
    ).toEqual(['nova caracal service version: 1, read: 67']);
    expect(foundIn({ ...knowledge, floors: { ...floors, virt } })).toEqual([
      'nova bobcat libvirt and QEMU: 1.0 and 5.2.0, read: 7.0.0 and 5.2.0',
    ]);
  });

  it('is found in a check that a release is said not to have', () => {
    const { keystone } = knowledge.services;
    const made = keystone?.series.stein;
    if (keystone === undefined || made === undefined) throw new Error('no keystone of Stein');
    const { upgradeCheck: _check, ...without } = made;
    const altered = { ...keystone, series: { ...keystone.series, stein: without } };

    expect(
      foundIn({ ...knowledge, services: { ...knowledge.services, keystone: altered } }),
    ).toEqual(['keystone stein keystone-status: absent, read: there']);
  });
});
