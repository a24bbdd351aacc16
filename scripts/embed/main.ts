import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { embeddingFiles, readScripts } from './embed.ts';

/** `npm run embed`: writes anew what holds the scripts for the program. A test says when that was forgotten. */
const root = join(import.meta.dirname, '../..');
for (const [path, text] of Object.entries(embeddingFiles(await readScripts(root))))
  await writeFile(join(root, path), text);
