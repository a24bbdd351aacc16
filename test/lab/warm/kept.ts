import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { labDir, type RealLab } from '../lab.ts';
import type { LabWorld } from '../world.ts';
import type { ApiGap } from './api-watch.ts';

/** Moments of the hop that are kept with all hosts and the product's files, and what its card says then. */
const moments = {
  'first-control': /each of: ctl2\./,
  'second-control': /Restart ctl1, and wait/,
  network: /each of: net1\./,
  'mid-zone': /each of: cmp2\./,
  end: /^Succeeded/m,
} as const;

export type KeptMoment = keyof typeof moments;

/** What a rollback is compared with. */
export interface StartOfHop {
  readonly run: string;
  readonly packages: readonly string[];
  /** Rows of all databases at the moment of the dump. */
  readonly dumped: readonly string[];
}

export interface MomentKeeper {
  /** Keeps all hosts and files where the card says that one of the moments is there. */
  readonly watch: (card: string) => Promise<void>;
  /** When all hosts were frozen for it, and the seconds that they need until the balancer has asked all of them again. */
  readonly frozen: readonly ApiGap[];
  readonly spentMs: () => number;
}

const settleMs = 10_000;

export async function openKeeper(
  { lab, world }: { readonly lab: RealLab; readonly world: Pick<LabWorld, 'dir'> },
  start: () => StartOfHop,
): Promise<MomentKeeper> {
  const old = new Set(await lab.snaps());
  const frozen: ApiGap[] = [];
  const kept = new Set<KeptMoment>();
  let spentMs = 0;
  for (const moment of Object.keys(moments) as KeptMoment[])
    if (old.has(snapshotOf(moment))) await lab.forget(snapshotOf(moment));
  return {
    frozen,
    spentMs: () => spentMs,
    watch: async (card) => {
      const moment = momentOf(card);
      if (moment === undefined || kept.has(moment)) return;
      const begun = Date.now();
      kept.add(moment);
      await writeFile(join(world.dir, startFile), JSON.stringify(start()));
      await lab.keep(snapshotOf(moment), world.dir);
      frozen.push(await frozenAt(moment));
      spentMs += Date.now() - begun;
    },
  };
}

export const momentOf = (card: string): KeptMoment | undefined =>
  (Object.keys(moments) as KeptMoment[]).find((moment) => moments[moment].test(card));

export const snapshotOf = (moment: KeptMoment): string => `kept-${moment}`;

/** The product's files of that moment. */
export const filesOf = (moment: KeptMoment): string => join(snapshotDir(moment), '.beside');

export const startOfHop = async ({ dir }: Pick<LabWorld, 'dir'>): Promise<StartOfHop> =>
  JSON.parse(await readFile(join(dir, startFile), 'utf8')) as StartOfHop;

const startFile = 'start-of-hop.json';
const snapshotDir = (moment: KeptMoment): string => join(labDir, 'snaps', snapshotOf(moment));

async function frozenAt(moment: KeptMoment): Promise<ApiGap> {
  const text = await readFile(join(snapshotDir(moment), '.frozen'), 'utf8');
  const [from = 0, to = from] = text.trim().split('\n').map(Number);
  return { from, to: to + settleMs };
}
