import { OperatorError } from '../../handlers/contract/errors.ts';
import { hostsOnCloud } from '../../jobs/files/runbook.ts';
import { movesWholeHosts } from '../path/distribution-path.ts';
import { archiveSteps, retiring } from '../deployment/packages/archive.ts';
import { configSteps } from '../deployment/packages/config.ts';
import {
  type PlanContext,
  databaseName,
  type StepDraft,
  groupedHosts,
  hostsOfPart,
  laterParts,
  movedHosts,
  type MovingService,
  listSome,
  hopTitle,
} from './context.ts';
import { hopOfService } from './mix.ts';
import { ruleSteps } from './rules.ts';
import {
  activateSteps,
  mainPackageSteps,
  noStepsKnown,
  schemaSyncs,
} from '../deployment/packages/service.ts';
import {
  dataMigrationSteps,
  neighbourSteps,
  upgradeCheckSteps,
} from '../deployment/packages/checks.ts';
import { forecastSteps } from '../deployment/packages/forecast.ts';
import { optionSteps } from '../deployment/packages/options.ts';
import { furtherCellDatabases } from './tiers.ts';
import { keepSteps, snapshotSteps, wayBackParam } from '../deployment/packages/way-back.ts';
import { startSteps, stopSteps } from '../deployment/packages/units.ts';
import type { Hop } from '../path/path.ts';
import { releaseNameTitle } from '../knowledge/releases.ts';
import { quietOnWholeHosts, packagesOnHost } from '../deployment/packages/host-packages.ts';

/**
 * One hop, whole: after it every chosen service runs the next release on every host.
 *
 * A rollback undoes steps strictly last first, so a step stands where its undo is right. Backwards a hop reads: new
 * programs stopped, databases restored, packages, files, repository, and only then old programs started, so that none
 * ever runs on the schema of another release. Therefore everything is stopped before even the repository changes, and
 * the packages of all hosts move before the dump. Forwards, nothing writes between the dump and the end of a sync,
 * packages that fail cost no row, and services start with the libraries that they will keep.
 */
export function hopSteps(context: PlanContext, hop: Hop): StepDraft[] {
  const all = context.chosen.map((one) => movingService(context, one, hop));
  const rules = (slot: Parameters<typeof ruleSteps>[3]) =>
    all.flatMap((moving) => ruleSteps(context, hop, moving, slot));
  const config = (when: Parameters<typeof configSteps>[2]) =>
    all.flatMap((moving) => configSteps(context, moving, when));
  const first = all.filter(({ known }) => !known.last);
  const last = all.filter(({ known }) => known.last);
  const isToday = movesWholeHosts(hop.from, context.knowledge);
  return [
    ...(isToday
      ? [
          ...forecastSteps(context, hop, all, true),
          ...keepSteps(context, { hop, isPartial: true }, movedHosts(context)),
          ...lookSteps(context, all, 'before'),
          ...snapshotSteps(context, { hop, isPartial: true }, movedHosts(context)),
        ]
      : []),
    ...rules('beforeStop'),
    ...stopSteps(context, all),
    ...oldProgramSteps(context, hop, all),
    ...(isToday
      ? archiveSteps(context, hop, { on: movedHosts(context), keepsOld: true, isPartial: true })
      : [repositoryStep(context, hop, hop.from)]),
    ...config('beforePackages'),
    ...first.flatMap((moving) => mainPackageSteps(context, all, moving)),
    ...restPackages(context, hop, first),
    ...last.flatMap((moving) => mainPackageSteps(context, all, moving)),
    ...config('afterPackages'),
    ...all.flatMap((moving) => optionSteps(context, moving, movedHosts(context))),
    ...rules('afterPackages'),
    ...backupSteps(context, all),
    ...first.flatMap((moving) => activateSteps(context, all, moving)),
    ...first.flatMap((moving) =>
      startSteps(context, all, { moving, parts: laterParts(moving), batch: 1 }),
    ),
    ...last.flatMap((moving) => activateSteps(context, all, moving)),
    ...rules('afterServices'),
    ...(isToday ? [...lookSteps(context, all, 'after'), ...neighbourSteps(context, hop, all)] : []),
  ];
}

/** What today's releases finish and check themselves, of services that are upgraded alone. */
const lookSteps = (
  context: PlanContext,
  all: readonly MovingService[],
  when: 'before' | 'after',
): StepDraft[] => [
  ...(when === 'before' ? upgradeCheckSteps(context, all, when) : []),
  ...dataMigrationSteps(context, all, when),
  ...(when === 'after' ? upgradeCheckSteps(context, all, when) : []),
];

/**
 * Throws `NoSteps` where nothing is known about the service in one of the two releases, and `ServiceMissing` where the later
 * one is the first to need another service, which the cloud does not have.
 */
export function movingService(
  context: PlanContext,
  chosen: PlanContext['chosen'][number],
  planned: Hop,
): MovingService {
  const hop = hopOfService(context, chosen, planned);
  const { [hop.from]: before, [hop.to]: after } = chosen.known.series;
  if (before === undefined || after === undefined)
    throw noStepsKnown(context, chosen.known.name, hop);
  const missing = (after.needs ?? [])
    .filter((name) => !(before.needs ?? []).includes(name))
    .find((name) => context.services.openstack[name] === undefined);
  if (missing !== undefined) throw serviceMissing(context, { chosen, hop, missing });
  return { ...chosen, hop, before, after };
}

