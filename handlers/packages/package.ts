import { changePackagesCommand, updateListsCommand } from './apt-get.ts';
import { OperatorError } from '../contract/errors.ts';
import { type StepDeed } from '../contract/deed.ts';
import { defineHandler } from '../contract/handler.ts';
import { endHoldCommand, guardedCommands, settledCheckCommand } from './guard.ts';
import { hostProbe, readHostState } from './host.ts';
import { mustMove, refuseKept } from './kept.ts';
import { packageName, PackageParams, packageVersion } from './params.ts';
import { arePackagesBack, packagesProbe, type PackageState, readPackages } from './state.ts';
import { undoPackages } from './undo.ts';
import {
  debconfAnswers,
  hostChanges,
  HostPackages,
  isGuardedUpgrade,
  isHostRight,
  isRestoredWhole,
  probesHost,
  maskedDebconfAnswers,
  nothingRunCommands,
  refuseOtherThanPromised,
  refuseStopped,
  refuseUpgrade,
  wasPromised,
} from './upgrade.ts';
import { whyDownCommand } from '../services/why-down.ts';

/**
 * Installs, upgrades and removes Debian packages. `undo` brings every package of the host back to the version, hold and
 * mark that it had, as far as the host's repositories still offer those versions. To another release of the distribution
 * there is no such rollback: what restores that is the undo of a `host-snapshot` step before it.
 */
export const packageHandler = defineHandler({
  kind: 'package',
  params: PackageParams,
  before: HostPackages,
  timeoutMs: 2 * 60 * 60_000,
  probeTimeoutMs: 5 * 60_000,
  // What somebody changed in the configuration goes with a purge.
  reversibility: (params) =>
    params.purge.length > 0 ? 'oneWay' : isRestoredWhole(params) ? 'restorable' : 'reversible',
  restoredBy: () => 'hosts',
  evidence: ({ running }) => running.map((name) => whyDownCommand(name)),
  probe: (params) => [
    ...packagesProbe(params.install.map(packageName)),
    ...(probesHost(params) ? [hostProbe(params.upgrade === 'full', params.running)] : []),
  ],
  parse: (outputs, params): HostPackages => {
    const host = probesHost(params) ? outputs.at(-1) : undefined;
    const found = readPackages(host === undefined ? outputs : outputs.slice(0, -1));
    // Before an update nobody knows what the repositories offer.
    if (!params.update) for (const one of params.install) refuseUnknown(one, found);
    return host === undefined ? found : { ...found, host: readHostState(host) };
  },
  isDone: (params, found, before) => {
    const { install, remove, purge, update, upgrade } = params;
    if (before === undefined) {
      refuseUpgrade(params, found);
      refuseOtherThanPromised(params, found);
    } else {
      refuseStopped(params, found, before);
      if (upgrade === 'full')
        refuseKept({ promised: wasPromised(params, before), sources: params.sources }, found);
    }
    const stays = upgrade === 'full' ? mustMove(params.sources, found) : [];
    const isRight =
      stays.length === 0 &&
      install.every((one) => isThere(one, found)) &&
      ![...remove, ...purge].some((one) => one in found.installed) &&
      !purge.some((one) => found.configFiles.includes(one)) &&
      Object.keys(found.unfinished).length === 0 &&
      isHostRight(params, found.host);
    if (!isRight) return false;
    const asksForNewest =
      update && (install.length === 0 || upgrade === 'full' || !install.every(hasVersion));
    return asksForNewest && before === undefined ? undefined : true;
  },
  masked: maskedDebconfAnswers,
  apply: (params) => {
    const { install, remove, purge, update, upgrade, hold, conffiles } = params;
    const lines = changePackagesCommand(
      [
        ...(upgrade === 'full' ? [['-o', 'Dpkg::Use-Pty=0', 'full-upgrade']] : []),
        ...(install.length > 0 ? [installLine(install, remove)] : []),
        ...(install.length === 0 && remove.length > 0 ? [['remove', ...remove.map(ifKnown)]] : []),
        ...(purge.length > 0 ? [['purge', ...purge.map(ifKnown)]] : []),
      ],
      conffiles,
    );
    return [
      ...(update ? [updateListsCommand] : []),
      ...debconfAnswers(params),
      ...(isGuardedUpgrade(params)
        ? [...guardedCommands(lines, hold), settledCheckCommand]
        : lines),
    ];
  },
  undo: (params, before, now) => {
    const unhold = now.host?.isHeld === true ? [endHoldCommand] : [];
    if (isRestoredWhole(params)) return [...unhold, ...nothingRunCommands(params, before, now)];
    const lines = undoPackages(before, now);
    return [...unhold, ...(isGuardedUpgrade(params) ? guardedCommands(lines, params.hold) : lines)];
  },
  isRestored: (params, before, now) =>
    now.host?.isHeld !== true &&
    // What another release left is for the restore of the host to put back.
    (isRestoredWhole(params) || arePackagesBack(before, now)),
  does: packagesDeed,
  changes: (params, before) => {
    const { install, remove, purge, update } = params;
    return [
      ...(update ? ['the lists of packages are fetched'] : []),
      ...hostChanges(params, before),
      ...Object.entries(before.unfinished).map(
        ([one, status]) => `${one}: dpkg calls it unfinished (${status}) already`,
      ),
      ...install
        .filter((one) => update || !isThere(one, before))
        .map((one) => installing(one, before, update)),
      ...remove.flatMap((one) => removing(one, 'removed', before)),
      ...purge.flatMap((one) => removing(one, 'removed with its configuration', before)),
    ].join('\n');
  },
});

