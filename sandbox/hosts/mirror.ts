import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { packageFiles, type PackageSpec } from './package-files.ts';

const run = promisify(execFile);

/** Builds an apt archive in `dir` for each pocket: flat, for `deb [trusted=yes] file:DIR/POCKET ./`. */
export async function buildMirror(
  dir: string,
  pockets: Readonly<Record<string, readonly PackageSpec[]>>,
): Promise<void> {
  await Promise.all(
    Object.entries(pockets).map(([pocket, specs]) => buildPocket(join(dir, pocket), specs)),
  );
}

async function buildPocket(dir: string, specs: readonly PackageSpec[]): Promise<void> {
  await mkdir(dir, { recursive: true });
  const stanzas = await Promise.all(specs.map((spec) => buildPackage(dir, spec)));
  const packages = stanzas.join('\n');
  await writeFile(join(dir, 'Packages'), packages);
  await writeFile(
    join(dir, 'Release'),
    `Origin: sandbox\nSuite: ${basename(dir)}\nDate: ${new Date().toUTCString().replace('GMT', 'UTC')}\nSHA256:\n ${sha256(packages)} ${Buffer.byteLength(packages)} Packages\n`,
  );
}

/** Answers the package's stanza of the index. */
async function buildPackage(dir: string, spec: PackageSpec): Promise<string> {
  const name = `${spec.name}_${spec.version}_all`;
  const tree = join(dir, name);
  const files = packageFiles(spec);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(tree, path)), { recursive: true, mode: 0o755 });
    await writeFile(join(tree, path), content, { mode: isScript(path) ? 0o755 : 0o644 });
  }
  const deb = `${tree}.deb`;
  await run('dpkg-deb', ['--build', '--root-owner-group', '-Znone', tree, deb]);
  await rm(tree, { recursive: true });
  const bytes = await readFile(deb);
  return `${files['DEBIAN/control']}Filename: ./${name}.deb\nSize: ${bytes.length}\nSHA256: ${sha256(bytes)}\n`;
}

const isScript = (path: string): boolean =>
  /^(opt\/.*\/bin|etc\/init\.d|DEBIAN)\//.test(path) && !/control$|conffiles$/.test(path);

const sha256 = (content: string | Buffer): string =>
  createHash('sha256').update(content).digest('hex');
