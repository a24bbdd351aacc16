import { describe, expect, it } from '@jest/globals';
import { measureHouse } from '../../scripts/house-rules.ts';

const file = (path: string, ...lines: string[]) => ({ path, text: `${lines.join('\n')}\n` });

/** What breaks each rule, by the rule; those that hold are left out. */
const brokenIn = (...files: ReturnType<typeof file>[]) =>
  Object.fromEntries(
    measureHouse(files).flatMap(({ rule, broken }) => (broken.length > 0 ? [[rule, broken]] : [])),
  );

const body = (count: number): string[] => Array.from({ length: count }, () => '  go();');

describe('rules of the house', () => {
  it('find nothing in a house in order', () => {
    expect(
      brokenIn(
        file('bot/a.ts', "import { b } from '../jobs/b.ts';", 'export const a = b;'),
        file('jobs/b.ts', 'export const b = 1;'),
      ),
    ).toEqual({});
  });

  it('count the files of each folder by itself', () => {
    const files = Array.from({ length: 21 }, (_, index) => file(`jobs/run/${index}.ts`, ';'));

    expect(brokenIn(...files, file('jobs/other.ts', ';'))).toEqual({
      'folders of more than 20 source files': ['jobs/run: 21'],
    });
  });

  it('follow a circle through types, re-exports and imports while it runs', () => {
    expect(
      brokenIn(
        file('jobs/a.ts', "import type { B } from './b.ts';"),
        file('jobs/b.ts', "export { c } from './c.ts';"),
        file('jobs/c.ts', "export const a = await import('./a.ts');"),
        file('jobs/beside.ts', "import './a.ts';"),
      ),
    ).toEqual({ 'circles of imports, types included': ['jobs/a.ts jobs/b.ts jobs/c.ts'] });
  });

  it('let floors import those below alone, and nothing that stands beside the house', () => {
    expect(
      brokenIn(
        file('jobs/a.ts', "import type { B } from '../openstack/b.ts';"),
        file('openstack/b.ts', "import '../sandbox/c.ts';"),
        file('sandbox/c.ts', "import '../bot/d.ts';"),
        file('bot/d.ts', ''),
      ),
    ).toEqual({
      'imports of a higher floor': ['jobs/a.ts: openstack/b.ts', 'openstack/b.ts: sandbox/c.ts'],
    });
  });

  it('count the lines of files and functions, but not of the chapters of a test', () => {
    expect(
      brokenIn(
        file('jobs/é.ts', '// é', 'export const long = () => {', ...body(59), '};'),
        file('jobs/fits.ts', 'function fits() {', ...body(58), '}'),
        file('test/a.test.ts', "describe('a', () => {", ...body(70), '});'),
        file('test/b.ts', ...body(301)),
      ),
    ).toEqual({
      'files of more than 300 lines': ['test/b.ts: 301'],
      'functions of more than 60 lines': ['jobs/é.ts:2: 61'],
    });
  });

  it('want scripts as files, and not in template strings of the program', () => {
    const script = ['const a = `', 'one', '${', '  two()', '}', 'three', '`;'];

    expect(
      brokenIn(
        file('jobs/a.ts', ...script, 'const b = `one', 'two', '${\n\n\nthree}`;'),
        file('sandbox/a.ts', ...script),
      ),
    ).toEqual({ 'scripts in template strings': ['jobs/a.ts:1: 5'] });
  });

  it('want one meaning for a name, but let a file pass on what another one declares', () => {
    expect(
      brokenIn(
        file('jobs/a.ts', 'export interface Hop {}', 'export const one = 1, two = 2;'),
        file('bot/b.ts', 'export type Hop = string;', "export { one } from '../jobs/a.ts';"),
        file('test/c.ts', 'export const two = 3;'),
      ),
    ).toEqual({ 'names that two files export': ['Hop: jobs/a.ts, bot/b.ts'] });
  });
});
