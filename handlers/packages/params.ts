import { z } from 'zod';
import { ServiceName } from '../services/service.ts';

const name = '[a-z0-9][a-z0-9+.-]*[a-z0-9+.]';

/** A package, with or without a version. */
export const WantedPackage = z
  .string()
  .regex(
    new RegExp(`^${name}(=[0-9A-Za-z][0-9A-Za-z.+~:-]*)?$`),
    'expected a package such as nova-compute, or with a version: nova-compute=3:29.0.1-0ubuntu1',
  );

/** A package without a version. */
export const PackageName = z
  .string()
  .regex(new RegExp(`^${name}$`), 'expected a package such as nova-compute, without a version');

/** `nova-api=3:31.0.0-1`; `python3-six=` is a package that goes. */
export const PromisedPackage = z
  .string()
  .regex(
    new RegExp(`^${name}=([0-9A-Za-z][0-9A-Za-z.+~:-]*)?$`),
    'expected a package with a version, or with none where it goes: nova-compute=3:29.0.1-0ubuntu1',
  );

const Answer = z.strictObject({
  package: PackageName.describe('The package that asks.'),
  question: z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'expected a question such as keystone/configure_db')
    .describe('The name of its question.'),
  type: z
    .enum(['boolean', 'string', 'select', 'multiselect', 'password', 'note', 'text'])
    .describe('What kind of question it is. The answer to a password is not shown.'),
  value: z
    .string('write the answer in quotes, such as "false"')
    .regex(/^[^\0\r\n]*$/, 'expected one line')
    .describe('The answer.'),
});

export const PackageParams = z
  .strictObject({
    install: z
      .array(WantedPackage)
      .default([])
      .describe('Packages to install or upgrade: name, or name=version for just that version.'),
    remove: z
      .array(PackageName)
      .default([])
      .describe('Packages to remove; their configuration stays.'),
    purge: z
      .array(PackageName)
      .default([])
      .describe('Packages to remove with their configuration, which makes the step one-way.'),
    update: z
      .boolean()
      .default(false)
      .describe('true: fetches the lists of packages first, so that new versions are known.'),
    upgrade: z
      .enum(['none', 'full'])
      .default('none')
      .describe('full: upgrades every package of the host, and removes what stands in the way.'),
    release: z
      .string()
      .regex(/^[a-z]+$/, 'expected the codename of a release, such as trixie')
      .optional()
      .describe(
        'With a full upgrade, the release of the distribution that it leads to. Only a snapshot of the whole host leads back.',
      ),
    sources: z
      .array(PackageName)
      .min(1)
      .optional()
      .describe(
        'With a full upgrade, the source packages of which nothing may be kept back. Without it: of all.',
      ),
    expects: z
      .array(PromisedPackage)
      .optional()
      .describe(
        'With a full upgrade, the versions that were promised of what is there, none of what goes: before apt begins and afterwards.',
      ),
    hold: z
      .array(ServiceName.refine((one) => !/^sshd?([.@]|$)/.test(one), 'ssh is the only way in'))
      .default([])
      .describe('Services that nothing starts while apt runs. Those that run are not stopped.'),
    running: z.array(ServiceName).default([]).describe('Services that have to run afterwards.'),
    debconf: z
      .array(Answer)
      .default([])
      .describe('Answers to questions that packages ask. They stay on rollback.'),
    wayBack: z
      .enum(['packages', 'snapshot'])
      .default('packages')
      .describe(
        'snapshot: versions that are there can no longer be had, so only a snapshot of the whole host leads back.',
      ),
    conffiles: z
      .enum(['keep', 'new'])
      .default('keep')
      .describe('new: changed configuration files are replaced by those of the packages.'),
  })
  .superRefine(
    ({ install, remove, purge, update, upgrade, release, sources, expects }, context) => {
      const names = [...install.map(packageName), ...remove, ...purge];
      if (names.length === 0 && !update && upgrade === 'none')
        context.addIssue('needs at least one of install, remove, purge, update and upgrade: full');
      if (release !== undefined && upgrade === 'none')
        context.addIssue('names a release, which only upgrade: full leads to');
      if ((sources ?? expects) !== undefined && upgrade === 'none')
        context.addIssue('names sources or versions, which only upgrade: full moves');
      for (const twice of new Set(names.filter((one, index) => names.indexOf(one) !== index)))
        context.addIssue(`names ${twice} twice`);
    },
  );

export type PackageParams = z.infer<typeof PackageParams>;

export function packageName(wanted: string): string {
  return wanted.split('=', 1)[0] ?? '';
}

export const packageVersion = (wanted: string): string | undefined => wanted.split('=', 2)[1];

/** By name; an empty version is of what goes. */
export const promisedVersions = (promises: readonly string[]): Record<string, string> =>
  Object.fromEntries(promises.map((one) => [packageName(one), packageVersion(one) ?? '']));

export const promisesOf = (versions: Readonly<Record<string, string>>): string[] =>
  Object.entries(versions).map(([one, version]) => `${one}=${version}`);
