import { execFileSync } from 'node:child_process';
import { expect, it } from '@jest/globals';
import { helperProgram } from '../../../../jobs/remote/helper/helper-program.ts';

it('is Python as Debian 11 has it, and as old as 3.8', () => {
  const parse = `import ast, sys
ast.parse(sys.stdin.read(), feature_version=(3, int(sys.argv[1])))`;
  for (const minor of ['8', '9']) {
    execFileSync('python3', ['-c', parse, minor], { input: helperProgram('abc').text });
  }
});

it('needs what Python starts with, and nothing that takes long to load', () => {
  const imports = helperProgram('abc').text.match(/^ *import .*$/gm);

  expect(imports).toEqual([
    'import os, sys, select, time',
    'import _signal as signal',
    '        import ctypes',
  ]);
});

it('ends what it follows where Python has no ctypes, as in python3-minimal', () => {
  const program = helperProgram('abc').text.replace(/^main\(\)$/m, '');
  const ending = `
INOTIFY = False
one = FOLLOWS[1] = Follow(1, "/nowhere", {"from": 0})
one.watch = -1
one.end("shell")
os.write(1, b"over" if one.over and not FOLLOWS else b"not over")
`;

  expect(execFileSync('python3', ['-I', '-c', program + ending]).toString()).toBe('over');
});
