import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { toShell } from '../../../handlers/contract/command.ts';
import { anyCharacter } from '../../support/any-character.ts';

const shells = ['/bin/sh', 'bash', 'dash', 'ksh', 'zsh', 'busybox'].filter(
  (shell) => spawnSync(shell, [...flags(shell), 'true']).status === 0,
);

describe.each(shells)('toShell in %s', (shell) => {
  it('delivers any words as exactly those words', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 40 }), (words) => {
        const line = toShell(['/usr/bin/printf', '%s\\0', ...words]);

        expect(run(shell, line)).toBe(words.map((text) => `${text}\0`).join(''));
      }),
      { numRuns: 300 },
    );
  });

  it.each(['A=b', 'if', 'time', 'function', 'until', '~'])(
    'looks for a program when the first word is %s',
    (first) => {
      const line = `PATH=/nowhere; ${toShell([first, 'true'])}`;
      const { status, stderr } = spawnSync(shell, [...flags(shell), line], { timeout: 20_000 });

      expect([status, String(stderr)]).toEqual([127, expect.stringContaining(first)]);
    },
  );
});

it('refuses a word that no argument list can carry', () => {
  expect(() => toShell(['echo', 'a\0b'])).toThrow(RangeError);
});

// prettier-ignore
const awkward = [
  '', "'", '"', "''", "\\'", '$(id)', '`id`', '$HOME', '${x}', '\n', '\r\n', '\t', ' ', '\\', "$'a'",
  '-n', '--', '-', '=', '=ls', 'a=b', '~', '~root', 'a=~', '*', '?', '[a]', '{a,b}', '!', '!!', '^a',
  '#', ';', '&', '|', '<', '>', '(', ')', '%1', 'if', 'done', '\u{1f600}', 'é', 'e\u0301', '\ufeff',
  '\u2028', '\x01', '\x7f', '\x1b[31m',
];
const word = fc.oneof(
  fc.string({ unit: anyCharacter }).filter(carried),
  fc.string({ unit: 'grapheme' }).filter(carried),
  fc.constantFrom(...awkward),
  fc.array(fc.constantFrom(...awkward), { maxLength: 4 }).map((parts) => parts.join('')),
);

// Neither can be written down as an argument: NUL ends one, half a surrogate pair has no UTF-8.
function carried(text: string): boolean {
  return !/[\0\p{Surrogate}]/u.test(text);
}

function flags(shell: string): string[] {
  return shell === 'busybox' ? ['sh', '-c'] : ['-c'];
}

const run = (shell: string, line: string): string =>
  execFileSync(shell, [...flags(shell), line], { encoding: 'utf8', input: '', timeout: 20_000 });
