import { describe, expect, it } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ProjectExtract } from '../../../openstack/knowledge/extracts.ts';
import { schemaEnds } from '../../../openstack/knowledge/schemas.ts';
import { releaseNames } from '../../../openstack/knowledge/releases.ts';
import { knowledge, knowledgeDir } from '../known.ts';

const folder = join(knowledgeDir, 'extracts');
const extracts = readdirSync(folder).map((file) =>
  ProjectExtract.parse(JSON.parse(readFileSync(join(folder, file), 'utf8'))),
);
const databases = extracts.flatMap(({ project, databases: graphs }) =>
  Object.entries(graphs).map(([database, graph]) => ({ project, database, graph })),
);
const sorted = (rows: readonly string[]): string => rows.toSorted().join(' ');

describe('what is known, compared with what the projects tagged', () => {
  it.each(databases)('knows where each sync of $database ends', ({ database, graph }) => {
    const known = knowledge.heads[database]?.heads ?? {};
    const read = releaseNames.flatMap((release) => {
      const ends = graph.releases[release]?.toReversed();
      if (ends === undefined || known[release] === undefined) return [];
      return [[release, ends[0]?.by, ...new Set(ends.map(({ heads }) => sorted(heads)))]];
    });
    const said = releaseNames.flatMap((release) => {
      const head = known[release];
      if (head === undefined || graph.releases[release] === undefined) return [];
      return [[release, head.by, ...schemaEnds(head).map(sorted)]];
    });
    expect(said).toEqual(read);
  });

  it('names the releases whose ends no tag was read for', () => {
    const unread = Object.entries(knowledge.heads).flatMap(([database, { heads }]) =>
      releaseNames
        .filter((release) => heads[release] !== undefined)
        .filter(
          (release) =>
            databases.find((one) => one.database === database)?.graph.releases[release] ===
            undefined,
        )
        .map((release) => `${database} ${release}`),
    );
    expect(unread).toMatchInlineSnapshot(`
     [
       "barbican hibiscus",
       "cinder hibiscus",
       "designate hibiscus",
       "glance hibiscus",
       "heat hibiscus",
       "ironic hibiscus",
       "keystone hibiscus",
       "magnum hibiscus",
       "manila hibiscus",
       "neutron hibiscus",
       "nova hibiscus",
       "nova_api hibiscus",
       "nova_cell0 hibiscus",
       "octavia hibiscus",
       "octavia_persistence ussuri",
       "octavia_persistence victoria",
       "octavia_persistence wallaby",
       "octavia_persistence xena",
       "octavia_persistence yoga",
       "octavia_persistence zed",
       "octavia_persistence antelope",
       "octavia_persistence bobcat",
       "octavia_persistence caracal",
       "octavia_persistence dalmatian",
       "octavia_persistence epoxy",
       "octavia_persistence flamingo",
       "octavia_persistence gazpacho",
       "octavia_persistence hibiscus",
       "placement hibiscus",
     ]
    `);
  });

  it.each(extracts)('knows which versions of $project are of which release', (extract) => {
    const known = knowledge.versions[extract.project] ?? {};
    for (const release of releaseNames) {
      const [read, said] = [extract.versions[release], known[release]];
      if (read === undefined || said === undefined) continue;
      expect([release, ...said]).toEqual([release, ...read]);
    }
  });

  it('knows the number that each nova-compute writes', () => {
    const read = extracts.find(({ project }) => project === 'nova')?.serviceVersions ?? {};
    const { versions } = knowledge.floors.compute;
    const said = releaseNames.filter((release) => versions[release] !== undefined && read[release]);
    expect(said.map((release) => [release, versions[release]])).toEqual(
      said.map((release) => [release, read[release]?.version]),
    );
    expect(said.length).toBeGreaterThan(10);
  });
});
