import { z } from 'zod';
import { command } from '../contract/command.ts';
import { deedOfChecking } from '../contract/deed.ts';
import { OperatorError } from '../contract/errors.ts';
import { defineHandler } from '../contract/handler.ts';
import { FilePath, withHiddenSecrets } from '../files/change.ts';
import { countText, fewNames } from '../words/counts.ts';
import { moveLine, PackageForecast, packagesAfter, readForecast } from './forecast.ts';
import { PackageName, PromisedPackage, promisedVersions, WantedPackage } from './params.ts';
import { packageForecastShell } from './scripts/embedded.ts';
import { compareUpstream } from './upstream-version.ts';

const oneLine = z.string().regex(/^[^\0\r\n]+$/, 'expected one line');

const Params = z.strictObject({
  sources: z
    .array(oneLine)
    .default([])
    .describe('Lines of sources that the host will have, such as those of a new archive.'),
  gone: z.array(FilePath).default([]).describe('Files of sources that go.'),
  retires: z.array(z.string().min(1)).default([]).describe('Suites that no source names any more.'),
  keyPackages: z
    .array(PackageName)
    .default([])
    .describe(
      'Packages that hold keys of those sources; fetched and unpacked beside, where they are not installed.',
    ),
  upgrade: z.enum(['none', 'full']).default('none').describe('full: every package is upgraded.'),
  install: z.array(WantedPackage).default([]).describe('Packages that are installed.'),
  wants: z
    .array(
      z.strictObject({
        source: PackageName.describe('A source package, such as nova.'),
        release: z.string().min(1).describe('The release that it is to be of, for people.'),
        from: z.string().min(1).describe('The first version of that release.'),
        below: z.string().min(1).optional().describe('The first version that is too new.'),
      }),
    )
    .default([])
    .describe(
      'What installed packages are to be afterwards: each of its release, and none kept back.',
    ),
  expects: z
    .array(PromisedPackage)
    .optional()
    .describe(
      'What was promised of the packages of `wants`, and of all that go: name=version, without one of what goes.',
    ),
  goesBack: z
    .boolean()
    .default(true)
    .describe(
      'false: no packages lead back, as between releases of a distribution, so old versions are not asked about.',
    ),
  wayBack: z
    .enum(['archives', 'kept'])
    .optional()
    .describe(
      'Every old version has to be within reach of a rollback: archives offer it; kept: or the host can keep a copy.',
    ),
  brings: z
    .array(oneLine)
    .default([])
    .describe(
      'What apt said that it would bring when this was planned, for those who approve: a line a package.',
    ),
});
type Params = z.infer<typeof Params>;

/**
 * Asks apt what it would do with the sources that the host will have: their index is read into a folder of its own, where an
 * upgrade is simulated. Nothing else of the host changes. It fails where apt finds no way, where a package would be of another
 * release than wanted or kept back, and where it is not what was promised.
 */
export const packageForecastHandler = defineHandler({
  kind: 'package-forecast',
  params: Params,
  before: PackageForecast,
  timeoutMs: 10 * 60_000,
  probeTimeoutMs: 10 * 60_000,
  reversibility: () => 'reversible',
  probe: ({ sources, gone, retires, keyPackages, upgrade, wants, install, goesBack }) => [
    withHiddenSecrets(
      command(
        ['sh', '-c', packageForecastShell, 'sh', gone.join('\n'), retires.join(' ')].concat(
          keyPackages.join(' '),
          upgrade,
          wants.map(({ source }) => source).join(' '),
          goesBack ? 'yes' : 'no',
          install,
        ),
        // Addresses of archives may hold a login.
        { stdin: `${sources.join('\n')}\n`, okExits: [0, 1] },
      ),
    ),
  ],
  parse: ([output]) => readForecast(output),
  isDone: (params, found) => {
    refuseForecast(params, found);
    return true;
  },
  apply: () => [],
  undo: () => [],
  isRestored: () => true,
  does: ({ upgrade, install, brings }) => ({
    ...deedOfChecking(
      `ask apt what ${upgrade === 'full' ? 'a full upgrade' : `installing ${install.join(', ')}`} will bring`,
    ),
    ...(brings.length > 0 && { details: brings }),
  }),
  changes: (_params, found) => found.moves.map(moveLine).join('\n'),
});

