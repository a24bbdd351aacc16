import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { labDir } from './lab.ts';
import type { PartStage } from './part.ts';

/**
 * With `LAB_HOLD` set, a run that has stopped waits until somebody writes `go-on` beside the lab's results: time to look at
 * the hosts, and to mend and build the product, which is then started anew. Answers what stands in it, such as `skip RUN
 * REASON`; nothing for a retry.
 */
export async function heldForPerson({ world, say }: PartStage): Promise<string> {
  if (process.env['LAB_HOLD'] === undefined) return '';
  const file = join(labDir, 'go-on');
  await rm(file, { force: true });
  say(
    `held: look, mend, npm run build, then touch ${file}, or write into it what ann types instead of a retry`,
  );
  while (!existsSync(file)) await sleep(1000);
  const words = (await readFile(file, 'utf8')).trim();
  await rm(file);
  await world.restartProduct();
  return words;
}
