import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { debOf, type DebFiles } from './deb.ts';

export interface JunoPackage {
  readonly name: string;
  readonly version: string;
  readonly summary: string;
  readonly depends?: readonly string[];
  readonly conffiles?: DebFiles;
  readonly files?: DebFiles;
  /** postinst, prerm and the like: the lines after `set -e`. */
  readonly scripts?: Readonly<Record<string, string>>;
}

/** What apt of whatever machine asks for; the packages are for all. */
const architectures = ['amd64', 'arm64'];

/** Builds an apt archive in `dir`, as `deb file:DIR SUITE main` finds it. */
export async function buildJunoArchive(
  dir: string,
  suites: Readonly<Record<string, readonly JunoPackage[]>>,
): Promise<void> {
  const pool = join(dir, 'pool');
  await mkdir(pool, { recursive: true });
  for (const [suite, packages] of Object.entries(suites)) {
    const stanzas = await Promise.all(packages.map((one) => buildPackage(pool, one)));
    await writeSuite(join(dir, 'dists', suite), suite, stanzas.join('\n'));
  }
}

async function writeSuite(dir: string, suite: string, index: string): Promise<void> {
  const sums: string[] = [];
  for (const architecture of architectures) {
    const path = `main/binary-${architecture}`;
    await mkdir(join(dir, path), { recursive: true });
    await writeFile(join(dir, path, 'Packages'), index);
    sums.push(` ${sha256(index)} ${Buffer.byteLength(index)} ${path}/Packages`);
  }
  const release = [
    'Origin: Canonical',
    `Suite: ${suite}`,
    `Codename: ${suite}`,
    'Date: Thu, 22 Oct 2015 12:00:00 UTC',
    `Architectures: ${architectures.join(' ')}`,
    'Components: main',
    'SHA256:',
    ...sums,
    '',
  ];
  await writeFile(join(dir, 'Release'), release.join('\n'));
}

/** Answers the package's stanza of the index. */
async function buildPackage(pool: string, spec: JunoPackage): Promise<string> {
  const { name, version, conffiles = {}, files = {}, scripts = {} } = spec;
  const control = controlOf(spec);
  const bytes = debOf(
    {
      control,
      ...(Object.keys(conffiles).length === 0 ? {} : { conffiles: paths(conffiles) }),
      ...Object.fromEntries(
        Object.entries(scripts).map(([script, lines]) => [
          script,
          { content: maintainerScript(lines), mode: 0o755 },
        ]),
      ),
    },
    { ...conffiles, ...files },
  );
  const file = `${name}_${version.replace(/^\d+:/, '')}_all.deb`;
  await writeFile(join(pool, file), bytes);
  return `${control}Filename: pool/${file}\nSize: ${bytes.length}\nSHA256: ${sha256(bytes)}\n`;
}

const paths = (files: DebFiles): string =>
  Object.keys(files)
    .map((path) => `/${path}\n`)
    .join('');

const controlOf = ({ name, version, summary, depends = [] }: JunoPackage): string =>
  [
    `Package: ${name}`,
    `Version: ${version}`,
    'Architecture: all',
    'Maintainer: Hopscotch sandbox <sandbox@localhost>',
    ...(depends.length === 0 ? [] : [`Depends: ${depends.join(', ')}`]),
    `Description: ${summary}`,
    '',
  ].join('\n');

const sha256 = (content: string | Buffer): string =>
  createHash('sha256').update(content).digest('hex');

/** A maintainer script of these lines. */
export const maintainerScript = (lines: string): string => `#!/bin/sh\nset -e\n${lines.trim()}\n`;
