import {
  moveLine,
  type PackageForecast,
  packagesAfter,
} from '../../../handlers/packages/forecast.ts';
import { promised } from '../../../handlers/packages/forecast-handler.ts';
import { promisesOf } from '../../../handlers/packages/params.ts';
import { countText, fewNames, listSome } from '../../../handlers/words/counts.ts';
import type { Hop } from '../../path/path.ts';
import type { PlanContext, PlannedService } from '../../plan/context.ts';
import { type StepDraft, groupedHosts } from '../../plan/step-drafts.ts';
import { sourcesAfter } from './archive.ts';
import { newPackages, packagesOnHost, promisedWayBack } from './host-packages.ts';

/** Before anything stops: what apt will bring with the hop's sources, and whether that is what was approved. */
export function forecastSteps(
  context: PlanContext,
  hop: Hop,
  all: readonly PlannedService[],
  isPartial = false,
): StepDraft[] {
  const on = context.moved;
  if (on.length === 0) return [];
  const wants = wantedReleases(context, all);
  return groupedHosts(on, (host) => ({
    expects: promisedTo(context, hop, wants, host),
    sources: sourcesAfter(context, hop, { host, isPartial }),
    install: isPartial
      ? [...new Set(all.flatMap((moving) => packagesOnHost(context, moving, host)))]
      : newPackages(context, all, host),
    back: promisedWayBack(context, { hop, isPartial }, host),
  })).map(({ hosts, value: { sources, install, expects, back } }) => ({
    id: 'forecast',
    title: `ask apt what ${isPartial ? `upgrading ${listSome(all.map(({ known }) => known.title))}` : 'its full-upgrade'} will bring`,
    kind: 'package-forecast',
    purpose: 'check',
    on: hosts,
    params: {
      ...sources,
      upgrade: isPartial ? 'none' : 'full',
      install,
      wants,
      ...(expects !== undefined && { expects: promisesOf(expects) }),
      ...back,
      ...bringsOn(context, hop, hosts),
    },
  }));
}

/** What apt said of each package, for those who approve; of hosts that differ, what they share once and the rest by host. */
function bringsOn({ facts, hops }: PlanContext, hop: Hop, hosts: readonly string[]) {
  if (hop !== hops[0]) return {};
  const each = hosts.map((host) => ({
    host,
    lines: (facts.forecast[host]?.moves ?? []).map(moveLine).toSorted(),
  }));
  const count = new Map<string, number>();
  for (const line of each.flatMap(({ lines }) => lines))
    count.set(line, (count.get(line) ?? 0) + 1);
  const isShared = (line: string): boolean => count.get(line) === hosts.length;
  const shared = (each[0]?.lines ?? []).filter(isShared);
  const own = each.flatMap(({ host, lines }) =>
    lines.filter((line) => !isShared(line)).map((line) => `on ${host}: ${line}`),
  );
  const all = [...shared, ...own];
  const rest = all.length - mostLines;
  const brings =
    rest > 0 ? [...all.slice(0, mostLines), `and ${countText(rest, 'more line')}`] : all;
  return brings.length === 0 ? {} : { brings };
}

/** A full upgrade of a host brings some 1,000 packages. */
const mostLines = 4000;

/** What the packages of the hop promised these hosts; of packages that differ between them, nothing. */
export function expectedVersions(
  context: PlanContext,
  hop: Hop,
  all: readonly PlannedService[],
  hosts: readonly string[],
): { expects?: string[] } {
  const wants = wantedReleases(context, all);
  const each = hosts.map((host) => promisedTo(context, hop, wants, host));
  const known = each.filter((one) => one !== undefined);
  if (known.length < hosts.length || known.length === 0) return {};
  const names = new Set(known.flatMap((one) => Object.keys(one)));
  const agreed = [...names].flatMap((name): [string, string][] => {
    const [version, ...others] = new Set(known.flatMap((one) => one[name] ?? []));
    return version === undefined || others.length > 0 ? [] : [[name, version]];
  });
  return { expects: promisesOf(Object.fromEntries(agreed)) };
}

