import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { command, type Command } from '../contract/command.ts';
import { OperatorError } from '../contract/errors.ts';
import { withHiddenInput } from '../files/change.ts';
import { REDACTED } from '../redaction/redact.ts';
import { HostState } from './host.ts';
import { keptLines, type KeptPackage } from './kept.ts';
import { type PackageParams, promisedVersions } from './params.ts';
import { PackageState } from './state.ts';

/** The packages of a host; with what else an upgrade of all of it is judged by. */
export const HostPackages = PackageState.extend({ host: HostState.optional() });
export type HostPackages = z.infer<typeof HostPackages>;

/** Whether apt runs under guard: nothing that is held starts, and new logins are looked after. */
export const isGuardedUpgrade = ({ upgrade, hold }: PackageParams): boolean =>
  upgrade === 'full' || hold.length > 0;

export const probesHost = (params: PackageParams): boolean =>
  isGuardedUpgrade(params) || params.running.length > 0;

/** Answers that packages find instead of asking. */
export function debconfAnswers({ debconf }: PackageParams): Command[] {
  if (debconf.length === 0) return [];
  const set = command(['debconf-set-selections'], { stdin: selections(debconf) });
  return [debconf.some(isPassword) ? withHiddenInput(set) : set];
}

/** The same for people. */
export const maskedDebconfAnswers = ({ debconf }: PackageParams): string =>
  selections(debconf.map((one) => (isPassword(one) ? { ...one, value: REDACTED } : one)));

const isPassword = ({ type }: PackageParams['debconf'][number]): boolean => type === 'password';

const selections = (debconf: PackageParams['debconf']): string =>
  debconf
    .map(({ package: of, question, type, value }) => `${of} ${question} ${type} ${value}\n`)
    .join('');

export function isHostRight({ running, release }: PackageParams, host?: HostState): boolean {
  if (host === undefined) return true;
  return (
    !host.isHeld &&
    host.pending.length === 0 &&
    host.refused.length === 0 &&
    running.every((name) => host.up.includes(name)) &&
    isOfRelease(host, release)
  );
}

const isOfRelease = ({ codename, rolling }: HostState, release: string | undefined): boolean =>
  [undefined, codename, rolling].includes(release);

/** An upgrade that apt sees no way for is not begun. Before the lists are fetched, that is not known. */
export function refuseUpgrade({ update }: PackageParams, { host, unfinished }: HostPackages): void {
  // What dpkg left half-done is what apt refuses to look beyond; the step takes it up.
  if (update || Object.keys(unfinished).length > 0 || !host || host.refused.length === 0) return;
  throw new OperatorError(`upgrading the whole host: apt refuses: ${host.refused.join(' ')}`, {
    name: 'UpgradeImpossible',
    hint: 'Look at: apt-get --simulate full-upgrade',
  });
}

/** What was promised of packages that were there. */
export const wasPromised = (
  { expects = [] }: PackageParams,
  { installed }: HostPackages,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(promisedVersions(expects)).filter(([name]) => name in installed),
  );

/** What apt would do now is what was approved: nothing has moved yet. */
export function refuseOtherThanPromised(params: PackageParams, found: HostPackages): void {
  const { expects, update } = params;
  const moves = (found.host?.pending ?? []).map((line) => pendingMove(line));
  if (expects === undefined || update || Object.keys(found.unfinished).length > 0) return;
  const wrong = Object.entries(wasPromised(params, found)).flatMap(([name, version]) => {
    const move = moves.find((one) => one.name === name);
    // What is installed besides may move more than the upgrade alone.
    if (move === undefined && params.install.length > 0) return [];
    const to = move === undefined ? found.installed[name] : move.to;
    return to === version
      ? []
      : [`${name} would be ${to || 'removed'}, not ${version || 'removed'}`];
  });
  const extra = moves
    .filter(({ name, to }) => to === '' && promisedVersions(expects)[name] !== '')
    .map(({ name }) => `${name} would be removed`);
  if (wrong.length + extra.length === 0) return;
  throw new OperatorError(
    `upgrading the whole host: apt would do something else than was approved: ${[...wrong, ...extra].slice(0, 5).join('; ')}`,
    {
      name: 'ArchiveChanged',
      hint: 'No package has moved. The archive offers something else than before: roll back and plan again.',
    },
  );
}