const serviceMissing = (
  { cloud }: PlanContext,
  {
    chosen: { known },
    hop: { from, to },
    missing,
  }: {
    readonly chosen: PlanContext['chosen'][number];
    readonly hop: Hop;
    readonly missing: string;
  },
): OperatorError =>
  new OperatorError(
    `planning ${releaseNameTitle(from)} to ${releaseNameTitle(to)} on ${cloud.name}: ${known.title} of ${releaseNameTitle(to)} needs ${missing}, and the cloud has none`,
    {
      name: 'ServiceMissing',
      hint: `Upgrade to ${releaseNameTitle(from)} first, set up ${missing} there as its upgrade guide says [${known.series[to]?.source ?? ''}], name it in ${cloud.name}.yaml, and go on from there.`,
    },
  );

/**
 * The archive that packages come from afterwards; lists of others on the path go, as apt takes the highest version that
 * it sees. The list of a lower release may be kept, since a rollback can install only what apt is offered.
 */
export function repositoryStep(context: PlanContext, hop: Hop, kept?: Hop['from']): StepDraft {
  const { cloudArchive } = context.knowledge.distributions;
  const { codename, archive } = context.services.packages;
  const on = movedHosts(context);
  const own = archive === undefined || archive === 'none' ? { uri: cloudArchive.uri } : archive;
  const key = 'keyFile' in own || 'trusted' in own ? {} : { keyPackage: cloudArchive.keyPackage };
  const others = [context.hops[0]?.from, ...context.hops.map(({ to }) => to)];
  const suite = `${codename}-updates/${hop.to}`;
  const what =
    kept === undefined
      ? `switch apt to ${suite}`
      : `add apt repository ${suite}, keep ${releaseNameTitle(kept)}'s for a rollback`;
  return {
    id: `${hop.to}-repository`,
    title: hopTitle(hop, what),
    kind: 'repository',
    purpose: 'switch-repository',
    on,
    params: {
      name: `cloudarchive-${hop.to}`,
      suite,
      components: cloudArchive.components,
      ...own,
      ...key,
      replaces: others
        .filter((series) => series !== hop.to && series !== kept)
        .map((series) => `cloudarchive-${series}`),
      ...retiring(context, hop, kept !== undefined),
    },
  };
}

/** Data that only the programs of the old release can move, where the path begins with it; with a dump of its own. */
export function oldProgramSteps(
  context: PlanContext,
  hop: Hop,
  all: readonly MovingService[],
): StepDraft[] {
  const steps = (moving: MovingService) => ruleSteps(context, hop, moving, 'afterStop');
  const moved = all.filter((moving) => steps(moving).length > 0);
  const backups = backupSteps(context, moved, `${hop.from}.before`);
  return [
    ...backups.map((draft) => ({ ...draft, id: `${draft.id}-before` })),
    ...moved.flatMap(steps),
  ];
}

/**
 * One consistent dump of all databases of these services. A hop's dumps need labels of their own: by its label a rollback
 * finds the dump that belongs to a step.
 */
export function backupSteps(
  context: PlanContext,
  all: readonly MovingService[],
  label: string | undefined = all[0]?.hop.from,
): StepDraft[] {
  const { on, defaultsFile, backups } = context.services.database;
  const hosts = hostsOnCloud(context.cloud, on).slice(0, 1);
  const [moving] = all;
  const databases = all.flatMap((one) =>
    schemaSyncs(one).flatMap(({ database, also = [] }) => [
      ...[database, ...also].map((name) => databaseName(context, name)),
      ...(database === 'nova' ? furtherCellDatabases(context) : []),
    ]),
  );
  if (moving === undefined || databases.length === 0) return [];
  // A service that ends at another release than its hop is still one of the hop's.
  const hop = all.find((one) => context.hops.includes(one.hop))?.hop ?? moving.hop;
  return [
    {
      id: `${hop.to}-backup`,
      title: hopTitle(hop, `back up ${databases.join(', ')} (and prove it by a restore)`),
      kind: 'database-backup',
      purpose: 'back-up',
      on: hosts,
      params: {
        defaultsFile,
        databases,
        directory: backups,
        label,
        scratchPrefix: 'hopscotch_check_',
      },
    },
  ];
}

/** Packages of the hosts that the services' main parts are not on. */
// All services of a host in one go: they share libraries, which move with the first of them.
function restPackages(context: PlanContext, hop: Hop, all: readonly MovingService[]): StepDraft[] {
  const missing = (host: string): string[] =>
    all
      .filter((moving) => !hostsOfPart(context, moving, moving.known.main).includes(host))
      .flatMap((moving) => packagesOnHost(context, moving, host));
  return groupedHosts(movedHosts(context), (host) => ({
    install: [...new Set(missing(host))],
    back: wayBackParam(context, { hop, isPartial: true }, host),
  }))
    .filter(({ value }) => value.install.length > 0)
    .map(({ hosts: on, value: { install, back } }) => ({
      id: `${hop.to}-rest-packages`,
      title: hopTitle(hop, `install ${listSome(install)}`),
      kind: 'package',
      purpose: 'upgrade-packages',
      on,
      params: { install, ...back, ...quietOnWholeHosts(context, hop, all, on) },
      batch: 1,
    }));
}
