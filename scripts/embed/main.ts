import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { embeddingFiles, readScripts } from './embed.ts';
import { releasesFile } from './releases.ts';

/** `npm run embed`: writes anew what holds scripts and releases for the program. A test says when that was forgotten. */
const root = join(import.meta.dirname, '../..');
const files = {
  ...embeddingFiles(await readScripts(root)),
  'handlers/words/known-releases.ts': await releasesFile(root),
};
for (const [path, text] of Object.entries(files)) await writeFile(join(root, path), text);
