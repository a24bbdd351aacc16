import { archiveSteps, codenameAfter, oldBaseSteps } from './archive.ts';
import {
  type PlanContext,
  type StepDraft,
  groupedHosts,
  hopMark,
  type MovingService,
  hopTitle,
} from '../../plan/context.ts';
import { crossesDistribution } from '../../path/distribution-path.ts';
import type { Hop } from '../../path/path.ts';
import { expectedVersions } from './forecast.ts';
import { newPackages, quietPackageOptions } from './host-packages.ts';

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
  all: readonly MovingService[],
  { on, batch }: Hosts,
): StepDraft[] {
  if (on.length === 0) return [];
  const archive = archiveSteps(context, hop, { on, keepsOld: true });
  return [
    ...snapshotSteps(
      hop,
      on.filter((host) => crossesDistribution(hop) || wayBackOf(context, hop, host) === 'snapshot'),
    ),
    ...keepSteps(context, hop, on),
    ...archive,
    ...oldBaseSteps(context, hop, on),
    ...groupedHosts(on, (host) => ({
      install: newPackages(context, all, host),
      wayBack: wayBackOf(context, hop, host),
    })).map(({ hosts, value: { install, wayBack } }): StepDraft => ({
      id: `${hopMark(hop)}-packages`,
      title: hopTitle(
        hop,
        crossesDistribution(hop)
          ? `apt full-upgrade to ${codenameAfter(context, hop)}`
          : 'apt full-upgrade',
      ),
      kind: 'package',
      purpose: 'upgrade-packages',
      on: hosts,
      params: {
        upgrade: 'full',
        ...(crossesDistribution(hop) && { release: codenameAfter(context, hop) }),
        ...(archive.length === 0 && { update: true }),
        install,
        sources: all.map(({ known }) => known.name),
        ...expectedVersions(context, hop, all, hosts),
        ...(wayBack === 'snapshot' && { wayBack }),
        ...quietPackageOptions(context, all, hosts),
      },
      ...(batch !== undefined && { batch }),
    })),
  ];
}

/** Services start at boot, too, so their schemas have to be there: what follows only sees that they run. */
export function restartSteps(hop: Hop, on: readonly string[]): StepDraft[] {
  // With all services stopped, and no host in service, that can wait.
  if (!crossesDistribution(hop) || hop.rule === 'unsupported') return [];
  return [
    {
      id: `${hopMark(hop)}-reboot`,
      title: hopTitle(hop, `reboot the hosts into ${hop.codenames?.to ?? ''}`),
      kind: 'manual',
      purpose: 'restart',
      on,
      params: {
        instructions: `Restart ${on.join(', ')}, and wait until each answers over SSH again: kernel and init are still those of the old release.`,
        proof: 'the output of uname -r on each host',
        changes: false,
      },
    },
  ];
}

function snapshotSteps(hop: Hop, on: readonly string[]): StepDraft[] {
  if (on.length === 0) return [];
  return [
    {
      id: `${hopMark(hop)}-snapshot`,
      title: hopTitle(hop, 'take snapshots of the whole hosts'),
      kind: 'host-snapshot',
      purpose: 'snapshot-hosts',
      on,
      params: { hosts: [...on], label: `before-${hopMark(hop)}` },
    },
  ];
}

/** Versions that go, that no archive offers any more, and of which the host can keep a copy. */
function keepSteps(context: PlanContext, hop: Hop, on: readonly string[]): StepDraft[] {
  const lostOn = (host: string): string[] =>
    wayBackOf(context, hop, host) === 'kept'
      ? lostPackages(context, host).map(({ name }) => name)
      : [];
  return groupedHosts(on, lostOn)
    .filter(({ value }) => value.length > 0)
    .map(({ hosts, value: packages }) => ({
      id: `${hopMark(hop)}-keep`,
      title: hopTitle(hop, 'keep packages that no archive offers any more'),
      kind: 'package-keep',
      purpose: 'keep-packages',
      on: hosts,
      params: { packages },
    }));
}

const lostPackages = ({ facts }: PlanContext, host: string) => facts.forecast[host]?.lost ?? [];

/** How a host of the first hop comes back by packages, if at all; of later hops that is not known before. */
function wayBackOf(context: PlanContext, hop: Hop, host: string): 'packages' | 'kept' | 'snapshot' {
  const lost = lostPackages(context, host);
  if (crossesDistribution(hop) || hop !== context.hops[0] || lost.length === 0) return 'packages';
  return lost.some(({ from }) => from === 'nowhere') ? 'snapshot' : 'kept';
}
