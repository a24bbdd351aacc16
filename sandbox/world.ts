import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeCloud } from './cloud.ts';
import { startHosts, type Hosts } from './hosts.ts';
import { startProduct, type Product } from './product.ts';
import { startWorkspace, type Workspace } from './slack.ts';

/** A workspace, a cloud, and the product between them. */
export interface World {
  readonly workspace: Workspace;
  readonly hosts: Hosts;
  readonly product: Product;
  readonly stop: () => Promise<void>;
}

/** Starts all of it; when a part does not start, the others are stopped again. */
export async function startWorld(dir: string): Promise<World> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const running: { stop: () => Promise<void> }[] = [];
  const keep = async <T extends { stop: () => Promise<void> }>(part: Promise<T>): Promise<T> => {
    running.push(await part);
    return part;
  };
  const stop = async () => {
    for (const part of running.splice(0).toReversed()) await part.stop();
  };
  try {
    const [slack, cloud] = await Promise.allSettled([
      keep(startWorkspace({ dir: join(dir, 'slack') })),
      keep(startHosts({ dir: join(dir, 'hosts') })),
    ]);
    if (slack.status === 'rejected') throw slack.reason;
    if (cloud.status === 'rejected') throw cloud.reason;
    const [workspace, hosts] = [slack.value, cloud.value];
    const cloudsDir = join(dir, 'clouds');
    await writeCloud(cloudsDir, hosts);
    const product = await keep(startProduct({ dir, cloudsDir, runbooksDir, workspace }));
    return { workspace, hosts, product, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const runbooksDir = fileURLToPath(new URL('runbooks', import.meta.url));
