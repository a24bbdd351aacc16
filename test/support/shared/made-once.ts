import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';

const patienceMs = 110_000;

/**
 * The path of something costly that all test files of one run share. The first that asks makes it; those who ask meanwhile
 * wait. Outside of a run of the tests (the drills) `undefined`.
 */
export async function madeOnce(
  name: string,
  make: (place: string) => Promise<void>,
): Promise<string | undefined> {
  const share = process.env['TESTS_SHARE'];
  if (share === undefined) return undefined;
  const place = join(share, name);
  if (existsSync(place)) return place;

  const mine = join(share, `making-${name}`);
  if (await isTaken(mine)) return waitFor(place);
  const draft = join(mine, name);
  await make(draft);
  await rename(draft, place);
  return place;
}

const isTaken = (dir: string): Promise<boolean> =>
  mkdir(dir).then(
    () => false,
    () => true,
  );

async function waitFor(place: string): Promise<string> {
  const deadline = Date.now() + patienceMs;
  while (!existsSync(place)) {
    if (Date.now() > deadline) throw new Error(`nobody made ${place}: see what failed first`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return place;
}
