import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadKnowledge } from '../../openstack/knowledge/load.ts';
import { openClone } from './clone.ts';
import { type Extract, extract } from './extract.ts';
import { projects } from './projects.ts';

/**
 * Reads facts from clones of OpenStack's projects and keeps them under `openstack/knowledge/data/extracts`, which a test compares
 * the knowledge with. `CLONES` holds one clone a project, with its tags: `git clone --bare https://opendev.org/openstack/nova`.
 */
async function main(clones: string | undefined): Promise<void> {
  if (clones === undefined) {
    process.stderr.write('usage: npm run knowledge -- CLONES [PROJECT...]\n');
    process.exit(2);
  }
  const root = join(import.meta.dirname, '../..');
  const folder = join(root, 'openstack/knowledge/data/extracts');
  const { versions } = await loadKnowledge(join(root, 'openstack/knowledge/data'));
  mkdirSync(folder, { recursive: true });
  const wanted = process.argv.slice(3);
  for (const project of projects) {
    if (wanted.length > 0 && !wanted.includes(project.project)) continue;
    const found = extract(
      openClone(clones, project.project),
      project,
      versions[project.project] ?? {},
    );
    writeFileSync(join(folder, `${project.project}.json`), write(found));
    process.stdout.write(`${project.project}: ${summary(found)}\n`);
  }
}

const summary = ({ databases, versions }: Extract): string =>
  [
    `${Object.keys(versions).length} releases`,
    ...Object.entries(databases).map(
      ([name, { revisions }]) => `${name} ${revisions.length} revisions`,
    ),
  ].join(', ');

const compact = (value: unknown): string => JSON.stringify(value);

/** One line a fact, so that a difference reads as one. */
function write(found: Extract): string {
  const list = (values: readonly unknown[], indent: string): string =>
    values.length === 0
      ? '[]'
      : `[\n${values.map((one) => `${indent}  ${compact(one)}`).join(',\n')}\n${indent}]`;
  const map = (record: Readonly<Record<string, string>>, indent: string): string => {
    const lines = Object.entries(record).map(
      ([key, text]) => `${indent}  ${compact(key)}: ${text}`,
    );
    return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n${indent}}`;
  };
  const databases = Object.fromEntries(
    Object.entries(found.databases).map(([name, { releases, revisions }]) => [
      name,
      map(
        {
          releases: map(
            Object.fromEntries(Object.entries(releases).map(([key, ends]) => [key, compact(ends)])),
            '      ',
          ),
          revisions: list(revisions, '      '),
        },
        '    ',
      ),
    ]),
  );
  return `${map(
    {
      project: compact(found.project),
      versions: map(
        Object.fromEntries(
          Object.entries(found.versions).map(([key, range]) => [key, compact(range)]),
        ),
        '  ',
      ),
      programs: list(found.programs, '  '),
      serviceVersions: map(
        Object.fromEntries(
          Object.entries(found.serviceVersions).map(([key, one]) => [key, compact(one)]),
        ),
        '  ',
      ),
      ...(Object.keys(found.virtFloors).length > 0 && {
        virtFloors: map(
          Object.fromEntries(
            Object.entries(found.virtFloors).map(([key, one]) => [key, compact(one)]),
          ),
          '  ',
        ),
      }),
      databases: map(databases, '  '),
    },
    '',
  )}\n`;
}

await main(process.argv[2]);
