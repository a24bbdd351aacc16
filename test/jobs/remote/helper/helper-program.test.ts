import { execFileSync } from 'node:child_process';
import { expect, it } from '@jest/globals';
import { helperProgram } from '../../../../jobs/remote/helper/helper-program.ts';

it('is Python as Debian 11 has it, and as old as 3.8', () => {
  const parse = `import ast, sys
ast.parse(sys.stdin.read(), feature_version=(3, int(sys.argv[1])))`;
  for (const minor of ['8', '9']) {
    execFileSync('python3', ['-c', parse, minor], { input: helperProgram('abc') });
  }
});

it('needs what Python starts with, and nothing that takes long to load', () => {
  const imports = helperProgram('abc').match(/^ *import .*$/gm);

  expect(imports).toEqual(['import os, sys, select, signal, time', '        import ctypes']);
});
