import { fetchAllShell, fetchSourceShell, installOnceShell } from './scripts/embedded.ts';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { changePackagesCommand } from './apt-get.ts';
import { command, type Command, type CommandOutput } from '../contract/command.ts';
import { OperatorError } from '../contract/errors.ts';
import {
  fileBytes,
  FilePath,
  isAsWritten,
  maskedChange,
  putFileBack,
  withHiddenInput,
} from '../files/change.ts';
import { FileState, fileProbe, readFileState, writeFileCommand } from '../files/state.ts';
import { namedSuites, readSourceFiles, retireSuites, sourceFilesProbe } from './sources.ts';
import { defineHandler } from '../contract/handler.ts';
import { maskSecrets } from '../redaction/redact.ts';

const ListName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'expected the name of a list without its .list');
const word = z.string().regex(/^[^\s[\]#]+$/, 'expected one word without blanks');

const Params = z
  .strictObject({
    name: ListName.describe('The list is /etc/apt/sources.list.d/<name>.list.'),
    uri: word.describe('Where the archive is, such as http://archive.example.org/ubuntu.'),
    suite: word.describe(
      'Such as trusty-updates/kilo; for a flat archive a path with a / at its end.',
    ),
    components: z.array(word).describe('Such as [main]; none for a flat archive.'),
    keyPackage: z
      .string()
      .regex(/^[a-z0-9][a-z0-9+.-]+$/, 'expected the name of a package')
      .optional()
      .describe('The package that holds its key. Installed before, if it is not there.'),
    keyFile: FilePath.optional().describe(
      'The key file on the host that signs it. Before apt 1.1 it has to be in /etc/apt/trusted.gpg.d.',
    ),
    trusted: z.boolean().optional().describe('true: no signature is asked for.'),
    replaces: z
      .array(ListName)
      .default([])
      .describe('Lists of the same archive that must go: with two, apt takes the higher version.'),
    retires: z
      .array(word)
      .default([])
      .describe(
        'Suites of other releases that no other enabled source may name afterwards, in any file, of one line an entry or deb822.',
      ),
  })
  .refine(({ suite, components }) => suite.endsWith('/') === (components.length === 0), {
    message: 'needs components; or none, and a suite with a / at its end',
    path: ['components'],
  })
  .refine(({ name, replaces }) => !replaces.includes(name), {
    message: 'cannot name the list that is written',
    path: ['replaces'],
  });
type Params = z.infer<typeof Params>;

const Before = z.strictObject({
  /** By path: the list that is written, then those that go. */
  lists: z.record(z.string(), FileState),
  /** All files of sources, where suites are retired. */
  sources: z.record(z.string(), FileState).optional(),
  /** Of the package that holds the key; null when it is not installed, or none is asked for. */
  keyVersion: z.string().nullable(),
  /** Whether apt has fetched what the archive offers. */
  isFetched: z.boolean(),
  /** Retired suites that apt offers packages of. */
  offered: z.array(z.string()).optional(),
});
type Before = z.infer<typeof Before>;

/**
 * Takes packages from an archive, and not any more from those that it replaces. What the archive offers must be there to be
 * fetched; other archives that do not answer are only told. `undo` puts the files back exactly and fetches again: where an
 * archive of before does not answer any more, apt goes on with what it fetched from it last, which no step removes.
 */
export const repositoryHandler = defineHandler({
  kind: 'repository',
  params: Params,
  before: Before,
  timeoutMs: 15 * 60_000,
  reversibility: () => 'reversible',
  probe: (params) => [
    ...pathsOf(params).map(fileProbe),
    command(['env', 'LC_ALL=C', 'apt-cache', 'policy']),
    command(['dpkg-query', '--show', `--showformat=${format}`, params.keyPackage ?? 'dpkg'], {
      okExits: [0, 1],
    }),
    command(['test', '-r', params.keyFile ?? '/'], { okExits: [0, 1] }),
    ...(params.retires.length > 0 ? [sourceFilesProbe] : []),
  ],
  parse: readBefore,
  isDone: (params, found) =>
    pathsOf(params).every((path, index) => {
      const list = found.lists[path] ?? { type: 'absent' };
      return index === 0 ? isAsWritten(sourceLine(params), {}, list) : list.type === 'absent';
    }) &&
    found.isFetched &&
    namedElsewhere(params, found).length === 0 &&
    (found.offered ?? []).length === 0 &&
    (params.keyPackage === undefined || found.keyVersion !== null),
  apply: (params) => {
    const [path = '', ...replaced] = pathsOf(params);
    return [
      ...(params.keyPackage === undefined ? [] : [installOnce(params.keyPackage)]),
      writeList(path, sourceLine(params)),
      ...(replaced.length === 0 ? [] : [command(['rm', '-f', '--', ...replaced])]),
      ...(params.retires.length === 0 ? [] : [retireSuites(params.retires, path)]),
      command(['sh', '-c', fetchSourceShell, 'sh', path]),
    ];
  },
  masked: (params) => maskSecrets(sourceLine(params)),
  undo: (params, before, now) => {
    const { keyPackage } = params;
    const files = pathsOf(params).flatMap((path, index) => {
      const content = index === 0 ? sourceLine(params) : undefined;
      const [was, is] = [before.lists[path], now.lists[path]];
      return was && is ? putFileBack({ path, content }, was, is).map(withHiddenInput) : [];
    });
    const others = Object.entries(before.sources ?? {}).flatMap(([path, was]) =>
      isListed(params, path) || was.type === 'absent' || isDeepStrictEqual(was, now.sources?.[path])
        ? []
        : [withHiddenInput(writeBack(path, was))],
    );
    files.push(...others);
    const isNew = before.keyVersion === null && now.keyVersion !== null;
    return [
      ...files,
      ...(files.length === 0 ? [] : [command(['sh', '-c', fetchAllShell])]),
      ...(isNew && keyPackage !== undefined ? changePackagesCommand([['purge', keyPackage]]) : []),
    ];
  },
  isRestored: (params, before, now) =>
    isDeepStrictEqual(before.lists, now.lists) &&
    Object.entries(before.sources ?? {}).every(
      ([path, was]) => isListed(params, path) || isDeepStrictEqual(was, now.sources?.[path]),
    ) &&
    before.keyVersion === now.keyVersion,
  does: (params) => ({
    says: `switch apt to ${params.suite}`,
    changes: [
      { what: 'source', name: sourceOf(params) },
      ...pathsOf(params).map(
        (name, index) => ({ what: index === 0 ? 'write' : 'remove', name }) as const,
      ),
    ],
  }),
  changes: (params, before) =>
    [
      ...(params.keyPackage !== undefined && before.keyVersion === null
        ? [`${params.keyPackage}: not installed -> the newest`]
        : []),
      ...pathsOf(params).map((path, index) =>
        shown(path, before.lists[path], index === 0 ? sourceLine(params) : undefined),
      ),
      ...namedElsewhere(params, before).map(
        ({ file, suite }) => `${file}: ${suite} is taken out, and comes back on rollback`,
      ),
      'the lists of packages are fetched',
    ]
      .filter((line) => line !== '')
      .join('\n'),
});

/** Enabled suites of other releases in files that the step does not write or remove. */
const namedElsewhere = (params: Params, { sources = {} }: Before) =>
  namedSuites(sources, params.retires).filter(({ file }) => !isListed(params, file));

const isListed = (params: Params, path: string): boolean => pathsOf(params).includes(path);

const format = '${db:Status-Abbrev}\\t${Version}\\n';

const pathsOf = ({ name, replaces }: Pick<Params, 'name' | 'replaces'>): string[] =>
  [name, ...new Set(replaces)].map(listPath);

export const listPath = (name: string): string => `/etc/apt/sources.list.d/${name}.list`;

/** `http://archive.example.org/ubuntu trusty-updates/kilo main`, and that it is unsigned where it is. */
const sourceOf = ({ uri, suite, components, trusted }: Params): string =>
  [maskSecrets(uri), suite, ...components, ...(trusted === true ? ['(unsigned)'] : [])].join(' ');

type SourcePlace = Pick<Params, 'uri' | 'suite' | 'components' | 'keyFile' | 'trusted'>;

/** The line of a list that takes packages from there. */
export function sourceLine({ uri, suite, components, keyFile, trusted }: SourcePlace): string {
  const options = [
    ...(keyFile === undefined || keyFile.startsWith('/etc/apt/trusted.gpg.d/')
      ? []
      : [`signed-by=${keyFile}`]),
    ...(trusted === true ? ['trusted=yes'] : []),
  ];
  const words = [...(options.length === 0 ? [] : [`[${options.join(' ')}]`]), uri, suite];
  return `deb ${[...words, ...components].join(' ')}\n`;
}

/** Others than this step have no reason to write a file of sources meanwhile; apt would not name one set aside beside it. */
const writeBack = (
  path: string,
  { content, uid, gid, mode }: Extract<FileState, { type: 'file' }>,
): Command =>
  writeFileCommand(path, Buffer.from(content, 'base64'), { owner: uid, group: gid, mode });

function writeList(path: string, line: string): Command {
  const write = writeFileCommand(path, Buffer.from(line), { owner: '0', group: '0', mode: '0644' });
  return maskSecrets(line) === line ? write : withHiddenInput(write);
}

function readBefore(outputs: readonly CommandOutput[], params: Params): Before {
  const paths = pathsOf(params);
  const [policy, key, file, sources] = outputs.slice(paths.length);
  const offered = params.retires.filter((suite) => isSuiteOffered(suite, policy?.stdout ?? ''));
  if (params.keyFile !== undefined && file?.exit !== 0)
    throw new OperatorError(`looking for the key ${params.keyFile}: it is not there`, {
      name: 'KeyMissing',
      hint: 'Bring the key to the host in an earlier step, or name the package that holds it.',
    });
  const [status = '', version = ''] = (key?.stdout ?? '').trim().split('\t');
  const isThere = params.keyPackage !== undefined && /^.i/.test(status);
  return {
    lists: Object.fromEntries(
      paths.map((path, index) => [path, readFileState(outputs[index], path)]),
    ),
    keyVersion: isThere ? version : null,
    isFetched: isOffered(params, policy?.stdout ?? ''),
    ...(sources !== undefined && { sources: readSourceFiles(sources) }),
    ...(offered.length > 0 && { offered }),
  };
}

/** Looks for lines such as ` 500 http://archive.example.org/ubuntu trusty-updates/kilo/main amd64 Packages`. */
function isOffered({ uri, suite, components }: Params, policy: string): boolean {
  const known = policy.split('\n').flatMap((line) => {
    const [, place, what] = /^ *-?\d+ (\S+) (\S+) /.exec(line) ?? [];
    return place === undefined || what === undefined ? [] : [`${bare(place)} ${bare(what)}`];
  });
  const wanted = components.length === 0 ? [suite] : components.map((one) => `${suite}/${one}`);
  return wanted.every((what) => known.includes(`${bare(uri)} ${bare(what)}`));
}

const isSuiteOffered = (suite: string, policy: string): boolean =>
  policy.split('\n').some((line) => {
    const what = /^ *-?\d+ \S+ (\S+) /.exec(line)?.[1];
    return what !== undefined && (what === suite || what.startsWith(`${suite}/`));
  });

const bare = (text: string): string => text.replace(/\/+$/, '');

function shown(path: string, found: FileState | undefined, content: string | undefined): string {
  const old = found && fileBytes(found);
  const now = content === undefined ? undefined : Buffer.from(content);
  if (old === undefined && now === undefined) return '';
  return maskedChange(path, old, now);
}

function installOnce(name: string): Command {
  const install = changePackagesCommand([['install', name]]).at(-1)?.words ?? [];
  return command(['sh', '-c', installOnceShell, 'sh', name, ...install]);
}