function packagesDeed({
  install,
  remove,
  purge,
  update,
  upgrade,
  release,
}: PackageParams): StepDeed {
  const said = [
    ...(upgrade === 'full'
      ? [`upgrade every package${release === undefined ? '' : ` to ${release}`}`]
      : []),
    ...(install.length > 0 ? [`install ${install.join(', ')}`] : []),
    ...(remove.length > 0 ? [`remove ${remove.join(', ')}`] : []),
    ...(purge.length > 0 ? [`purge ${purge.join(', ')}`] : []),
  ];
  const names = [...(upgrade === 'full' ? ['every package'] : []), ...install, ...remove, ...purge];
  return {
    says: said.length === 0 && update ? 'fetch the lists of packages' : said.join('; '),
    changes: names.map((name) => ({ what: 'package', name })),
  };
}

const hasVersion = (wanted: string): boolean => packageVersion(wanted) !== undefined;

// apt-get ends with an error for a package of which it does not even know the name; a pattern may match nothing.
const ifKnown = (one: string): string => `?exact-name(${one})`;

function installLine(install: readonly string[], remove: readonly string[]): string[] {
  const downgrades = install.some(hasVersion) ? ['--allow-downgrades'] : [];
  return ['install', ...downgrades, ...install, ...remove.map((one) => `${ifKnown(one)}-`)];
}

function isThere(wanted: string, { installed, offers }: PackageState): boolean {
  const one = packageName(wanted);
  return one in installed && installed[one] === (packageVersion(wanted) ?? offers[one]?.candidate);
}

function refuseUnknown(wanted: string, { installed, offers }: PackageState): void {
  const [one, version] = [packageName(wanted), packageVersion(wanted)];
  const { candidate = null, versions = [] } = offers[one] ?? {};
  if (candidate === null && !(one in installed))
    throw new OperatorError(`looking for the package ${one}: no repository of the host offers it`, {
      name: 'PackageNotFound',
      hint: 'Correct its name; or add its repository in an earlier step, and say "update: true".',
    });
  if (version !== undefined && !versions.includes(version))
    throw new OperatorError(
      `looking for the package ${one}: no repository of the host offers version ${version}`,
      {
        name: 'PackageNotFound',
        hint: `Offered: ${versions.join(', ')}. For another one, add its repository in an earlier step, and say "update: true".`,
      },
    );
}

function installing(wanted: string, found: PackageState, update: boolean): string {
  const one = packageName(wanted);
  const [installed, offer] = [found.installed[one], found.offers[one]];
  const unknown = update ? 'the newest' : 'unknown';
  const version = packageVersion(wanted) ?? (update ? undefined : offer?.candidate) ?? unknown;
  return [
    `${one}: ${installed ?? 'not installed'} -> ${version}`,
    ...(found.holds.includes(one) ? ['on hold, so apt will refuse'] : []),
    ...(installed !== undefined && offer?.hasInstalled === false
      ? [`no repository offers ${installed} any more, so it may be impossible to go back to it`]
      : []),
  ].join('; ');
}

function removing(one: string, how: string, { installed, configFiles }: PackageState): string[] {
  if (one in installed) return [`${one}: ${installed[one]} -> ${how}`];
  return configFiles.includes(one) && how !== 'removed'
    ? [`${one}: its configuration is removed`]
    : [];
}
