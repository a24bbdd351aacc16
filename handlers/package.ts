import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { changePackages, updateLists } from './apt-get.ts';
import { OperatorError } from './errors.ts';
import { defineHandler } from './handler.ts';
import { lookAtPackages, PackageState, readPackages } from './package-state.ts';
import { undoPackages } from './package-undo.ts';

const name = '[a-z0-9][a-z0-9+.-]*[a-z0-9+.]';

const Wanted = z
  .string()
  .regex(
    new RegExp(`^${name}(=[0-9A-Za-z][0-9A-Za-z.+~:-]*)?$`),
    'expected a package such as nova-compute, or with a version: nova-compute=3:29.0.1-0ubuntu1',
  );

const Name = z
  .string()
  .regex(new RegExp(`^${name}$`), 'expected a package such as nova-compute, without a version');

const Params = z
  .strictObject({
    install: z
      .array(Wanted)
      .default([])
      .describe('Packages to install or upgrade: name, or name=version for just that version.'),
    remove: z.array(Name).default([]).describe('Packages to remove; their configuration stays.'),
    purge: z
      .array(Name)
      .default([])
      .describe('Packages to remove with their configuration, which makes the step one-way.'),
    update: z
      .boolean()
      .default(false)
      .describe('true: fetches the lists of packages first, so that new versions are known.'),
  })
  .superRefine(({ install, remove, purge, update }, context) => {
    const names = [...install.map(nameOf), ...remove, ...purge];
    if (names.length === 0 && !update)
      context.addIssue('needs at least one of install, remove, purge and update');
    for (const twice of new Set(names.filter((one, at) => names.indexOf(one) !== at)))
      context.addIssue(`names ${twice} twice`);
  });

/**
 * Installs, upgrades and removes Debian packages. `undo` brings every package of the host back to the version, hold and
 * mark that it had, as far as the host's repositories still offer those versions.
 */
export const packages = defineHandler({
  kind: 'package',
  params: Params,
  before: PackageState,
  timeoutMs: 30 * 60_000,
  // What somebody changed in the configuration goes with a purge.
  exit: ({ purge }) => (purge.length > 0 ? 'oneWay' : 'reversible'),
  probe: ({ install }) => lookAtPackages(install.map(nameOf)),
  parse: (outputs, { install, update }) => {
    const found = readPackages(outputs);
    // Before an update nobody knows what the repositories offer.
    if (!update) for (const one of install) refuseUnknown(one, found);
    return found;
  },
  isDone: ({ install, remove, purge, update }, found, before) => {
    const isRight =
      install.every((one) => isThere(one, found)) &&
      ![...remove, ...purge].some((one) => one in found.installed) &&
      !purge.some((one) => found.configFiles.includes(one)) &&
      Object.keys(found.unfinished).length === 0;
    if (!isRight) return false;
    const asksForNewest = update && (install.length === 0 || !install.every(hasVersion));
    return asksForNewest && before === undefined ? undefined : true;
  },
  apply: ({ install, remove, purge, update }) => [
    ...(update ? [updateLists] : []),
    ...changePackages(
      ...(install.length > 0 ? [installLine(install, remove)] : []),
      ...(install.length === 0 && remove.length > 0 ? [['remove', ...remove.map(ifKnown)]] : []),
      ...(purge.length > 0 ? [['purge', ...purge.map(ifKnown)]] : []),
    ),
  ],
  undo: (_params, before, now) => undoPackages(before, now),
  isRestored: (_params, before, now) =>
    isDeepStrictEqual({ ...before, ...uncompared }, { ...now, ...uncompared }) &&
    Object.keys(now.unfinished).every((one) => one in before.unfinished),
  changes: ({ install, remove, purge, update }, before) =>
    [
      ...(update ? ['the lists of packages are fetched'] : []),
      ...Object.entries(before.unfinished).map(
        ([one, status]) => `${one}: dpkg calls it unfinished (${status}) already`,
      ),
      ...install
        .filter((one) => update || !isThere(one, before))
        .map((one) => installing(one, before, update)),
      ...remove.flatMap((one) => removing(one, 'removed', before)),
      ...purge.flatMap((one) => removing(one, 'removed with its configuration', before)),
    ].join('\n'),
});

/** What tells nothing of what a step changed, or is compared otherwise. */
const uncompared = { offers: {}, unfinished: {}, obsolete: [] };

const nameOf = (wanted: string): string => wanted.split('=', 1)[0] ?? '';
const versionOf = (wanted: string): string | undefined => wanted.split('=', 2)[1];
const hasVersion = (wanted: string): boolean => versionOf(wanted) !== undefined;

// apt-get ends with an error for a package of which it does not even know the name; a pattern may match nothing.
const ifKnown = (one: string): string => `?exact-name(${one})`;

function installLine(install: readonly string[], remove: readonly string[]): string[] {
  const downgrades = install.some(hasVersion) ? ['--allow-downgrades'] : [];
  return ['install', ...downgrades, ...install, ...remove.map((one) => `${ifKnown(one)}-`)];
}

function isThere(wanted: string, { installed, offers }: PackageState): boolean {
  const one = nameOf(wanted);
  return one in installed && installed[one] === (versionOf(wanted) ?? offers[one]?.candidate);
}

function refuseUnknown(wanted: string, { installed, offers }: PackageState): void {
  const [one, version] = [nameOf(wanted), versionOf(wanted)];
  const { candidate = null, versions = [] } = offers[one] ?? {};
  if (candidate === null && !(one in installed))
    throw new OperatorError(`looking for the package ${one}: no repository of the host offers it`, {
      name: 'PackageNotFound',
      hint: 'Correct its name; or add its repository in an earlier step, and say `update: true`.',
    });
  if (version !== undefined && !versions.includes(version))
    throw new OperatorError(
      `looking for the package ${one}: no repository of the host offers version ${version}`,
      {
        name: 'PackageNotFound',
        hint: `Offered: ${versions.join(', ')}. For another one, add its repository in an earlier step, and say \`update: true\`.`,
      },
    );
}

function installing(wanted: string, found: PackageState, update: boolean): string {
  const one = nameOf(wanted);
  const [installed, offer] = [found.installed[one], found.offers[one]];
  const unknown = update ? 'the newest' : 'unknown';
  const version = versionOf(wanted) ?? (update ? undefined : offer?.candidate) ?? unknown;
  return [
    `${one}: ${installed ?? 'not installed'} -> ${version}`,
    ...(found.holds.includes(one) ? ['on hold, so apt will refuse'] : []),
    ...(installed !== undefined && offer?.hasInstalled === false
      ? [`no repository offers ${installed} any more, so there may be no way back to it`]
      : []),
  ].join('; ');
}

function removing(one: string, how: string, { installed, configFiles }: PackageState): string[] {
  if (one in installed) return [`${one}: ${installed[one]} -> ${how}`];
  return configFiles.includes(one) && how !== 'removed'
    ? [`${one}: its configuration is removed`]
    : [];
}
