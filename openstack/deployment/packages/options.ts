import {
  type Context,
  type Draft,
  grouped,
  hostsOfPart,
  type Moving,
  titled,
} from '../../plan/context.ts';

/** The operator's own changes to single options, for the series that the hop leads to. */
export function optionSteps(context: Context, moving: Moving, on: readonly string[]): Draft[] {
  const { here, known, hop } = moving;
  const changes = hop.from === hop.to ? [] : (here.options[hop.to] ?? []);
  return [...new Set(changes.map(({ path }) => path))].flatMap((path) =>
    grouped(on, (host) =>
      changes.filter(
        (change) =>
          change.path === path && hostsOfPart(context, moving, change.part).includes(host),
      ),
    )
      .filter(({ value }) => value.length > 0)
      .map(({ hosts, value }) => ({
        id: `${hop.to}-${known.name}-options`,
        title: titled(
          hop,
          `set ${value.map(({ option }) => option).join(', ')} in ${path}: ${value.map(({ why }) => why).join('; ')}`,
        ),
        kind: 'config-option',
        on: hosts,
        params: {
          path,
          changes: value.map(({ part: _part, path: _path, why: _why, ...one }) => one),
        },
        service: known.name,
      })),
  );
}
