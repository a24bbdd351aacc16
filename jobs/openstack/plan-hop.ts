import { hostsOf } from '../runbook.ts';
import { configSteps } from './plan-config.ts';
import {
  type Context,
  databaseName,
  type Draft,
  grouped,
  hostsOfPart,
  movedHosts,
  type Moving,
  titled,
} from './plan-context.ts';
import { ruleSteps } from './plan-rules.ts';
import { noSteps, packagesOn, serviceSteps, startSteps, syncsOf } from './plan-service.ts';
import type { Hop } from './road.ts';

/** One hop, whole: after it every chosen service runs the next release on every host. */
export function hopSteps(context: Context, hop: Hop): Draft[] {
  const all = context.chosen.map((one) => movingOf(context, one, hop));
  const rules = (slot: Parameters<typeof ruleSteps>[3]) =>
    all.flatMap((moving) => ruleSteps(context, hop, moving, slot));
  const first = all.filter(({ known }) => !known.last);
  return [
    repositoryStep(context, hop),
    ...rules('beforeBackup'),
    ...backupSteps(context, all),
    ...first.flatMap((moving) => serviceSteps(context, moving)),
    ...restSteps(context, hop, first),
    ...all.filter(({ known }) => known.last).flatMap((moving) => serviceSteps(context, moving)),
    ...rules('afterServices'),
  ];
}

/** Throws `NoSteps` where nothing is known about the service in one of the two series. */
export function movingOf(context: Context, chosen: Context['chosen'][number], hop: Hop): Moving {
  const { [hop.from]: before, [hop.to]: after } = chosen.known.series;
  if (before === undefined || after === undefined) throw noSteps(context, chosen.known.name, hop);
  return { ...chosen, hop, before, after };
}

/** The one archive that packages come from afterwards; lists of the others on the road go. */
export function repositoryStep(context: Context, hop: Hop): Draft {
  const { cloudArchive } = context.knowledge.distributions;
  const { codename, archive } = context.services.packages;
  const on = movedHosts(context);
  const own = archive ?? { uri: cloudArchive.uri };
  const key = 'keyFile' in own || 'trusted' in own ? {} : { keyPackage: cloudArchive.keyPackage };
  const others = [context.hops[0]?.from, ...context.hops.map(({ to }) => to)];
  return {
    id: `${hop.to}-repository`,
    title: titled(hop, `take packages from ${codename}-updates/${hop.to} alone`, on),
    kind: 'repository',
    on,
    params: {
      name: `cloudarchive-${hop.to}`,
      suite: `${codename}-updates/${hop.to}`,
      components: cloudArchive.components,
      ...own,
      ...key,
      replaces: others
        .filter((series) => series !== hop.to)
        .map((series) => `cloudarchive-${series}`),
    },
  };
}

/** One consistent dump of all databases of these services. */
export function backupSteps(context: Context, all: readonly Moving[]): Draft[] {
  const { on, defaultsFile, backups } = context.services.database;
  const hosts = hostsOf(context.cloud, on).slice(0, 1);
  const [moving] = all;
  const databases = all.flatMap((one) =>
    syncsOf(one).map(({ database }) => databaseName(context, database)),
  );
  if (moving === undefined || databases.length === 0) return [];
  const { hop } = moving;
  return [
    {
      id: `${hop.to}-backup`,
      title: titled(
        hop,
        `dump ${databases.join(', ')} and restore the dump to compare, once,`,
        hosts,
      ),
      kind: 'database-backup',
      on: hosts,
      params: {
        defaultsFile,
        databases,
        directory: backups,
        label: hop.from,
        scratchPrefix: 'hopscotch_check_',
      },
    },
  ];
}

/** Hosts that the services' main parts are not on, and parts that go on running until now. */
function restSteps(context: Context, hop: Hop, all: readonly Moving[]): Draft[] {
  return [
    ...all.flatMap((moving) =>
      configSteps(context, moving, { parts: laterParts(moving), when: 'beforePackages' }),
    ),
    ...restPackages(context, hop, all),
    ...all.flatMap((moving) =>
      configSteps(context, moving, { parts: laterParts(moving), when: 'afterPackages' }),
    ),
    ...all.flatMap((moving) =>
      laterParts(moving).flatMap((part) => startSteps(context, moving, part, 1)),
    ),
  ];
}

const laterParts = ({ after, known }: Moving): string[] =>
  Object.keys(after.parts).filter((part) => part !== known.main);

// All services of a host in one go: they share libraries, which move with the first of them.
function restPackages(context: Context, hop: Hop, all: readonly Moving[]): Draft[] {
  const missing = (host: string): string[] =>
    all
      .filter((moving) => !hostsOfPart(context, moving, moving.known.main).includes(host))
      .flatMap((moving) => packagesOn(context, moving, host));
  return grouped(movedHosts(context), (host) => [...new Set(missing(host))])
    .filter(({ value }) => value.length > 0)
    .map(({ hosts: on, value: install }) => ({
      id: `${hop.to}-rest-packages`,
      title: titled(
        hop,
        `install ${install.join(', ')}${on.length > 1 ? ', host by host,' : ''}`,
        on,
      ),
      kind: 'package',
      on,
      params: { install },
      batch: 1,
    }));
}
