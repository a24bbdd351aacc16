import { createHash } from 'node:crypto';
import { OperatorError } from '../../../handlers/contract/errors.ts';
import type { PlanContext, PlannedService } from '../../plan/context.ts';
import { type StepDraft, groupedHosts } from '../../plan/step-drafts.ts';
import type { ServiceInRelease } from '../../knowledge/service-schema.ts';
import type { PlannedHop } from '../deployment.ts';
import type { ConfigurationWrite } from '../intents.ts';

type ConfigFile = ServiceInRelease['config'][number];

/** The operator's files and, once packages have brought theirs, changes of single options. */
export const configSteps = (
  { context, all }: PlannedHop,
  { when, on }: ConfigurationWrite,
): StepDraft[] => [
  ...all.flatMap((moving) => filesOf(context, moving, when, on)),
  ...(when === 'beforePackages'
    ? []
    : all.flatMap((moving) => optionSteps(moving, on ?? context.moved))),
];

/**
 * The operator's files for the hop's release. A host's own file (`kilo/ctl1/etc/...`) goes before the one for all
 * (`kilo/all/etc/...`); a file that is in neither stays as it is. Throws `ConfigMissing`.
 */
function filesOf(
  context: PlanContext,
  moving: PlannedService,
  when: ConfigFile['when'],
  on?: readonly string[],
): StepDraft[] {
  if (moving.hop.from === moving.hop.to) return [];
  const files = moving.after.config.filter((file) => file.when === when);
  const missing = files.flatMap((file) => missingOf(context, moving, file));
  if (missing.length > 0) throw configMissing(context, missing);
  const paths = [...new Set(files.map(({ path }) => path))];
  return paths.flatMap((path) => {
    const same = files.filter((file) => file.path === path);
    const [file] = same;
    const hosts = Object.keys(context.cloud.hosts)
      .filter((host) => on === undefined || on.includes(host))
      .filter((host) => same.some(({ part }) => (moving.here.parts[part] ?? []).includes(host)));
    return file === undefined ? [] : fileSteps(context, moving, { file, hosts });
  });
}

interface Placed {
  readonly file: ConfigFile;
  readonly hosts: readonly string[];
}

function fileSteps(
  context: PlanContext,
  { known, hop, rules }: PlannedService,
  { file, hosts }: Placed,
): StepDraft[] {
  const { path, owner, group, mode } = file;
  const name = path.split('/').at(-1) ?? path;
  return groupedHosts(hosts, (host) => sourceOf(context, hop.to, { host, path })).flatMap(
    ({ hosts: on, value: source }) => {
      const content = source === undefined ? undefined : context.facts.configFiles[source];
      if (source === undefined || content === undefined) return [];
      return [
        {
          id: `${known.name}-${name}`,
          title: `write ${path}`,
          kind: 'config',
          purpose: 'write-configuration',
          on,
          params: {
            path,
            file: source,
            content,
            sha256: createHash('sha256').update(content).digest('hex'),
            owner,
            group,
            mode,
            service: known.name,
            from: hop.from,
            to: hop.to,
            options: rules.options
              .filter((rule) => rule.file === name)
              .map(({ service: _service, file: _file, source: _source, ...rule }) => rule),
          },
          service: known.name,
        },
      ];
    },
  );
}

const sourceOf = (
  { facts }: PlanContext,
  series: string,
  { host, path }: { readonly host: string; readonly path: string },
): string | undefined =>
  [`${series}/${host}${path}`, `${series}/all${path}`].find((file) => file in facts.configFiles);

function missingOf(
  context: PlanContext,
  moving: PlannedService,
  { part, path, required }: ConfigFile,
): string[] {
  if (required === undefined) return [];
  return (moving.here.parts[part] ?? [])
    .filter((host) => sourceOf(context, moving.hop.to, { host, path }) === undefined)
    .map((host) => `${moving.hop.to}/all${path} (or ${moving.hop.to}/${host}${path}): ${required}`);
}

function configMissing(
  { cloud, services }: PlanContext,
  missing: readonly string[],
): OperatorError {
  const where = services.configDirectory ?? 'a folder, named under services.configDirectory';
  return new OperatorError(
    [
      `planning the configuration of cloud ${cloud.name}: files are missing`,
      ...new Set(missing),
    ].join('\n'),
    { name: 'ConfigMissing', hint: `Put these files into ${where}, then plan again.` },
  );
}

/** The operator's own changes to single options, for the release that the hop leads to. */
function optionSteps(moving: PlannedService, on: readonly string[]): StepDraft[] {
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
