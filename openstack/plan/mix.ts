import { type ForecastPackage, packagesAfter } from '../../handlers/packages/forecast.ts';
import { releaseOfVersion } from '../../handlers/packages/release-of-version.ts';
import { type ReleaseName, releaseNames } from '../knowledge/releases.ts';
import { type Hop, hopOf, isLegalHop } from '../path/path.ts';
import type { PlannedHop } from '../deployment/deployment.ts';
import type { ChosenService, PlanContext } from './context.ts';

/**
 * The hop that a service makes. An archive may be of several releases; where apt would bring a service to another one than the
 * hop's on every host, and an upgrade path leads there too, it is planned to that one. Only a hop that ends the path can do so:
 * no path begins at a mix. All else stays as it was wanted, and what apt would bring instead is refused.
 */
export function hopOfService(context: PlanContext, hop: Hop): (chosen: ChosenService) => Hop {
  const { facts, hops } = context;
  const mayMix =
    hops.length === 1 && hop === hops[0] && hop.from !== hop.to && hop.rule !== 'unsupported';
  const brought = mayMix ? Object.values(facts.forecast).flatMap(packagesAfter) : [];
  return (chosen) => {
    const ahead = facts.ahead[chosen.known.name];
    if (ahead !== undefined) return hopOf({ ...hop, from: ahead, to: ahead });
    const to = releaseBrought(context, chosen, { hop, brought });
    return to === undefined || to === hop.to ? hop : hopOf({ ...hop, to });
  };
}

interface Brought {
  readonly hop: Hop;
  /** What apt leaves on all hosts. */
  readonly brought: readonly ForecastPackage[];
}

function releaseBrought(
  { knowledge }: PlanContext,
  { known }: ChosenService,
  { hop, brought }: Brought,
): ReleaseName | undefined {
  // Hosts share their versions, and a version's release takes a while to find.
  const versions = new Set(
    brought.flatMap(({ source, to }) => (source === known.name && to !== undefined ? [to] : [])),
  );
  const [to, ...others] = new Set(
    [...versions].map((version) =>
      releaseOfVersion(version, knowledge.versions[known.name] ?? {}, releaseNames),
    ),
  );
  const isOne = to !== undefined && others.length === 0;
  return isOne && known.series[to] !== undefined && isLegalHop(hop.from, to, knowledge)
    ? to
    : undefined;
}

/** For those who approve: which services end where. */
export const mixNotes = (planned: PlannedHop): string[] => [
  ...aheadNotes(planned),
  ...archiveNotes(planned),
];

function aheadNotes({ context: { facts }, all }: PlannedHop): string[] {
  const ahead = all.flatMap(({ known: { name, title }, hop: { titles } }) =>
    facts.ahead[name] === undefined ? [] : [`${title} (${titles.to})`],
  );
  return ahead.length === 0
    ? []
    : [
        `Ahead already: ${ahead.join(', ')}. Their packages move with their hosts; their schemas are expected to be there, and are looked at.`,
      ];
}

function archiveNotes({ context: { facts }, hop, all }: PlannedHop): string[] {
  const mixed = all.filter(
    (one) => facts.ahead[one.known.name] === undefined && one.hop.to !== hop.to,
  );
  if (mixed.length === 0) return [];
  const said = mixed.map((one) => `${one.known.title} goes to ${one.hop.titles.to}`);
  const others = all.filter((one) => !mixed.includes(one)).map(({ known }) => known.title);
  return [
    `The archive is of several releases, so this ends as a mix: ${said.join(', ')}${others.length === 0 ? '' : `, ${others.join(', ')} to ${hop.titles.to}`}. An upgrade path leads there for each of them. The next upgrade begins at one release: bring the rest there with "only" first.`,
  ];
}
