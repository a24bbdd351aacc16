import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '../..');

/** All that a file loads as it starts: our own files, and packages by their names. */
function loadedBy(entrance: string): string[] {
  const met = new Set<string>();
  const visit = (path: string): void => {
    if (met.has(relative(root, path))) return;
    met.add(relative(root, path));
    for (const name of valueImports(readFileSync(path, 'utf8')))
      if (name.startsWith('.')) visit(resolve(dirname(path), name));
      else if (!name.startsWith('node:')) met.add(name);
  };
  visit(join(root, entrance));
  return [...met];
}

/** Without those of types alone, which are gone at runtime. */
const valueImports = (text: string): string[] =>
  Array.from(
    text.matchAll(/^(?:import|export) (?!type )(?:[^'"]*? from )?'([^']+)'/gm),
    ([, name = '']) => name,
  );

const runsAndHandlers = /^(handlers\/index|jobs\/run\/|openstack\/|bot\/)/;

describe('what starts beside others, and what all others wait for, loads no more than it needs', () => {
  it('the thread that renews locks knows neither BullMQ nor runs', () => {
    const loaded = loadedBy('jobs/redis/leases/keep-locks-thread.ts');

    expect(loaded).toContain('ioredis');
    expect(loaded.filter((name) => ['bullmq', 'zod', 'yaml'].includes(name))).toEqual([]);
    expect(loaded.filter((name) => runsAndHandlers.test(name))).toEqual([]);
  });

  it('the supervisor knows BullMQ, and no runs', () => {
    const loaded = loadedBy('main.ts');

    expect(loaded).toContain('bullmq');
    expect(loaded.filter((name) => runsAndHandlers.test(name))).toEqual([]);
  });
});
