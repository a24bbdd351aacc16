import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { faultPatches } from './patches.ts';

// Puts each fault that once was back into a copy of the product, and says whether the tests notice: `npm run test:faults
// [WORDS]`, of those whose name holds the words.
const root = join(import.meta.dirname, '../..');
const wanted = process.argv.slice(2).join(' ');
const copy = mkdtempSync(join(tmpdir(), 'faults-'));
const options = ['--cached', '--others', '--exclude-standard'];
const files = execFileSync('git', ['ls-files', ...options], { cwd: root, encoding: 'utf8' });
for (const file of files.split('\n').filter((name) => name !== ''))
  cpSync(join(root, file), join(copy, file), { recursive: true });
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));

for (const { fault, file, from, to, caughtBy } of faultPatches) {
  if (!fault.includes(wanted)) continue;
  const place = join(copy, file);
  const text = readFileSync(place, 'utf8');
  writeFileSync(
    place,
    text.replace(from, () => to),
  );
  const [tests, title] = caughtBy;
  const words = [
    'run',
    '-s',
    'test:jest',
    '--',
    '-w',
    '1',
    tests,
    ...(title === undefined ? [] : ['-t', title]),
  ];
  const { status, stdout, stderr } = spawnSync('npm', words, { cwd: copy, encoding: 'utf8' });
  writeFileSync(place, text);
  const failed = /✕ (.*)/.exec(stdout + stderr)?.[1];
  const isCaught = status !== 0 && failed !== undefined;
  process.stdout.write(
    `${isCaught ? 'caught' : 'NOT CAUGHT'}: ${fault}: ${failed ?? dirname(tests)}\n`,
  );
  if (!isCaught) process.exitCode = 1;
}
rmSync(copy, { recursive: true, force: true });
