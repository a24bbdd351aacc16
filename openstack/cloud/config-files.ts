import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { releaseWord } from '../../handlers/words/release-word.ts';
import type { Cloud } from '../../jobs/files/cloud.ts';
import { writtenServices } from './services.ts';

/** Larger ones are no configuration of a service. */
const MOST_BYTES = 512 * 1024;

/**
 * The operator's files for a cloud: path within its config directory (`kilo/all/etc/nova/nova.conf`), and content; empty
 * when the cloud names no directory. Throws `ConfigUnreadable`.
 */
export async function readConfigFiles(
  cloudsDir: string,
  cloud: Pick<Cloud, 'name' | 'services'>,
): Promise<Record<string, string>> {
  const { configDirectory } = writtenServices(cloud);
  if (configDirectory === undefined) return {};
  const dir = resolve(cloudsDir, configDirectory);
  try {
    const files = await filesIn(dir);
    const texts = await Promise.all(
      files.map(async (file) => [nameOf(relative(dir, file)), await textOf(file)] as const),
    );
    const names = texts.map(([name]) => name);
    const twice = names.find((name, index) => names.indexOf(name) < index);
    if (twice !== undefined) throw new Error(`${twice} is there under both names of its release`);
    return Object.fromEntries(texts);
  } catch (cause) {
    throw new OperatorError(
      `reading the configuration of cloud ${cloud.name}: ${String(cause).replace(/^Error: /, '')}`,
      {
        name: 'ConfigUnreadable',
        hint: `Put the files into ${dir}, as <series>/<all or host>/etc/..., and let the user of this process read them.`,
        cause,
      },
    );
  }
}

/** `caracal/all/etc/...`, also for a folder that is called `2024.1`. */
function nameOf(path: string): string {
  const [release = '', ...rest] = path.split('/');
  return [releaseWord(release), ...rest].join('/');
}

/** Sorted, and without hidden ones: editors and version control leave those. */
async function filesIn(dir: string): Promise<string[]> {
  const entries = (await readdir(dir, { withFileTypes: true }))
    .filter(({ name }) => !name.startsWith('.') && !name.endsWith('~'))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = join(dir, entry.name);
      return entry.isDirectory() ? filesIn(path) : [path];
    }),
  );
  return found.flat();
}

async function textOf(file: string): Promise<string> {
  const { size } = await stat(file);
  if (size > MOST_BYTES) throw new Error(`${file} has ${size} bytes, more than ${MOST_BYTES}`);
  const bytes = await readFile(file);
  const text = bytes.toString('utf8');
  if (!Buffer.from(text).equals(bytes)) throw new Error(`${file} is not text in UTF-8`);
  return text;
}
