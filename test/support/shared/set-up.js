import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { mountScratch } from './scratch.js';

/** Names the folder of this run of the tests (see `made-once.ts`). Inside `node_modules`: what is built there finds its packages. */
export default async function setUp() {
  const parent = join(import.meta.dirname, '../../../node_modules/.cache/hopscotch-tests');
  await mkdir(parent, { recursive: true });
  process.env.TESTS_SHARE = await mkdtemp(join(parent, 'run-'));
  const scratch = await mountScratch();
  if (scratch !== undefined) process.env.TMPDIR = process.env.TESTS_SCRATCH = scratch;
}
