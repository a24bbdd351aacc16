import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { measureHouse } from './house-rules.ts';
import { oldWords } from './house-words.ts';

// Holds the house to its rules, as part of `npm run lint`: prints each figure, and what breaks a rule.
const root = join(import.meta.dirname, '..');

/** The files of the repository that are named so, also those that are not committed yet. */
function filesNamed(...patterns: string[]): { readonly path: string; readonly text: string }[] {
  const options = ['--cached', '--others', '--exclude-standard'];
  const listed = execFileSync('git', ['ls-files', ...options, ...patterns], {
    cwd: root,
    encoding: 'utf8',
  });
  return listed
    .split('\n')
    .filter((path) => path !== '' && existsSync(join(root, path)))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

const measures = [
  ...measureHouse(filesNamed('*.ts')),
  {
    rule: 'phrases in words that were given up',
    broken: oldWords(filesNamed('*.ts', '*.yaml', '*.md', '*.json', '*.py', '*.sh', '*.txt')),
  },
];
for (const { rule, broken } of measures) {
  console.log(`${String(broken.length).padStart(3)} ${rule}`);
  for (const one of broken) console.log(`      ${one}`);
  if (broken.length > 0) process.exitCode = 1;
}
