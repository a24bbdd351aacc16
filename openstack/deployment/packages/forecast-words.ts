import { type PackageForecast, packagesAfter } from '../../../handlers/packages/forecast.ts';
import { countText, fewNames } from '../../../handlers/words/counts.ts';

/** `apt brings keystone 2:22.0.2-0 -> 2:27.0.0-1, ...; 812 packages change, 31 are new, 4 are removed: a, b`. */
export function forecastText(found: PackageForecast): string {
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
