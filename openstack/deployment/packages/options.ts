import { type StepDraft, groupedHosts, type PlannedService } from '../../plan/context.ts';

/** The operator's own changes to single options, for the release that the hop leads to. */
export function optionSteps(moving: PlannedService, on: readonly string[]): StepDraft[] {
  const { here, known, hop } = moving;
  const changes = hop.from === hop.to ? [] : (here.options[hop.to] ?? []);
  return [...new Set(changes.map(({ path }) => path))].flatMap((path) =>
    groupedHosts(on, (host) =>
      changes.filter(
        (change) => change.path === path && (moving.here.parts[change.part] ?? []).includes(host),
      ),
    )
      .filter(({ value }) => value.length > 0)
      .map(({ hosts, value }) => ({
        id: `${known.name}-options`,
        title: `set ${value.map(({ option }) => option).join(', ')} in ${path}: ${value.map(({ why }) => why).join('; ')}`,
        kind: 'config-option',
        purpose: 'write-configuration',
        on: hosts,
        params: {
          path,
          changes: value.map(({ part: _part, path: _path, why: _why, ...one }) => one),
        },
        service: known.name,
      })),
  );
}