/** Throws the first thing that is wrong with what apt would do: nobody should stop a service for that. */
export function refuseForecast(
  { wants, expects, wayBack }: Pick<Params, 'wants' | 'expects' | 'wayBack'>,
  found: PackageForecast,
): void {
  if (!found.isKnown || found.refused.length > 0)
    throw found.refused.length > 0
      ? refusal(
          'UpgradeImpossible',
          `apt refuses: ${found.refused.join(' ')}`,
          'Nothing was changed. Look at: apt-get --simulate full-upgrade, once the new sources are there.',
        )
      : refusal(
          'ArchiveUnread',
          `the archives were not read: ${found.unread[0] ?? 'apt did not come to its end'}`,
          'Nothing was changed. See that the host reaches its archives and has their keys.',
        );
  const wrong = wrongPackages(wants, found);
  if (wrong.length > 0)
    throw refusal(
      'MixedOffer',
      `${wrong.slice(0, 4).join('; ')}${wrong.length > 4 ? `; ${countText(wrong.length - 4, 'more package')}` : ''}`,
      'Nothing was changed. The archive is of several releases, or something keeps packages back: name an archive of one release under services.packages, or release the packages, then plan again.',
    );
  if (wayBack !== undefined) refuseLostWay(wayBack, found);
  if (expects === undefined) return;
  const wanted = promisedVersions(expects);
  const changed = Object.entries(wanted).filter(([name, version]) => {
    const now = promised(found, wants)[name];
    return now !== undefined && now !== version;
  });
  const extra = removed(found).filter((name) => wanted[name] !== '');
  if (changed.length + extra.length === 0) return;
  throw refusal(
    'ArchiveChanged',
    [
      ...changed.map(
        ([name, version]) =>
          `${name} would be ${promised(found, wants)[name] || 'removed'}, not ${version || 'removed'}`,
      ),
      ...extra.map((name) => `${name} would be removed`),
    ]
      .slice(0, 5)
      .join('; '),
    'Nothing was changed. The archive offers something else than was approved: plan again.',
  );
}

/** A step that calls itself reversible does not begin where apt could not go back. */
function refuseLostWay(wayBack: 'archives' | 'kept', { lost, back }: PackageForecast): void {
  const gone = lost.filter(({ from }) => wayBack === 'archives' || from === 'nowhere');
  if (gone.length === 0 && back.length === 0) return;
  const why =
    gone.length === 0
      ? `apt would not bring all packages back: ${back.slice(0, 4).join('; ')}`
      : `no archive offers ${fewNames(
          gone.map(({ name, version }) => `${name} ${version}`),
          5,
        )} any more`;
  throw refusal(
    'WayBackLost',
    `a rollback would fail: ${why}`,
    'Nothing was changed. Plan again from here: the plan then keeps what can be kept, or asks for a snapshot of the host.',
  );
}

/** Installed packages of wanted sources that would be of another release, with who keeps them there. */
function wrongPackages(wants: Params['wants'], found: PackageForecast): string[] {
  return packagesAfter(found).flatMap(({ source, name, to }) => {
    const want = wants.find((one) => one.source === source);
    if (want === undefined || to === undefined) return [];
    const isEarly = compareUpstream(to, want.from) < 0;
    if (!isEarly && (want.below === undefined || compareUpstream(to, want.below) < 0)) return [];
    const kept = found.kept.find((one) => one.name === name);
    const why =
      kept === undefined
        ? ''
        : {
            dependencies: ' (kept back)',
            phasing: ' (phased)',
            pin: ` (pinned; ${kept.offered ?? 'a newer one'} is offered)`,
          }[kept.by];
    return [`${name} would be ${to}${why}, which is not ${want.release}`];
  });
}

/** What is promised of a host: the packages of wanted sources, and all that goes. */
export function promised(
  found: PackageForecast,
  wants: readonly { readonly source: string }[],
): Record<string, string> {
  return Object.fromEntries([
    ...packagesAfter(found)
      .filter(({ source }) => wants.some((one) => one.source === source))
      .map(({ name, to = '' }) => [name, to] as const),
    ...removed(found).map((name) => [name, ''] as const),
  ]);
}

const removed = ({ moves }: PackageForecast): string[] =>
  moves.flatMap(({ name, to }) => (to === undefined ? [name] : []));

const refusal = (
  name: 'UpgradeImpossible' | 'ArchiveUnread' | 'MixedOffer' | 'ArchiveChanged' | 'WayBackLost',
  why: string,
  hint: string,
): OperatorError => new OperatorError(`asking apt what the upgrade brings: ${why}`, { name, hint });
