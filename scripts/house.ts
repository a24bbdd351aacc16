import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { measureHouse } from './house-rules.ts';

// Holds the house to its rules, as part of `npm run lint`: prints each figure, and what breaks a rule.
const root = join(import.meta.dirname, '..');
const listed = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'],
  {
    cwd: root,
    encoding: 'utf8',
  },
);
const files = listed
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(root, path)))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

for (const { rule, broken } of measureHouse(files)) {
  console.log(`${String(broken.length).padStart(3)} ${rule}`);
  for (const one of broken) console.log(`      ${one}`);
  if (broken.length > 0) process.exitCode = 1;
}