/** `nova-api: 1 -> 2`; an empty version is gone. */
function pendingMove(line: string): { readonly name: string; readonly to: string } {
  const [name = '', change = ''] = line.split(': ');
  const to = change.split(' -> ')[1] ?? '';
  return { name, to: to === 'removed' ? '' : to };
}

/** apt ends well with services that failed to start, and where the lists hold no newer release. */
export function refuseStopped(
  { hold, running, release }: PackageParams,
  { host }: HostPackages,
  before: HostPackages,
): void {
  if (host === undefined) return;
  const isHeld = (unit: string): boolean => hold.some((name) => unit.startsWith(`${name}.`));
  const stopped = [
    ...running.filter((name) => !host.up.includes(name)),
    ...(before.host?.running ?? []).filter((unit) => host.down.includes(unit) && !isHeld(unit)),
  ];
  if (stopped.length > 0)
    throw new OperatorError(
      `after the packages were changed these do not run: ${[...new Set(stopped)].join(', ')}`,
      {
        name: 'ServicesStopped',
        hint: `Look at: systemctl status ${stopped[0]}; journalctl -u ${stopped[0]}`,
      },
    );
  if (!isOfRelease(host, release))
    throw new OperatorError(
      `upgrading the whole host to ${release}: apt ended well, but the host is ${host.codename || 'of an unknown release'}`,
      {
        name: 'ReleaseNotThere',
        hint: `See that its repositories are those of ${release}, and that their lists were fetched.`,
      },
    );
}

/** Whether no packages lead back, but a snapshot of the whole host. */
export const isRestoredWhole = ({ release, wayBack }: PackageParams): boolean =>
  release !== undefined || wayBack === 'snapshot';

/** A host of another release of its distribution is restored, and by a person. */
export const nothingRunCommands = (
  { release }: PackageParams,
  before: HostPackages,
  now: HostPackages,
): Command[] =>
  isDeepStrictEqual(before.installed, now.installed) &&
  Object.keys(now.unfinished).every((one) => one in before.unfinished)
    ? []
    : [
        command([
          'echo',
          `Nothing is run here: packages stay as the upgrade${release === undefined ? '' : ` to ${release}`} left them until the whole host is restored from the snapshot of this run, which puts back ${before.host?.codename ?? 'the release of before'}.`,
        ]),
      ];

/** What apt says that it keeps back; before the lists are fetched, what is on hold will be. */
function keptNow({ update }: PackageParams, { host, holds }: HostPackages): KeptPackage[] {
  const kept = host?.kept ?? [];
  const held = update
    ? holds
        .filter((name) => /^[a-z0-9][a-z0-9+.-]+(:[a-z0-9-]+)?$/.test(name))
        .filter((name) => !kept.some((one) => one.name === name))
    : [];
  return [...kept, ...held.map((name) => ({ name, source: '', by: 'dependencies' as const }))];
}

/** For people: what is done to a host beside the packages that a step names. */
export function hostChanges(params: PackageParams, before: HostPackages): string[] {
  const { host } = before;
  const { upgrade, update, release, hold, debconf } = params;
  const pending = update ? [] : (host?.pending ?? []);
  const removed = pending.filter((line) => line.endsWith(' -> removed'));
  const added = pending.filter((line) => line.includes(': not installed -> '));
  const kept = upgrade === 'full' ? keptLines(keptNow(params, before), before) : [];
  const changed = pending.length - removed.length - added.length;
  return [
    ...(host?.isHeld === true
      ? ['an interrupted run left services held: /usr/sbin/policy-rc.d is put back first']
      : []),
    ...debconf.map(
      ({ question, type, value }) => `${question}: ${type === 'password' ? '[REDACTED]' : value}`,
    ),
    ...(hold.length > 0 ? [`not started meanwhile: ${hold.join(', ')}`] : []),
    ...(upgrade === 'full' && update
      ? [kept.length === 0 ? 'every package: -> the newest' : 'every other package: -> the newest']
      : []),
    ...kept,
    ...(release === undefined ? [] : [`release: ${host?.codename ?? 'unknown'} -> ${release}`]),
    ...(pending.length === 0
      ? []
      : [`${changed} packages in another version, ${added.length} new, ${removed.length} removed`]),
    ...removed,
    ...pending.filter((line) => !removed.includes(line)),
  ];
}
