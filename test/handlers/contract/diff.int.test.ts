import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { unifiedDiff } from '../../../handlers/contract/diff.ts';

const dir = mkdtempSync(join(tmpdir(), 'diff-'));
afterAll(() => rmSync(dir, { recursive: true }));

const lines = fc.array(
  fc.constantFrom('a\n', 'b\n', 'c\n', '\n', '-x\n', '+y\n', '--- z\n', '@@ -1 @@\n'),
  {
    maxLength: 40,
  },
);
const text = fc
  .tuple(lines, fc.constantFrom('', '', 'end', ' '))
  .map(([all, last]) => all.join('') + last);

it('leads from one text to the other in as few edits as diff --minimal', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const theirs = diffU(before, after);
      const ours = unifiedDiff(before, after);

      expect(edits(ours)).toBe(edits(theirs));
      expect(patched(before, ours)).toBe(after);
    }),
    { numRuns: 150 },
  );
});

it('says exactly what diff -u says of a small change', () => {
  const before = Array.from({ length: 40 }, (_, index) => `line ${index}\n`).join('');
  const after = before
    .replace('line 3\n', 'line three\n')
    .replace('line 9\n', '')
    .replace('line 30\n', 'line 30\nand a half\n')
    .replace(/\n$/, '');

  expect(`${unifiedDiff(before, after)}\n`).toBe(diffU(before, after));
});

function write(name: string, content: string): string {
  writeFileSync(join(dir, name), content);
  return name;
}

function diffU(before: string, after: string): string {
  const words = ['-u', '--minimal', '--label', 'before', '--label', 'after'];
  const args = [...words, write('before', before), write('after', after)];
  return spawnSync('diff', args, { cwd: dir, encoding: 'utf8' }).stdout;
}

/** Follows a diff as patch does, strictly: every line it names has to be where it says. */
function patched(before: string, diff: string): string {
  const old = before.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const now: string[] = [];
  let index = 0;
  for (const [line] of `${diff}\n`.matchAll(/[^\n]*\n(?:\\ No newline[^\n]*\n)?/g)) {
    const hunk = /^@@ -(\d+)(?:,(\d+))? /.exec(line);
    if (/^(---|\+\+\+) (before|after)\n/.test(line) || line === '\n') continue;
    if (hunk) {
      const start = Number(hunk[1]) - (hunk[2] === '0' ? 0 : 1);
      now.push(...old.slice(index, start));
      index = start;
      continue;
    }
    const content = line.slice(1).replace(/\n\\ No newline[^]*/, '');
    if (!line.startsWith('+')) expect(old[index++]).toBe(content);
    if (!line.startsWith('-')) now.push(content);
  }
  return [...now, ...old.slice(index)].join('');
}

const edits = (diff: string): number =>
  diff
    .split('\n')
    .slice(2)
    .filter((line) => /^[-+]/.test(line)).length;