/** Only the first hop is simulated from what is installed now. */
function promisedTo(
  { facts, hops }: PlanContext,
  hop: Hop,
  wants: readonly { readonly source: string }[],
  host: string,
): Record<string, string> | undefined {
  const found = facts.forecast[host];
  return hop !== hops[0] || found === undefined || !found.isKnown
    ? undefined
    : promised(found, wants);
}

/** Each service's own packages, from the first version of the release to before that of the next. */
function wantedReleases({ knowledge }: PlanContext, all: readonly PlannedService[]) {
  return all.flatMap(({ known: { name }, hop: { to, titles } }) => {
    const versions = knowledge.versions[name] ?? {};
    const next = knowledge.series
      .slice(knowledge.series.findIndex((one) => one.name === to) + 1)
      .flatMap((release) => versions[release.name]?.[0] ?? [])
      .find((first) => first !== versions[to]?.[0]);
    const from = versions[to]?.[0];
    return from === undefined
      ? []
      : [
          {
            source: name,
            release: titles.to,
            from,
            ...(next !== undefined && { below: next }),
          },
        ];
  });
}

/** Who approves reads so many kinds of hosts; those of which nothing is known come first. */
const mostNotes = 6;

/** What apt was asked, for those who approve: from and to of each service, how much comes and goes, what is kept back. */
export function forecastNotes({ facts }: PlanContext): string[] {
  const hosts = Object.keys(facts.forecast).toSorted(
    (a, b) => Number(facts.forecast[a]?.isKnown) - Number(facts.forecast[b]?.isKnown),
  );
  const groups = groupedHosts(hosts, (host) => {
    const found = facts.forecast[host];
    return found === undefined ? '' : forecastText(found);
  });
  const rest = groups.slice(mostNotes).flatMap((group) => group.hosts);
  return [
    ...groups.slice(0, mostNotes).map(({ hosts: on, value }) => `${fewNames(on, 5)}: ${value}.`),
    ...(rest.length === 0
      ? []
      : [
          `${fewNames(rest, 5)}: apt brings other numbers there; the step that asks apt again names what was promised.`,
        ]),
  ];
}

/** `apt brings keystone 2:22.0.2-0 -> 2:27.0.0-1, ...; 812 packages change, 31 are new, 4 are removed: a, b`. */
function forecastText(found: PackageForecast): string {
  if (!found.isKnown)
    return `what apt will bring is not known yet (${found.unread[0] ?? 'no answer'}); it is asked again before anything stops`;
  const { moves, kept, lost, back } = found;
  const gone = moves.filter(({ to }) => to === undefined).map(({ name }) => name);
  const added = moves.filter(({ from, to }) => from === undefined && to !== undefined).length;
  const changed = moves.length - gone.length - added;
  return [
    `apt brings ${servicesText(found) || 'no package of a service'}`,
    `${countText(changed, 'package')} in another version, ${added} new, ${gone.length} removed${gone.length === 0 ? '' : `: ${fewNames(gone, 8)}`}`,
    ...(kept.length === 0
      ? []
      : [
          `kept back: ${fewNames(
            kept.map(({ name }) => name),
            8,
          )}`,
        ]),
    ...(lost.length === 0
      ? []
      : [
          `no archive offers the present version of ${countText(lost.length, 'package')} any more${lost.some(({ from }) => from === 'nowhere') ? ', so a rollback needs a snapshot of the host' : ', so the host keeps a copy'}: ${fewNames(
            lost.map(({ name }) => name),
            4,
          )}`,
        ]),
    ...(back.length === 0
      ? []
      : [
          `apt would not bring all of them back, so a rollback needs a snapshot of the host: ${fewNames(back, 2)}`,
        ]),
  ].join('; ');
}

/** Each source once, by the version that most of its packages move from and to. */
function servicesText(found: PackageForecast): string {
  const bySource = new Map<string, string>();
  for (const { source, from, to } of packagesAfter(found))
    if (!bySource.has(source) && to !== undefined)
      bySource.set(
        source,
        from === to ? `${source} ${from} (stays)` : `${source} ${from} -> ${to}`,
      );
  return [...bySource.values()].toSorted().join(', ');
}
