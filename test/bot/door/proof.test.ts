import { chmod, link, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { accountName, ownerOfProof } from '../../../bot/door/proof.ts';

const nonce = 'a1b2c3d4e5f6';
let dir: string;
let path: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hopscotch-proof-'));
  path = join(dir, nonce);
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function written(text = nonce, mode = 0o644): Promise<void> {
  await writeFile(path, text);
  await chmod(path, mode);
}

describe('the file that shows who knocks', () => {
  it('says whose it is, and is gone afterwards', async () => {
    await written();

    expect(await ownerOfProof(path, nonce)).toBe(userInfo().uid);
    await expect(stat(path)).rejects.toThrow('ENOENT');
  });

  it.each([
    ['is not there', async () => {}],
    ['holds something else', () => written('a1b2c3d4e5f7')],
    ['holds more', () => written(`${nonce} and more`)],
    ['may be written by others', () => written(nonce, 0o666)],
    ['may be written by a group', () => written(nonce, 0o664)],
    [
      'is a link to what somebody else wrote',
      async () => {
        await writeFile(join(dir, 'theirs'), nonce);
        await symlink(join(dir, 'theirs'), path);
      },
    ],
    [
      "is another name of somebody else's",
      async () => {
        await writeFile(join(dir, 'theirs'), nonce);
        await chmod(join(dir, 'theirs'), 0o644);
        await link(join(dir, 'theirs'), path);
      },
    ],
  ])('proves nothing where it %s', async (_what, make) => {
    await make();

    expect(await ownerOfProof(path, nonce)).toBeUndefined();
  });

  it('has the name that this machine gives its owner', async () => {
    expect(await accountName(userInfo().uid)).toBe(userInfo().username);
    expect(await accountName(3_999_999_999)).toBeUndefined();
  });
});
