import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { checksIn } from '../../../../openstack/inspect/checks/found-checks.ts';
import { inspectionChecks } from '../../../../openstack/inspect/checks/index.ts';

const dir = await mkdtemp(join(tmpdir(), 'checks-'));
afterAll(() => rm(dir, { recursive: true }));

/** A folder of one room with these files. */
async function folder(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  await mkdir(join(dir, name, 'room', 'scripts'), { recursive: true });
  for (const [file, text] of Object.entries(files))
    await writeFile(join(dir, name, 'room', file), text);
  return join(dir, name);
}

const check = (id: string, name = id) =>
  `export const ${name} = { id: '${id}', ask: () => [], read: () => ({}) };\nexport const other = 1;`;

describe('checks in folders', () => {
  it('are found by their files, in the order of their names', async () => {
    const found = await checksIn(
      await folder('two', { 'b.ts': check('one'), 'a.ts': check('two'), 'a.d.ts': '' }),
    );

    expect(found.map(({ id }) => id)).toEqual(['two', 'one']);
  });

  it.each([
    ['none', { 'a.ts': 'export const a = 1;' }, /room\/a\.ts holds no check/],
    ['several', { 'a.ts': `${check('a')}\n${check('b').split('\n')[0]}` }, /holds several checks/],
    ['twins', { 'a.ts': check('a'), 'b.ts': check('a') }, /two checks are called a/],
  ])('are refused where a file holds %s', async (name, files, message) => {
    await expect(checksIn(await folder(name, files))).rejects.toThrow(message);
  });

  it('are read first where others read what they have found', () => {
    expect(inspectionChecks.slice(0, 2).map(({ id }) => id)).toEqual(['schemas', 'packages']);
  });
});
