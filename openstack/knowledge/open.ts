import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Knowledge } from './knowledge.ts';
import { loadKnowledge } from './load.ts';

const here = import.meta.dirname;
/** What a build read and checked stands beside the built program: reading the YAML takes each start a second. */
const built = join(here, 'built.json');

/** The knowledge of this program: as it was built with it, or else from its YAML. Throws as `loadKnowledge`. */
export async function openKnowledge(): Promise<Knowledge> {
  if (!existsSync(built)) return loadKnowledge(join(here, 'data'));
  // Written by `buildKnowledge`, which checked it.
  return JSON.parse(await readFile(built, 'utf8'));
}

/** Keeps what the YAML in `dir` says beside the built program. Throws as `loadKnowledge`, and then nothing is kept. */
export async function buildKnowledge(dir: string): Promise<void> {
  await writeFile(built, JSON.stringify(await loadKnowledge(dir)));
}
