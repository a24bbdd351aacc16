import { z } from 'zod';
import { command } from '../contract/command.ts';
import { deedOn } from '../contract/deed.ts';
import { OperatorError } from '../contract/errors.ts';
import { defineHandler } from '../contract/handler.ts';
import { fewNames } from '../words/counts.ts';
import { PackageName } from './params.ts';
import { packageKeepLookShell, packageKeepShell } from './scripts/embedded.ts';

const Kept = z.strictObject({
  /** Name, installed version, and where that version can be had: no longer anywhere is `nowhere`. */
  packages: z.array(
    z.strictObject({
      name: z.string(),
      version: z.string(),
      from: z.enum(['archive', 'cache', 'repack', 'nowhere']),
    }),
  ),
  /** Whether an earlier run has kept packages already. */
  isListed: z.boolean(),
});

/**
 * Keeps the installed versions of packages on the host where no archive offers them any more: out of apt's cache, or packed
 * anew out of their files, as dpkg-repack does. They become an archive of the host's own, so that a later `package` step can go back to them.
 */
export const packageKeepHandler = defineHandler({
  kind: 'package-keep',
  params: z.strictObject({
    packages: z
      .array(PackageName)
      .min(1)
      .describe('Packages whose installed version has to stay within reach.'),
  }),
  before: Kept,
  timeoutMs: 30 * 60_000,
  probeTimeoutMs: 5 * 60_000,
  reversibility: () => 'reversible',
  probe: ({ packages }) => [command(['sh', '-c', packageKeepLookShell, 'sh', ...packages])],
  parse: ([output]) => {
    const rows = (output?.stdout ?? '').split('\n').map((line) => line.split(' '));
    return Kept.parse({
      packages: rows
        .filter(([tag]) => tag === 'at')
        .map(([, name, version, from]) => ({ name, version, from })),
      isListed: rows.some(([tag]) => tag === 'listed'),
    });
  },
  isDone: (_params, { packages }) => {
    const lost = packages.filter(({ from }) => from === 'nowhere');
    if (lost.length > 0)
      throw new OperatorError(
        `keeping packages for a rollback: nobody has ${fewNames(
          lost.map(({ name, version }) => `${name} ${version}`),
          5,
        )} any more`,
        {
          name: 'WayBackLost',
          hint: 'Nothing was changed. Files of these packages are gone, so they cannot be packed anew: bring their .debs into /var/cache/apt/archives, then Retry; or plan again, which then asks for a snapshot of the host.',
        },
      );
    return packages.every(({ from }) => from === 'archive');
  },
  apply: ({ packages }) => [command(['sh', '-c', packageKeepShell, 'sh', ...packages])],
  undo: (_params, before, now) =>
    before.isListed || !now.isListed
      ? []
      : [command(['rm', '-rf', '--', '/etc/apt/sources.list.d/hopscotch-kept.list', folder])],
  isRestored: (_params, before, now) => before.isListed || !now.isListed,
  does: ({ packages }) =>
    deedOn(`keep ${packages.join(', ')} on the host for a rollback`, 'write', [folder]),
  changes: (_params, { packages }) =>
    packages
      .filter(({ from }) => from !== 'archive')
      .map(
        ({ name, version, from }) =>
          `${name} ${version}: ${from === 'cache' ? "kept out of apt's cache" : from === 'repack' ? 'packed anew out of its files' : 'nobody has it any more'}`,
      )
      .join('\n'),
});

const folder = '/var/lib/hopscotch/kept-packages';
