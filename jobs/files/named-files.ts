import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { nearestWord } from './nearest.ts';
import { readYaml } from './yaml.ts';

/** A folder of YAML files that people call by their base names. */
export interface NamedFolder {
  readonly dir: string;
  readonly noun: 'cloud' | 'runbook';
}

const NAME = /^[a-z0-9][a-z0-9-]*$/;

/** The names that the folder holds, sorted. Throws `FolderUnreadable`. */
export async function listNames({ dir, noun }: NamedFolder): Promise<string[]> {
  const files = await readdir(dir).catch((cause: unknown) => {
    throw new OperatorError(`listing ${noun}s in ${dir}: ${reason(cause)}`, {
      name: 'FolderUnreadable',
      hint: `Set ${noun.toUpperCase()}S_DIR to the folder that holds the ${noun} files.`,
      cause,
    });
  });
  return files
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .filter((name) => NAME.test(name))
    .toSorted();
}

interface NamedFile<T> {
  readonly name: string;
  readonly schema: z.ZodType<T>;
  /** What the schema last made of a file, by its path: the same text is the same value. Absent: it is read each time. */
  readonly lastRead?: Map<string, { readonly text: string; readonly value: T }>;
}

/**
 * The checked content of one file. A name that is not in the folder, a path included, throws `UnknownCloud` or
 * `UnknownRunbook` with the names that are; a file with mistakes throws `BadFile`.
 */
export async function readNamedFile<T>(
  folder: NamedFolder,
  { name, schema, lastRead }: NamedFile<T>,
): Promise<T> {
  const { dir, noun } = folder;
  const known = await listNames(folder);
  if (!known.includes(name)) throw unknownName(folder, name, known);
  const file = join(dir, `${name}.yaml`);
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new OperatorError(`reading ${noun} ${name} from ${file}: ${reason(cause)}`, {
      name: 'FileUnreadable',
      hint: 'Let the user that runs this process read the file.',
      cause,
    });
  });
  const last = lastRead?.get(file);
  if (last?.text === text) return last.value;
  const value = readYaml(text, file, schema);
  lastRead?.set(file, { text, value });
  return value;
}

function unknownName(
  { dir, noun }: NamedFolder,
  name: string,
  known: readonly string[],
): OperatorError {
  const shown = JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);
  const there =
    known.length === 0
      ? `there are no ${noun}s yet`
      : `there ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}`;
  const meant = nearestWord(name, known);
  const add = `add ${join(dir, NAME.test(name) ? `${name}.yaml` : 'NAME.yaml')}`;
  return new OperatorError(`there is no ${noun} ${shown} in ${dir}; ${there}`, {
    name: noun === 'cloud' ? 'UnknownCloud' : 'UnknownRunbook',
    hint: meant === undefined ? `Use one of these names, or ${add}.` : `Did you mean ${meant}?`,
  });
}

const reason = (cause: unknown): string => String(cause).replace(/^Error: /, '');
