import type { Hop } from '../../path/path.ts';
import type { PlanContext } from '../../plan/context.ts';
import { type StepDraft, groupedHosts } from '../../plan/step-drafts.ts';

/** What packages a hop moves: of whole hosts, or of single services, whose hosts stay at their release of the distribution. */
interface Moved {
  readonly hop: Hop;
  readonly isPartial?: boolean;
}

/** Snapshots of whole hosts, where no packages lead back. */
export function snapshotSteps(
  context: PlanContext,
  { hop, isPartial = false }: Moved,
  hosts: readonly string[],
): StepDraft[] {
  const on = hosts.filter(
    (host) =>
      isToNextRelease({ hop, isPartial }) ||
      wayBackOf(context, { hop, isPartial }, host) === 'snapshot',
  );
  if (on.length === 0) return [];
  return [
    {
      id: 'snapshot',
      title: 'take snapshots of the whole hosts',
      kind: 'host-snapshot',
      purpose: 'snapshot-hosts',
      on,
      params: { hosts: [...on], label: `before-${hop.mark}` },
    },
  ];
}

/**
 * Versions that go, that no archive offers any more, and of which the host can keep a copy. Before the outage: it takes a
 * while, and nothing else depends on it.
 */
export function keepSteps(context: PlanContext, moved: Moved, on: readonly string[]): StepDraft[] {
  const lostOn = (host: string): string[] =>
    wayBackOf(context, moved, host) === 'kept'
      ? lostPackages(context, host).map(({ name }) => name)
      : [];
  return groupedHosts(on, lostOn)
    .filter(({ value }) => value.length > 0)
    .map(({ hosts, value: packages }) => ({
      id: 'keep',
      title: 'keep packages that no archive offers any more',
      kind: 'package-keep',
      purpose: 'keep-packages',
      on: hosts,
      params: { packages },
    }));
}

/** Of a step that moves packages of a host: whether it needs the snapshot to be taken back. */
export const wayBackParam = (
  context: PlanContext,
  moved: Moved,
  host: string,
): { wayBack?: 'snapshot' } =>
  wayBackOf(context, moved, host) === 'snapshot' ? { wayBack: 'snapshot' } : {};

/**
 * What the step that asks apt holds a host to, before anything stops: what the plan calls reversible is. Nothing where a
 * snapshot leads back, and in the plan that is only made to ask what apt will do.
 */
export function promisedWayBack(
  context: PlanContext,
  moved: Moved,
  host: string,
): { wayBack?: 'archives' | 'kept' } {
  const isBlind = moved.hop === context.hops[0] && Object.keys(context.facts.forecast).length === 0;
  const way = wayBackOf(context, moved, host);
  if (isBlind || isToNextRelease(moved) || way === 'snapshot') return {};
  return { wayBack: way === 'kept' ? 'kept' : 'archives' };
}

const lostPackages = ({ facts }: PlanContext, host: string) => facts.forecast[host]?.lost ?? [];

/** Between releases of the distribution packages never lead back. */
export const isToNextRelease = ({ hop, isPartial = false }: Moved): boolean =>
  hop.crosses && !isPartial;

/** How a host of the first hop comes back by packages, if at all; of later hops that is asked before they begin. */
function wayBackOf(
  context: PlanContext,
  moved: Moved,
  host: string,
): 'packages' | 'kept' | 'snapshot' {
  if (isToNextRelease(moved) || moved.hop !== context.hops[0]) return 'packages';
  const lost = lostPackages(context, host);
  const refused = context.facts.forecast[host]?.back ?? [];
  if (refused.length > 0 || lost.some(({ from }) => from === 'nowhere')) return 'snapshot';
  return lost.length === 0 ? 'packages' : 'kept';
}
