import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  compareReleases,
  releaseNames,
  releaseTitle,
} from '../../../openstack/knowledge/releases.ts';
import { releaseOfVersion } from '../../../handlers/packages/release-of-version.ts';
import { knowledge, knowledgeDir } from '../known.ts';
import type { z } from 'zod';
import { readYaml } from '../../../jobs/files/yaml.ts';
import { loadKnowledge } from '../../../openstack/knowledge/load.ts';

/** The last release whose services are known. */
const newest = releaseNames.findLast((name) =>
  Object.values(knowledge.services).some(({ series }) => series[name] !== undefined),
);

describe('what is known about OpenStack', () => {
  it('names a source for every rule', () => {
    const sources = [
      ...knowledge.rules,
      ...knowledge.roads,
      ...knowledge.ways,
      ...knowledge.gates,
      ...Object.values(knowledge.floors.compute.floors),
      ...Object.values(knowledge.floors.virt),
      ...Object.values(knowledge.floors.python),
      ...knowledge.infrastructure.rabbitmq.jumps,
      ...knowledge.infrastructure.rabbitmq.rules,
      ...knowledge.infrastructure.mariadb.rules,
      ...knowledge.signatures,
      ...knowledge.options,
      ...knowledge.issues,
      ...Object.values(knowledge.steps),
      ...Object.values(knowledge.states.databases).flat(),
      ...Object.values(knowledge.services).flatMap(({ series }) => Object.values(series)),
      ...Object.values(knowledge.heads).flatMap(({ heads }) => Object.values(heads)),
    ].map(({ source }) => source);

    expect(sources.length).toBeGreaterThan(250);
    expect(sources.filter((source) => source.trim().length < 3)).toEqual([]);
  });

  it.each(['juno', 'kilo', 'liberty'] as const)('knows all heads of %s', (series) => {
    const heads = Object.entries(knowledge.heads)
      .filter(([, { heads: known }]) => known[series] !== undefined)
      .map(([database, { heads: known }]) => [database, known[series]?.heads.join(' ')]);

    expect(Object.fromEntries(heads)).toEqual(
      {
        juno: {
          keystone: '55',
          glance: '36',
          cinder: '26',
          nova: '254',
          heat: '46',
          neutron: 'juno',
        },
        kilo: {
          keystone: '67',
          glance: '41',
          cinder: '41',
          nova: '280',
          nova_api: '2',
          heat: '62',
          neutron: 'kilo',
        },
        liberty: {
          keystone: '75',
          glance: '42',
          cinder: '60',
          nova: '302',
          nova_api: '3',
          heat: '65',
          neutron: '34af2b5c5a59 4af11ca47297',
        },
      }[series],
    );
  });

  it.each(Object.entries(knowledge.heads))(
    'knows the heads of %s without a gap',
    (database, { heads }) => {
      const known = releaseNames.filter((series) => heads[series] !== undefined);
      const modern = known.filter((series) => compareReleases(series, 'queens') >= 0);
      const last = modern.at(-1) ?? 'juno';

      // Of these nothing of Hibiscus was to be read.
      const isShort = ['aodh', 'gnocchi'].includes(database);
      expect(last).toBe(isShort ? 'gazpacho' : newest);
      expect(modern).toEqual(
        releaseNames.slice(
          releaseNames.indexOf(modern[0] ?? 'juno'),
          releaseNames.indexOf(last) + 1,
        ),
      );
    },
  );

  it('says a release as people do', () => {
    const said = knowledge.series.filter(({ release = '' }) => /^202[34].[12]$/.test(release));
    expect(said.slice(0, 3).map(releaseTitle)).toEqual([
      'Antelope (2023.1)',
      'Bobcat (2023.2)',
      'Caracal (2024.1)',
    ]);
    expect(knowledge.series.find(({ name }) => name === 'kilo')).toEqual({
      name: 'kilo',
      released: '2015-04-30',
      status: 'end of life',
      endOfLife: '2016-05-02',
      slurp: false,
    });
  });

  it.each([
    ['nova', '2:12.0.6-0ubuntu1~cloud0', 'liberty'],
    ['nova', '1:2015.1.4-0ubuntu2', 'kilo'],
    ['nova', '1:2014.2.4-0ubuntu1~cloud1', 'juno'],
    ['keystone', '2:8.1.2-0ubuntu1', 'liberty'],
    ['keystone', '2:27.0.0-3+deb13u1', 'epoxy'],
    ['keystone', '2:30.0.0-3', 'hibiscus'],
    ['nova', '99.0.0', undefined],
    ['nova', '', undefined],
    ['swift', '2.5.0', 'liberty'],
    ['nonsense', '2.5.0', undefined],
  ])('%s %s is of %s', (component, version, series) => {
    expect(releaseOfVersion(version, knowledge.versions[component] ?? {}, releaseNames)).toBe(
      series,
    );
  });
});

