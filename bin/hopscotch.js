#!/usr/bin/env node
// What npx runs. The program itself is built from cli/ into dist/.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const built = new URL('../dist/cli/main.js', import.meta.url);
if (existsSync(built)) await import(built.href);
else {
  const folder = fileURLToPath(new URL('..', import.meta.url));
  process.stderr.write(`Hopscotch is not built yet: run "npm ci && npm run build" in ${folder}\n`);
  process.exit(3);
}
