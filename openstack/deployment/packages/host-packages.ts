import { type Context, hostsOfPart, type Moving } from '../../plan/context.ts';
import { isWholeHosts } from '../../path/distribution-path.ts';
import type { Hop } from '../../path/path.ts';

/** Hosts of today hold back what starts by itself for the time of each installation, and never all of it. */
export const ofToday = (
  context: Context,
  hop: Hop,
  all: readonly Moving[],
  on: readonly string[],
) => (isWholeHosts(hop.from, context.knowledge) ? quietly(context, all, on) : {});

/** The packages of a service that belong on a host. */
export function packagesOn(
  context: Context,
  moving: Moving,
  host: string,
  when: 'before' | 'after' = 'after',
): string[] {
  const { [when]: made, here } = moving;
  const wanted = Object.entries(made.parts)
    .filter(([part]) => hostsOfPart(context, moving, part).includes(host))
    .flatMap(([, { packages }]) => packages);
  return [...new Set(wanted)].filter((name) => !here.without.includes(name));
}

/** What keeps packages from starting services, changing schemas, asking questions, and replacing files. */
export const quietly = (context: Context, all: readonly Moving[], hosts: readonly string[]) => ({
  hold: heldOn(context, all, hosts),
  debconf: all
    .filter((moving) => hosts.some((host) => packagesOn(context, moving, host).length > 0))
    .flatMap((moving) => moving.after.debconf ?? []),
  conffiles: 'keep',
});

/**
 * The services that packages must not start, of both releases, and also those that this cloud does without: a package may
 * bring them all the same. Never others, such as ssh.
 */
const heldOn = (context: Context, all: readonly Moving[], hosts: readonly string[]): string[] =>
  [
    ...new Set(
      all.flatMap((moving) =>
        [moving.before, moving.after].flatMap(({ parts }) =>
          Object.entries(parts)
            .filter(([part]) =>
              hostsOfPart(context, moving, part).some((host) => hosts.includes(host)),
            )
            .flatMap(([, { units }]) => units),
        ),
      ),
    ),
  ].toSorted();
