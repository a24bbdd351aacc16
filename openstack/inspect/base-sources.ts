import type { CommandOutput } from '../../handlers/contract/command.ts';
import { type AptSource } from '../../handlers/packages/sources.ts';
import type { BaseSource } from '../cloud/facts.ts';

/**
 * The distribution's own sources of a host: those whose index says that Debian or Ubuntu made it, and whose suite is a pocket
 * of the host's release. Others may have a suite of that name, too.
 */
export function baseSources(
  sources: readonly AptSource[],
  policy: CommandOutput | undefined,
  codename: string,
): BaseSource[] {
  const own = madeByDistribution(policy?.stdout ?? '');
  const pocket = new RegExp(`^${codename}(-[a-z-]+)?/*$`);
  return sources
    .filter(({ isEnabled, isBinary }) => isEnabled && isBinary)
    .flatMap(({ file, uris, suites, components, keyFile, isTrusted }) =>
      uris.flatMap((uri) =>
        suites
          .filter((suite) => pocket.test(suite) && own.has(`${bare(uri)} ${bare(suite)}`))
          .map((suite) => ({
            file,
            uri,
            pocket: bare(suite).slice(codename.length),
            components: [...components],
            ...(keyFile !== undefined && { keyFile }),
            ...(isTrusted && { trusted: true as const }),
          })),
      ),
    );
}

const bare = (text: string): string => text.replace(/\/+$/, '').replace(/\/\/[^/@]*@/, '//');

/** Reads `apt-cache policy`: an index, and below it what its Release file says. */
function madeByDistribution(policy: string): Set<string> {
  const own = new Set<string>();
  let place = '';
  for (const line of policy.split('\n')) {
    const [, uri, what] = /^ *-?\d+ (\S+) (\S+) /.exec(line) ?? [];
    if (uri !== undefined && what !== undefined)
      place = `${bare(uri)} ${what.split('/').slice(0, -1).join('/')}`;
    if (/^ +release .*\bo=(Debian|Ubuntu)\b/.test(line)) own.add(place);
  }
  return own;
}
