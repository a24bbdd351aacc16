import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeSandboxCloud } from './cloud.ts';
import { startHosts, type PretendHosts } from '../hosts/hosts.ts';
import { startJuno, type JunoLab } from '../juno/start.ts';
import { startStoryProduct, type StoryProduct } from './product.ts';
import { startWorkspace, type LocalWorkspace } from '../slack/slack.ts';

/** A workspace, pretend clouds, and the product between them. */
export interface StoryWorld {
  readonly workspace: LocalWorkspace;
  /** The six hosts of the cloud `sandbox`, where that was asked for. */
  readonly hosts: PretendHosts | undefined;
  /** The cloud `juno-lab`, where that was asked for. */
  readonly juno: JunoLab | undefined;
  readonly product: StoryProduct;
  readonly stop: () => Promise<void>;
}

export const cloudNames = ['sandbox', 'juno'] as const;

export type CloudName = (typeof cloudNames)[number];

/** Starts all of it; when a part does not start, the others are stopped again. */
export async function startStoryWorld(
  dir: string,
  clouds: readonly CloudName[],
): Promise<StoryWorld> {
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
    const [slack, sixHosts, lab] = await Promise.allSettled([
      keep(startWorkspace({ dir: join(dir, 'slack') })),
      clouds.includes('sandbox') ? keep(startHosts({ dir: join(dir, 'hosts') })) : undefined,
      clouds.includes('juno') ? keep(startJuno({ dir: join(dir, 'juno') })) : undefined,
    ]);
    if (slack.status === 'rejected') throw slack.reason;
    if (sixHosts.status === 'rejected') throw sixHosts.reason;
    if (lab.status === 'rejected') throw lab.reason;
    const [workspace, hosts, juno] = [slack.value, sixHosts.value, lab.value];
    const cloudsDir = join(dir, 'clouds');
    if (hosts !== undefined) await writeSandboxCloud(cloudsDir, hosts);
    await juno?.writeCloud(cloudsDir);
    const product = await keep(startStoryProduct({ dir, cloudsDir, runbooksDir, workspace }));
    return { workspace, hosts, juno, product, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const runbooksDir = fileURLToPath(new URL('../runbooks', import.meta.url));
