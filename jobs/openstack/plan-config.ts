import { OperatorError } from '../../handlers/errors.ts';
import {
  type Context,
  type Draft,
  grouped,
  hostsOfPart,
  type Moving,
  titled,
} from './plan-context.ts';
import type { ServiceInSeries } from './schemas.ts';

type ConfigFile = ServiceInSeries['config'][number];

/**
 * The operator's files for the hop's release. A host's own file (`kilo/ctl1/etc/...`) goes before the one for all
 * (`kilo/all/etc/...`); a file that is in neither stays as it is. Throws `ConfigMissing`.
 */
export function configSteps(context: Context, moving: Moving, when: ConfigFile['when']): Draft[] {
  const files = moving.after.config.filter((file) => file.when === when);
  const missing = files.flatMap((file) => missingOf(context, moving, file));
  if (missing.length > 0) throw configMissing(context, missing);
  const paths = [...new Set(files.map(({ path }) => path))];
  return paths.flatMap((path) => {
    const same = files.filter((file) => file.path === path);
    const [file] = same;
    const hosts = Object.keys(context.cloud.hosts).filter((host) =>
      same.some(({ part }) => hostsOfPart(context, moving, part).includes(host)),
    );
    return file === undefined ? [] : fileSteps(context, moving, { file, hosts });
  });
}

interface Placed {
  readonly file: ConfigFile;
  readonly hosts: readonly string[];
}

function fileSteps(context: Context, { known, hop }: Moving, { file, hosts }: Placed): Draft[] {
  const { path, owner, group, mode } = file;
  const name = path.split('/').at(-1) ?? path;
  return grouped(hosts, (host) => sourceOf(context, hop.to, { host, path })).flatMap(
    ({ hosts: on, value: source }) => {
      const sha256 = source === undefined ? undefined : context.facts.configFiles[source];
      if (source === undefined || sha256 === undefined) return [];
      return [
        {
          id: `${hop.to}-${known.name}-${name}`,
          title: titled(hop, `write ${path}`, on),
          kind: 'config',
          on,
          params: {
            path,
            file: source,
            sha256,
            owner,
            group,
            mode,
            service: known.name,
            from: hop.from,
            to: hop.to,
          },
          service: known.name,
        },
      ];
    },
  );
}

const sourceOf = (
  { facts }: Context,
  series: string,
  { host, path }: { readonly host: string; readonly path: string },
): string | undefined =>
  [`${series}/${host}${path}`, `${series}/all${path}`].find((file) => file in facts.configFiles);

function missingOf(
  context: Context,
  moving: Moving,
  { part, path, required }: ConfigFile,
): string[] {
  if (required === undefined) return [];
  return hostsOfPart(context, moving, part)
    .filter((host) => sourceOf(context, moving.hop.to, { host, path }) === undefined)
    .map((host) => `${moving.hop.to}/all${path} (or ${moving.hop.to}/${host}${path}): ${required}`);
}

function configMissing({ cloud, services }: Context, missing: readonly string[]): OperatorError {
  const where = services.configDirectory ?? 'a folder, named under services.configDirectory';
  return new OperatorError(
    [
      `planning the configuration of cloud ${cloud.name}: files are missing`,
      ...new Set(missing),
    ].join('\n'),
    { name: 'ConfigMissing', hint: `Put these files into ${where}, then plan again.` },
  );
}
