import { archiveSteps, codenameAfter, oldBaseSteps } from './archive.ts';
import {
  type Context,
  type Draft,
  grouped,
  markOf,
  type Moving,
  titled,
} from '../../plan/context.ts';
import { crosses } from '../../path/distribution-path.ts';
import type { Hop } from '../../path/path.ts';
import { packagesOn, quietly } from './host-packages.ts';

interface Hosts {
  readonly on: readonly string[];
  /** How many at a time; without it, all. */
  readonly batch?: number;
}

/**
 * All packages of whole hosts: one apt run moves the libraries of every service there. Where the distribution's release
 * changes too, apt has no way back, so somebody takes a snapshot of the hosts before.
 */
export function wholeHostSteps(
  context: Context,
  hop: Hop,
  all: readonly Moving[],
  { on, batch }: Hosts,
): Draft[] {
  if (on.length === 0) return [];
  const archive = archiveSteps(context, hop, { on, keepsOld: true });
  return [
    ...snapshotSteps(hop, on),
    ...archive,
    ...oldBaseSteps(context, hop, on),
    ...grouped(on, (host) => newPackages(context, all, host)).map(({ hosts, value: install }) => ({
      id: `${markOf(hop)}-packages`,
      title: titled(
        hop,
        crosses(hop) ? `apt full-upgrade to ${codenameAfter(context, hop)}` : 'apt full-upgrade',
      ),
      kind: 'package',
      on: hosts,
      params: {
        upgrade: 'full',
        ...(crosses(hop) && { release: codenameAfter(context, hop) }),
        ...(archive.length === 0 && { update: true }),
        install,
        ...quietly(context, all, hosts),
      },
      ...(batch !== undefined && { batch }),
    })),
  ];
}

/** Services start at boot, too, so their schemas have to be there: what follows only sees that they run. */
export function restartSteps(hop: Hop, on: readonly string[]): Draft[] {
  // With all services stopped, and no host in service, that can wait.
  if (!crosses(hop) || hop.rule === 'unsupported') return [];
  return [
    {
      id: `${markOf(hop)}-reboot`,
      title: titled(hop, `reboot the hosts into ${hop.codenames?.to ?? ''}`),
      kind: 'manual',
      on,
      params: {
        instructions: `Restart ${on.join(', ')}, and wait until each answers over SSH again: kernel and init are still those of the old release.`,
        proof: 'the output of uname -r on each host',
        changes: false,
      },
    },
  ];
}

function snapshotSteps(hop: Hop, on: readonly string[]): Draft[] {
  if (!crosses(hop)) return [];
  return [
    {
      id: `${markOf(hop)}-snapshot`,
      title: titled(hop, 'take snapshots of the whole hosts'),
      kind: 'host-snapshot',
      on,
      params: { hosts: [...on], label: `before-${markOf(hop)}` },
    },
  ];
}

/** What the new release has and the old one had not: an upgrade alone does not bring it. */
function newPackages(context: Context, all: readonly Moving[], host: string): string[] {
  const before = new Set(all.flatMap((moving) => packagesOn(context, moving, host, 'before')));
  const after = new Set(all.flatMap((moving) => packagesOn(context, moving, host)));
  return [...after].filter((name) => !before.has(name));
}
