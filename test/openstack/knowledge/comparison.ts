import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ProjectExtract } from '../../../openstack/knowledge/extracts.ts';
import type { Knowledge } from '../../../openstack/knowledge/knowledge.ts';
import { compareReleases, releaseNames } from '../../../openstack/knowledge/releases.ts';
import { schemaEnds } from '../../../openstack/knowledge/schemas.ts';
import { knowledgeDir } from '../known.ts';

const folder = join(knowledgeDir, 'extracts');

/** What was read from the projects' tags. */
export const extracts: readonly ProjectExtract[] = readdirSync(folder).map((file) =>
  ProjectExtract.parse(JSON.parse(readFileSync(join(folder, file), 'utf8'))),
);

const sorted = (rows: readonly string[]): string => rows.toSorted().join(' ');

/** Each figure that is known and was read from tags, a line each: what it is, what is known, what was read. */
export function extractDifferences(known: Knowledge): string[] {
  return extracts.flatMap((extract) => [
    ...headDifferences(known, extract),
    ...releaseNames.flatMap((release) => [
      ...differs(
        `${extract.project} ${release} versions`,
        known.versions[extract.project]?.[release]?.join(' to '),
        extract.versions[release]?.join(' to '),
      ),
      ...differs(
        `nova ${release} service version`,
        known.floors.compute.versions[release],
        extract.serviceVersions[release]?.version,
      ),
      ...differs(
        `nova ${release} libvirt and QEMU`,
        virtText(known.floors.virt[release]),
        virtText(extract.virtFloors[release]),
      ),
      ...statusDifferences(known, extract, release),
    ]),
  ]);
}

/** What only one of both says is not compared. */
function differs(
  what: string,
  said: string | number | undefined,
  read: string | number | undefined,
): string[] {
  return said === undefined || read === undefined || said === read
    ? []
    : [`${what}: ${said}, read: ${read}`];
}

const virtText = (floor: { readonly libvirt: string; readonly qemu: string } | undefined) =>
  floor && `${floor.libvirt} and ${floor.qemu}`;

function headDifferences(known: Knowledge, { databases }: ProjectExtract): string[] {
  return Object.entries(databases).flatMap(([database, graph]) =>
    releaseNames.flatMap((release) => {
      const [head, ends] = [known.heads[database]?.heads[release], graph.releases[release]];
      const newest = ends?.toReversed();
      return differs(
        `${database} ${release} end`,
        head && [head.by, ...schemaEnds(head).map(sorted)].join(', '),
        newest && [newest[0]?.by, ...new Set(newest.map(({ heads }) => sorted(heads)))].join(', '),
      );
    }),
  );
}

/** Whether a release is known to have the check that its project installs from then on. */
function statusDifferences(
  known: Knowledge,
  { project, programs }: ProjectExtract,
  release: ProjectExtract['programs'][number]['since'],
): string[] {
  const made = known.services[project]?.series[release];
  const program = programs.find((one) => one.program === `${project}-status`);
  if (made === undefined || program === undefined) return [];
  return differs(
    `${project} ${release} ${program.program}`,
    made.upgradeCheck === undefined ? 'absent' : 'there',
    compareReleases(program.since, release) <= 0 ? 'there' : 'absent',
  );
}
