import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { labDir } from './lab.ts';
import type { PartStage } from './part.ts';

/**
 * With `LAB_HOLD` set, a run that has stopped waits until somebody touches `go-on` beside the lab's results: time to look at
 * the hosts, and to mend and build the product, which is then started anew.
 */
export async function heldForPerson({ world, say }: PartStage): Promise<void> {
  if (process.env['LAB_HOLD'] === undefined) return;
  const file = join(labDir, 'go-on');
  await rm(file, { force: true });
  say(`held: look, mend, npm run build, then touch ${file}`);
  while (!existsSync(file)) await sleep(1000);
  await rm(file);
  await world.restartProduct();
}
