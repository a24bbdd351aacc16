import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { command, type Command, type CommandOutput } from '../contract/command.ts';

/** The packages of a host, as dpkg and apt know them. A name of another architecture than the host's carries it. */
export const PackageState = z.strictObject({
  /** Name to version, of everything that is installed, even if unfinished. */
  installed: z.record(z.string(), z.string()),
  /** Name to dpkg's letters, such as `iF`, of what is neither properly installed nor properly removed. */
  unfinished: z.record(z.string(), z.string()),
  /** Removed packages whose configuration is left. */
  configFiles: z.array(z.string()),
  /** Configuration files of an earlier version that the installed one no longer has. */
  obsolete: z.array(z.string()).optional(),
  holds: z.array(z.string()),
  /** Installed because somebody asked for them; all others came as dependencies. */
  manual: z.array(z.string()),
  /** Of the packages that the step names: what the repositories offer. */
  offers: z.record(
    z.string(),
    z.strictObject({
      candidate: z.string().nullable(),
      versions: z.array(z.string()),
      /** Whether a repository, and not this host alone, has the installed version. */
      hasInstalled: z.boolean(),
    }),
  ),
});
export type PackageState = z.infer<typeof PackageState>;

const format = '${db:Status-Abbrev}\\t${binary:Package}\\t${Version}\\n${Conffiles}\\n';

/** Reads all that dpkg and apt know; of the repositories only what they say of `names`. */
export const packagesProbe = (names: readonly string[]): readonly Command[] => [
  command(['dpkg', '--print-architecture']),
  command(['dpkg-query', '--show', `--showformat=${format}`]),
  command(['apt-mark', 'showhold']),
  command(['apt-mark', 'showmanual']),
  ...(names.length === 0 ? [] : [command(['env', 'LC_ALL=C', 'apt-cache', 'policy', ...names])]),
];

export function readPackages(outputs: readonly CommandOutput[]): PackageState {
  const [architecture = '', packages = '', holds = '', manual = '', policy = ''] = outputs.map(
    ({ stdout }) => stdout,
  );
  const suffix = `:${architecture.trim()}`;
  const own = (name: string): string =>
    name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
  const names = (text: string): string[] => linesOf(text).map(own).toSorted();
  const obsolete = linesOf(packages).flatMap(
    (line) => /^ (.+) \S+ obsolete$/.exec(line)?.[1] ?? [],
  );
  const ofPackages = linesOf(packages).filter((line) => !line.startsWith(' /'));
  const rows = ofPackages.map((line) => {
    const [status = '', name = '', version = ''] = line.split('\t');
    return { status: status.trim(), name: own(name), version };
  });
  const table = (of: typeof rows, key: 'version' | 'status'): Record<string, string> =>
    Object.fromEntries(of.map((row) => [row.name, row[key]]));
  return {
    installed: table(
      rows.filter((row) => !isGone(row.status) && row.version !== ''),
      'version',
    ),
    unfinished: table(
      rows.filter(({ status }) => !isGone(status) && !isWhole(status)),
      'status',
    ),
    configFiles: rows.filter(({ status }) => isLeft(status)).map(({ name }) => name),
    ...(obsolete.length > 0 && { obsolete: obsolete.toSorted() }),
    holds: names(holds),
    manual: names(manual),
    offers: readPolicy(policy, own),
  };
}

/** Whether every package has the version, hold and mark again that it had. */
export const arePackagesBack = (before: PackageState, now: PackageState): boolean =>
  isDeepStrictEqual(compared(before), compared(now)) &&
  Object.keys(now.unfinished).every((one) => one in before.unfinished);

const compared = ({ installed, configFiles, holds, manual }: PackageState) => ({
  installed,
  configFiles,
  holds,
  manual,
});

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

// The second letter is the state, a third one an error: dpkg-query(1), "Status-Abbrev".
const isWhole = (status: string): boolean => /^.i$/.test(status);
const isLeft = (status: string): boolean => /^.c$/.test(status);
const isGone = (status: string): boolean => /^.[cn]$/.test(status);

/** Reads `apt-cache policy`; the places that offer a version follow it, further indented. */
function readPolicy(policy: string, own: (name: string) => string): PackageState['offers'] {
  const blocks = policy.split(/^(?=\S+:$)/m).filter((block) => /^\S+:$/m.test(block));
  return Object.fromEntries(
    blocks.map((block) => [own(block.split(':\n', 1)[0] ?? ''), offer(block)]),
  );
}

function offer(block: string): PackageState['offers'][string] {
  const candidate = /^ {2}Candidate: (.*)$/m.exec(block)?.[1] ?? '(none)';
  const parts = block.split(/^(?=(?: {4}| \*{3}) \S)/m).slice(1);
  return {
    candidate: candidate === '(none)' ? null : candidate,
    versions: parts.map((part) => part.slice(5).split(/\s/, 1)[0] ?? ''),
    hasInstalled: parts.some((part) => part.startsWith(' ***') && isOffered(part)),
  };
}

const isOffered = (part: string): boolean =>
  linesOf(part)
    .slice(1)
    .some((place) => !place.endsWith(' /var/lib/dpkg/status'));
