import { readFile, readdir } from 'node:fs/promises';
import { basename, dirname, extname, join, relative } from 'node:path';

/** A program that runs on hosts, or inside of Redis: a file in a folder `scripts`, and what its bytes are there. */
export interface EmbeddedScript {
  /** Of the repository. */
  readonly path: string;
  /** What TypeScript calls it: `counted-rounds.sh` is `countedRoundsShell`. */
  readonly name: string;
  readonly language: ScriptLanguage;
  /** Without the lines `#:`, and with the files that it includes. */
  readonly text: string;
  /** The lines that begin with `#:`, which say what people have to know and are not sent. */
  readonly about: readonly string[];
  /** Paths, of the repository. */
  readonly includes: readonly string[];
}
export type ScriptLanguage = 'Shell' | 'Python' | 'Awk' | 'Lua';

const LANGUAGES: Readonly<Record<string, ScriptLanguage>> = {
  '.sh': 'Shell',
  '.py': 'Python',
  '.awk': 'Awk',
  '.lua': 'Lua',
};
const rooms = ['handlers', 'jobs', 'openstack'];

/** Every script of a repository, by path. Throws where a file includes what is not there, or itself. */
export async function readScripts(root: string): Promise<EmbeddedScript[]> {
  const found = await Promise.all(
    rooms.map((room) => readdir(join(root, room), { recursive: true, withFileTypes: true })),
  );
  const paths = found
    .flat()
    .filter((entry) => entry.isFile() && basename(entry.parentPath) === 'scripts')
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => LANGUAGES[extname(path)] !== undefined)
    .toSorted();
  return Promise.all(paths.map((path) => readScript(root, path)));
}

async function readScript(root: string, path: string): Promise<EmbeddedScript> {
  const language = LANGUAGES[extname(path)];
  if (language === undefined) throw new Error(`${path}: no known language`);
  const lines = (await readFile(path, 'utf8')).split('\n');
  return {
    path: relative(root, path),
    name: `${camelCase(basename(path, extname(path)))}${language}`,
    language,
    text: await composed(path, []),
    about: lines.flatMap((line) => ABOUT.exec(line)?.[1] ?? []),
    includes: lines
      .flatMap((line) => INCLUDE.exec(line)?.[1] ?? [])
      .map((included) => relative(root, join(dirname(path), included))),
  };
}

const ABOUT = /^(?:#|--): ?(.*)$/;
const INCLUDE = /^(?:#|--) include: (\S+)$/;

async function composed(path: string, within: readonly string[]): Promise<string> {
  if (within.includes(path)) throw new Error(`${path} includes itself`);
  const lines = (await readFile(path, 'utf8')).split(/(?<=\n)/);
  const parts = lines.map(async (line) => {
    if (ABOUT.test(line.trimEnd())) return '';
    const [, included] = INCLUDE.exec(line.trimEnd()) ?? [];
    return included === undefined
      ? line
      : composed(join(dirname(path), included), [...within, path]);
  });
  return (await Promise.all(parts)).join('');
}

const camelCase = (words: string): string =>
  words.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());

/** The TypeScript that holds the scripts of each folder, by path. */
export function embeddingFiles(scripts: readonly EmbeddedScript[]): Record<string, string> {
  const folders = [...new Set(scripts.map(({ path }) => dirname(path)))];
  return Object.fromEntries(
    folders.map((folder) => {
      const own = scripts.filter(({ path }) => dirname(path) === folder);
      return [join(folder, 'embedded.ts'), [HEAD, '', ...own.map(constant), ''].join('\n')];
    }),
  );
}

const HEAD = '// Made by `npm run embed` from the files beside it: change those.';

const constant = ({ name, text }: EmbeddedScript): string =>
  `export const ${name} = ${JSON.stringify(text)};`;
