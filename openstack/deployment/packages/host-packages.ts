import { fewNames } from '../../../handlers/words/counts.ts';
import type { Hop } from '../../path/path.ts';
import type { PlanContext, PlannedService } from '../../plan/context.ts';
import { type StepDraft, groupedHosts } from '../../plan/step-drafts.ts';

/** The packages of a service that belong on a host. */
export function packagesOnHost(
  context: PlanContext,
  moving: PlannedService,
  host: string,
  when: 'before' | 'after' = 'after',
): string[] {
  const { [when]: made, here } = moving;
  const isThere = thereOn(context, moving, host);
  const wanted = Object.entries(made.parts)
    .filter(([part]) => (moving.here.parts[part] ?? []).includes(host))
    .flatMap(([, { packages }]) => packages);
  const mine = [...new Set(wanted)].filter((name) => !here.without.includes(name));
  const there = mine.filter(isThere);
  return there.length > 0 ? there : mine;
}

/**
 * A plan upgrades what is installed: a package that the old release has too, and the host has not, is none of its. What the
 * new release asks for anew comes, and so does what is no package of the project.
 */
function thereOn(
  { facts, knowledge }: PlanContext,
  { known, before }: PlannedService,
  host: string,
): (name: string) => boolean {
  const installed = facts.installed[host] ?? [];
  const own = knowledge.packages[known.name] ?? [];
  const old = new Set(Object.values(before.parts).flatMap(({ packages }) => packages));
  // Nothing of the project there: it is not known, or it is set up by the plan.
  if (!installed.some((name) => own.includes(name))) return () => true;
  return (name) => !own.includes(name) || !old.has(name) || installed.includes(name);
}

/** What keeps packages from starting services, changing schemas, asking questions, and replacing files. */
export const quietPackageOptions = (
  context: PlanContext,
  all: readonly PlannedService[],
  hosts: readonly string[],
) => ({
  hold: heldOn(all, hosts),
  debconf: all
    .filter((moving) => hosts.some((host) => packagesOnHost(context, moving, host).length > 0))
    .flatMap((moving) => moving.after.debconf ?? []),
  conffiles: 'keep',
});

/**
 * The services that packages must not start, of both releases, and also those that this cloud does without: a package may
 * bring them all the same. Never others, such as ssh.
 */
const heldOn = (all: readonly PlannedService[], hosts: readonly string[]): string[] =>
  [
    ...new Set(
      all.flatMap((moving) =>
        [moving.before, moving.after].flatMap(({ parts }) =>
          Object.entries(parts)
            .filter(([part]) =>
              (moving.here.parts[part] ?? []).some((host) => hosts.includes(host)),
            )
            .flatMap(([, { units }]) => units),
        ),
      ),
    ),
  ].toSorted();

/** What the new release has and the old one had not: an upgrade alone does not bring it. */
export function newPackages(
  context: PlanContext,
  all: readonly PlannedService[],
  host: string,
): string[] {
  const before = new Set(all.flatMap((moving) => packagesOnHost(context, moving, host, 'before')));
  const after = new Set(all.flatMap((moving) => packagesOnHost(context, moving, host)));
  return [...after].filter((name) => !before.has(name));
}

/** For those who approve: packages that no host had and the new release asks for, by the hosts that get them. */
export function newPackageNotes(context: PlanContext, all: readonly PlannedService[]): string[] {
  const groups = groupedHosts(context.moved, (host) => newPackages(context, all, host));
  return groups
    .filter(({ value }) => value.length > 0)
    .map(
      ({ hosts, value }) =>
        `New on ${fewNames(hosts, 5)}, as the release asks for it: ${value.join(', ')}.`,
    );
}

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
): { wayBack?: 'archives' | 'kept'; goesBack?: false } {
  if (isToNextRelease(moved)) return { goesBack: false };
  const isBlind = moved.hop === context.hops[0] && Object.keys(context.facts.forecast).length === 0;
  const way = wayBackOf(context, moved, host);
  if (isBlind || way === 'snapshot') return {};
  return { wayBack: way === 'kept' ? 'kept' : 'archives' };
}

const lostPackages = ({ facts }: PlanContext, host: string) => facts.forecast[host]?.lost ?? [];

/** Between releases of the distribution packages never lead back. */
const isToNextRelease = ({ hop, isPartial = false }: Moved): boolean => hop.crosses && !isPartial;

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
