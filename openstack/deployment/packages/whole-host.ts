import { archiveSteps, codenameAfter, oldBaseSteps } from './archive.ts';
import type { PlanContext, PlannedService } from '../../plan/context.ts';
import { type StepDraft, groupedHosts } from '../../plan/step-drafts.ts';
import type { Hop } from '../../path/path.ts';
import { expectedVersions } from './forecast.ts';
import { newPackages, quietPackageOptions, snapshotSteps, wayBackParam } from './host-packages.ts';

interface Hosts {
  readonly on: readonly string[];
  /** How many at a time; without it, all. */
  readonly batch?: number;
}

/**
 * All packages of whole hosts: one apt run moves the libraries of every service there. Where the distribution's release
 * changes too, apt has no rollback, so somebody takes a snapshot of the hosts before.
 */
export function wholeHostSteps(
  context: PlanContext,
  hop: Hop,
  all: readonly PlannedService[],
  { on, batch }: Hosts,
): StepDraft[] {
  if (on.length === 0) return [];
  const archive = archiveSteps(context, hop, { on, keepsOld: true });
  const oldBase = oldBaseSteps(context, hop, on);
  const release = hop.crosses ? codenameAfter(context, hop) : undefined;
  return [
    ...snapshotSteps(context, { hop }, on),
    ...archive,
    ...oldBase,
    ...groupedHosts(on, (host) => ({
      install: newPackages(context, all, host),
      back: wayBackParam(context, { hop }, host),
    })).map(({ hosts, value: { install, back } }): StepDraft => ({
      id: 'packages',
      title: `apt full-upgrade${release === undefined ? '' : ` to ${release}`}`,
      kind: 'package',
      purpose: 'upgrade-packages',
      on: hosts,
      params: {
        upgrade: 'full',
        ...(release !== undefined && { release }),
        ...(archive.length === 0 && { update: true }),
        install,
        sources: all.map(({ known }) => known.name),
        ...expectedVersions(context, hop, all, hosts),
        ...back,
        ...quietPackageOptions(context, all, hosts),
      },
      ...(batch !== undefined && { batch }),
    })),
  ];
}

/** Services start at boot, too, so their schemas have to be there: what follows only sees that they run. */
export function restartSteps(hop: Hop, on: readonly string[]): StepDraft[] {
  // With all services stopped, and no host in service, that can wait.
  if (!hop.crosses || hop.rule === 'unsupported') return [];
  return [
    {
      id: 'reboot',
      title: `reboot the hosts into ${hop.codenames?.to ?? ''}`,
      kind: 'manual',
      purpose: 'restart',
      on,
      params: {
        instructions: `Restart ${on.join(', ')}, and wait until each answers over SSH again: kernel and init are still those of the old release.`,
        proof: 'the output of uname -r on each host',
        changes: false,
        restarts: on,
      },
    },
  ];
}
