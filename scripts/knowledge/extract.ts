import { type Clone, nameOf } from './clone.ts';
import type { Project } from './projects.ts';
import { refsOf } from './releases.ts';
import { type Revision, type SchemaAt, type SchemaPlaces, schemaAt } from './schema.ts';

/** What a schema sync ends with, by the refs that agree on it. */
export interface ExtractedEnd {
  readonly by: SchemaAt['by'];
  readonly heads: readonly string[];
  /** The first and the last ref that end there, and the commit of the last. */
  readonly refs: readonly [string, string];
  readonly commit: string;
  /** For sqlalchemy-migrate: the last file of each repository and its hash. */
  readonly last?: readonly string[];
}

export interface Extract {
  readonly project: string;
  readonly databases: Readonly<
    Record<
      string,
      {
        /** By release, the earliest end first. */
        readonly releases: Readonly<Record<string, readonly ExtractedEnd[]>>;
        /** Every revision of alembic, with the release that brought it. */
        readonly revisions: readonly (Revision & { readonly since: string })[];
      }
    >
  >;
  /** By release, the tagged versions that were found, first and last. */
  readonly versions: Readonly<Record<string, readonly [string, string]>>;
  /** `*-status` and other programs by the first release that installs them (setup.cfg or pyproject.toml). */
  readonly programs: readonly { readonly program: string; readonly since: string }[];
  /** By release, the number that its services write into `services.version` (nova alone), with the file's hash. */
  readonly serviceVersions: Readonly<
    Record<string, { readonly version: number; readonly hash: string }>
  >;
  /** By release, the oldest libvirt and QEMU that its nova-compute starts with (nova alone), with the file's hash. */
  readonly virtFloors: Readonly<
    Record<string, { readonly libvirt: string; readonly qemu: string; readonly hash: string }>
  >;
}

type Ranges = Readonly<Record<string, readonly [string, string]>>;

/** All that is extracted from one project's clone. `ranges` says which versions are of which release, oldest first. */
export function extract(
  clone: Clone,
  { project, databases, tagsWithinCycle, versionsAlone }: Project,
  ranges: Ranges,
): Extract {
  const releases = Object.entries(ranges).map(([release, range]) => ({
    release,
    refs: refsOf(clone, release, { range, versionsAlone: versionsAlone ?? false }),
  }));
  return {
    project,
    databases: Object.fromEntries(
      Object.entries(databases).map(([name, places]) => [
        name,
        schemasOf(clone, tagsWithinCycle ? releases.map(ofLastMinor) : releases, places),
      ]),
    ),
    versions: Object.fromEntries(
      releases.flatMap(({ release, refs }) => {
        const tagged = refs.filter((ref) => /^\d/.test(ref) && !/-/.test(ref));
        const [first, last] = [tagged[0], tagged.at(-1)];
        return first === undefined || last === undefined ? [] : [[release, [first, last] as const]];
      }),
    ),
    programs: programsOf(clone, releases),
    serviceVersions: serviceVersionsOf(clone, releases),
    virtFloors: virtFloorsOf(clone, releases),
  };
}

interface ReleaseRefs {
  readonly release: string;
  readonly refs: readonly string[];
}

const minorOf = (ref: string): string => ref.split('.').slice(0, 2).join('.');

function ofLastMinor({ release, refs }: ReleaseRefs): ReleaseRefs {
  const last = refs.findLast((ref) => /^\d+(\.\d+)+$/.test(ref));
  return {
    release,
    refs: refs.filter((ref) => !/^\d+(\.\d+)+$/.test(ref) || minorOf(ref) === minorOf(last ?? ref)),
  };
}

function schemasOf(clone: Clone, releases: readonly ReleaseRefs[], places: SchemaPlaces) {
  const revisions = new Map<string, Revision & { readonly since: string }>();
  const ends: Record<string, ExtractedEnd[]> = {};
  for (const { release, refs } of releases) {
    for (const ref of refs) {
      const schema = schemaAt(clone, ref, places);
      if (schema === undefined) continue;
      for (const revision of schema.revisions)
        if (!revisions.has(revision.id))
          revisions.set(revision.id, { ...revision, since: release });
      ends[release] = withEnd(ends[release] ?? [], schema, { ref, commit: clone.commitOf(ref) });
    }
  }
  return { releases: ends, revisions: [...revisions.values()] };
}

function withEnd(
  ends: ExtractedEnd[],
  { by, heads, last }: SchemaAt,
  { ref, commit }: { readonly ref: string; readonly commit: string },
): ExtractedEnd[] {
  const same = (end: ExtractedEnd): boolean => end.by === by && end.heads.join() === heads.join();
  if (ends.some(same))
    return ends.map((end) => (same(end) ? { ...end, refs: [end.refs[0], ref], commit } : end));
  const files = last.map(({ path, hash }) => `${path} ${hash}`);
  return [
    ...ends,
    { by, heads, refs: [ref, ref], commit, ...(files.length > 0 && { last: files }) },
  ];
}

function programsOf(clone: Clone, releases: readonly ReleaseRefs[]) {
  const since = new Map<string, string>();
  for (const { release, refs } of releases) {
    const ref = refs.at(-1);
    if (ref === undefined) continue;
    for (const program of programsAt(clone, ref))
      if (!since.has(program)) since.set(program, release);
  }
  return Array.from(since, ([program, release]) => ({ program, since: release }));
}

function serviceVersionsOf(clone: Clone, releases: readonly ReleaseRefs[]) {
  return Object.fromEntries(
    releases.flatMap(({ release, refs }) => {
      const [file] = refs.slice(-1).flatMap((ref) => clone.files(ref, 'nova/objects/service.py'));
      if (file === undefined) return [];
      const [, version] = /^SERVICE_VERSION = (\d+)$/m.exec(clone.textOf(file.hash)) ?? [];
      return version === undefined
        ? []
        : [[release, { version: Number(version), hash: file.hash }]];
    }),
  );
}

function virtFloorsOf(clone: Clone, releases: readonly ReleaseRefs[]) {
  return Object.fromEntries(
    releases.flatMap(({ release, refs }) => {
      const path = 'nova/virt/libvirt/driver.py';
      const [file] = refs.slice(-1).flatMap((ref) => clone.files(ref, path));
      if (file === undefined) return [];
      const [libvirt, qemu] = ['LIBVIRT', 'QEMU'].map((name) =>
        new RegExp(`^MIN_${name}_VERSION = \\(([\\d, ]+)\\)`, 'm')
          .exec(clone.textOf(file.hash))?.[1]
          ?.replaceAll(', ', '.'),
      );
      return libvirt === undefined || qemu === undefined
        ? []
        : [[release, { libvirt, qemu, hash: file.hash }]];
    }),
  );
}

/** The programs that a project installs, as setup.cfg or pyproject.toml lists them. */
function programsAt(clone: Clone, ref: string): string[] {
  const files = [...clone.files(ref, 'setup.cfg'), ...clone.files(ref, 'pyproject.toml')];
  return files.flatMap((file) => {
    const text = clone.textOf(file.hash);
    const section =
      nameOf(file) === 'setup.cfg'
        ? /^console_scripts\s*=\s*\n((?:[ \t]+.*\n|#.*\n|\s*\n)*)/m.exec(text)?.[1]
        : /^\[project\.scripts\]\n((?:(?!\[).*\n?)*)/m.exec(text)?.[1];
    return Array.from(
      (section ?? '').matchAll(/^\s*"?([a-z][\w-]*)"?\s*=/gm),
      ([, name = '']) => name,
    );
  });
}