/** Most files are read as they were before: nobody changes a value that was read. */
const values = new Map<z.ZodType, Map<string, unknown>>();
const readOnce: typeof readYaml = <T>(text: string, file: string, schema: z.ZodType<T>): T => {
  const known = values.get(schema) ?? new Map<string, unknown>();
  values.set(schema, known);
  if (!known.has(text)) known.set(text, readYaml(text, file, schema));
  return known.get(text) as T;
};
const load = (dir: string) => loadKnowledge(dir, readOnce);

describe('reading it', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'hopscotch-knowledge-'));
    await cp(knowledgeDir, dir, { recursive: true });
  });
  afterEach(() => rm(dir, { recursive: true }));

  async function replace(file: string, [from, to]: readonly [string, string]): Promise<void> {
    const text = await readFile(join(dir, file), 'utf8');
    expect(text).toContain(from);
    await writeFile(
      join(dir, file),
      text.replace(from, () => to),
    );
  }

  it.each([
    [
      'releases/liberty.yaml',
      ['steps: [nova-migrate-flavors]', 'steps: [nova-move]'],
      'there is no step nova-move',
    ],
    [
      'signatures.yaml',
      ['steps: [keystone-daemon-off]', 'steps: [purge]'],
      'there is no step purge',
    ],
    ['schema-states.yaml', ['clear: [nova-sync-kilo]', 'clear: [sync]'], 'there is no move sync'],
    [
      'schema-states.yaml',
      ['- from: 266', '- from: 267'],
      'expected to follow the state before it',
    ],
    ['releases/queens.yaml', ['part: api', 'part: registry'], 'there is no part registry'],
    [
      'services/nova.yaml',
      ['databases: [nova, nova_api, nova_cell0]', 'databases: [nova, nova_cell0]'],
      'nova_api is not one of its databases',
    ],
    [
      'releases/queens.yaml',
      ['also: [nova_cell0]', 'also: [nova_cell1]'],
      'nova_cell1 is not one of its databases',
    ],
    ['distributions.yaml', ['next: trixie', 'next: noble'], 'bookworm: there is no debian noble'],
    ['steps.yaml', ['part: web', 'part: site'], 'there is no horizon site'],
    ['order.yaml', ['    cinder,\n', ''], 'cinder is missing'],
    [
      'releases/epoxy.yaml',
      ['services: [horizon]', 'services: [dashboard]'],
      'there is no service dashboard',
    ],
    ['releases/liberty.yaml', ['id: metadata-route', 'id: user-name'], 'user-name is there twice'],
    ['releases/kilo.yaml', ['name: kilo', 'name: juno'], 'every release once'],
    ['releases/kilo.yaml', ['since: juno', 'since: liberty'], 'does not come before it'],
    ['releases/rocky.yaml', ['since: queens\n', ''], 'parts is missing, and since has none'],
    [
      'releases/train.yaml',
      ['      database: placement\n', '      database: nova\n'],
      "nova is not placement's",
    ],
    [
      'hop-rules.yaml',
      ['    service: ironic\n', '    service: iron\n'],
      'there is no service iron',
    ],
    [
      'releases/epoxy.yaml',
      [
        "    seenBy: 'virsh version on each compute host: libvirt below 8.0.0, or QEMU below 6.2.0'\n",
        '',
      ],
      'nothing sees it',
    ],
    ['releases/epoxy.yaml', ['version: 68', 'version: 67'], 'above the number of epoxy'],
  ] as const)('%s: %j is refused: %s', async (file, change, problem) => {
    await replace(file, change);

    await expect(load(dir)).rejects.toMatchObject({
      name: 'BadKnowledge',
      message: expect.stringContaining(problem),
    });
  });

  it('names file and line of a rule without a source', async () => {
    await replace('releases/juno.yaml', ['    source: ', '    from: ']);

    await expect(load(dir)).rejects.toMatchObject({
      name: 'BadFile',
      message: expect.stringMatching(
        /releases\/juno\.yaml:\d+:\d+: services\.cinder\.(from|source)/,
      ),
    });
  });

  it('says which file is not there', async () => {
    await rm(join(dir, 'steps.yaml'));

    await expect(load(dir)).rejects.toMatchObject({ name: 'FileUnreadable' });
  });
});
