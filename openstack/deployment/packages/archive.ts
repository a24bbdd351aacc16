import { OperatorError } from '../../../handlers/contract/errors.ts';
import { listPath, repositoryHandler, sourceLine } from '../../../handlers/packages/repository.ts';
import type { PlanContext } from '../../plan/context.ts';
import { type StepDraft, groupedHosts } from '../../plan/step-drafts.ts';
import type { Hop } from '../../path/path.ts';
import type { ReleaseName } from '../../knowledge/releases.ts';
import { packageSource } from './path.ts';

interface Archive {
  readonly on: readonly string[];
  /** Keeps the lists of the release that is left, since a rollback can install only what apt is offered. */
  readonly keepsOld: boolean;
  /** Only some services move: the others' lists stay, whatever the hop. */
  readonly isPartial?: boolean;
}

/** Where packages come from afterwards: the distribution's next release where the hop leads there, and the release's archive. */
export function archiveSteps(
  context: PlanContext,
  hop: Hop,
  { on, keepsOld, isPartial = false }: Archive,
): StepDraft[] {
  if (on.length === 0) return [];
  return [
    ...(hop.crosses ? baseSteps(context, hop, { on, isPartial }) : []),
    ...seriesLists(context, hop).map((list, index): StepDraft => ({
      id: `repository-${list.name}`,
      title: `add apt repository ${list.suite}`,
      kind: 'repository',
      purpose: 'switch-repository',
      on,
      params: {
        ...list,
        replaces: index === 0 ? oldLists(context, hop, keepsOld && !hop.crosses) : [],
        ...(index === 0 && retiring(context, hop, keepsOld && !hop.crosses)),
      },
    })),
  ];
}

/** The lists of the old release of the distribution go: apt would offer both. */
export function oldBaseSteps(context: PlanContext, hop: Hop, on: readonly string[]): StepDraft[] {
  if (!hop.crosses) return [];
  return groupedHosts(on, (host) => oldBaseFiles(context, hop, host)).flatMap(({ hosts, value }) =>
    value.map((path): StepDraft => ({
      id: `old-list-${path.split('/').at(-1) ?? ''}`,
      title: `remove the old repositories in ${path}`,
      kind: 'file',
      purpose: 'switch-repository',
      on: hosts,
      params: { path, absent: true },
    })),
  );
}

/** As the cloud file says, else as they were found; on later hops what the one before has written. */
function oldBaseFiles(context: PlanContext, hop: Hop, host: string): readonly string[] {
  const crossings = context.hops.filter(({ crosses }) => crosses);
  const before = crossings[crossings.indexOf(hop) - 1];
  if (before !== undefined)
    return baseLists(context, before, host).map(({ name }) => listPath(name));
  const { mirror } = packageSource(context);
  const kind = distributionOf(context, codenameAfter(context, hop)).distribution;
  const found = [...new Set((context.facts.bases[host] ?? []).map(({ file }) => file))];
  return mirror?.lists ?? (mirror === undefined && found.length > 0 ? found : shipped[kind]);
}

/** What a host's sources are after the hop's own steps over them. */
export function sourcesAfter(
  context: PlanContext,
  hop: Hop,
  { host, isPartial }: { readonly host: string; readonly isPartial: boolean },
) {
  const places = archiveSteps(context, hop, { on: [host], keepsOld: true, isPartial });
  const files = oldBaseSteps(context, hop, [host]);
  const params = places.map((draft) => repositoryHandler.params.parse(draft.params));
  return {
    sources: params.map((one) => sourceLine(one).trim()),
    gone: [
      ...params.flatMap(({ name, replaces }) => [name, ...replaces].map(listPath)),
      ...files.map(({ params: { path } }) => String(path)),
    ],
    retires: params.flatMap(({ retires }) => retires),
    keyPackages: [...new Set(params.flatMap(({ keyPackage = [] }) => keyPackage))],
  };
}

/** The lists that a hop has written, and nothing else of it, so that later upgrades of the host stay in its release. */
export const newBasePaths = (context: PlanContext, hop: Hop): string[] =>
  hop.crosses
    ? [
        ...new Set(
          context.moved.flatMap((host) =>
            baseLists(context, hop, host).map(({ name }) => listPath(name)),
          ),
        ),
      ]
    : [];

/** After the hop no list of the old release is left, since apt takes the highest version that it sees. */
export const closeArchives = (context: PlanContext, hop: Hop): StepDraft[] =>
  hop.crosses
    ? []
    : archiveSteps(context, hop, { on: context.moved, keepsOld: false })
        .slice(0, 1)
        .map((draft) => ({
          ...draft,
          id: `alone-${hop.to}`,
          title: `switch apt to ${String(draft.params['suite'])}`,
        }));

const shipped = {
  debian: ['/etc/apt/sources.list', '/etc/apt/sources.list.d/debian.sources'],
  ubuntu: ['/etc/apt/sources.list', '/etc/apt/sources.list.d/ubuntu.sources'],
} as const;

function baseSteps(
  context: PlanContext,
  hop: Hop,
  { on, isPartial }: Required<Pick<Archive, 'on' | 'isPartial'>>,
): StepDraft[] {
  return groupedHosts(on, (host) => baseLists(context, hop, host)).flatMap(
    ({ hosts, value: lists }) =>
      lists.map((list, index): StepDraft => ({
        id: `repository-${list.name}`,
        title: `add apt repository ${list.suite}`,
        kind: 'repository',
        purpose: 'switch-repository',
        on: hosts,
        // Lists of archives for the old release of the distribution go, too.
        params: {
          ...list,
          replaces: index === 0 && !isPartial ? oldLists(context, hop, false) : [],
          ...(index === 0 && !isPartial && retiring(context, hop, false)),
        },
      })),
  );
}

interface List {
  readonly name: string;
  readonly suite: string;
  readonly uri: string;
  readonly components: readonly string[];
  readonly keyFile?: string;
  readonly trusted?: boolean;
  readonly keyPackage?: string;
}

/**
 * The lists of a distribution release itself: from the mirror that the cloud file names, else from where the host has had
 * the release before. Throws `NoMirror` where neither says.
 */
function baseLists(context: PlanContext, hop: Hop, host: string): List[] {
  const codename = codenameAfter(context, hop);
  const { mirror } = packageSource(context);
  const { distribution } = distributionOf(context, codename);
  const named = (suite: string, from: Omit<List, 'name' | 'suite'>): List => ({
    name: `${distribution}-${suite}`,
    suite,
    ...from,
  });
  if (mirror !== undefined) {
    const { pockets, lists: _lists, ...own } = mirror;
    return pockets.map((pocket) => named(`${codename}${pocket}`, own));
  }
  const bases = context.facts.bases[host] ?? [];
  if (bases.length === 0) throw noMirror(context, { host, codename });
  return bases.map(({ file: _file, pocket, ...own }, index) => {
    const list = named(`${codename}${pocket}`, own);
    const isAgain = bases.findIndex((one) => one.pocket === pocket) < index;
    return isAgain ? { ...list, name: `${list.name}-${index + 1}` } : list;
  });
}

const noMirror = (
  { cloud }: PlanContext,
  { host, codename }: { readonly host: string; readonly codename: string },
): OperatorError =>
  new OperatorError(
    `looking for where ${host} of cloud ${cloud.name} gets ${codename} from: none of its sources that apt has read is one of its distribution's own`,
    {
      name: 'NoMirror',
      hint: `Let the host read its distribution's sources (apt-get update), or name a mirror of ${codename} under services.packages.mirror in ${cloud.name}.yaml.`,
    },
  );

/** The archive of the release that a hop leads to; none where the distribution carries it itself. */
function seriesLists(context: PlanContext, hop: Hop): List[] {
  const [codename, series] = [codenameAfter(context, hop), hop.to];
  const { distribution, own } = distributionOf(context, codename);
  const { archive } = packageSource(context);
  if (own === series) return [];
  if (archive === 'none')
    throw new OperatorError(
      `looking for packages of ${hop.titles.to} for ${codename}: no archive that these hosts reach has them`,
      {
        name: 'NotPackaged',
        hint: 'Name an archive that the hosts can reach under services.packages.archive.',
      },
    );
  const { cloudArchive, backports } = context.knowledge.distributions;
  const isTrusted = archive?.keyFile !== undefined || archive?.trusted !== undefined;
  if (distribution === 'ubuntu') {
    const { uri, components, keyPackage } = cloudArchive;
    const key = isTrusted ? {} : { keyPackage };
    const suite = `${codename}-updates/${series}`;
    return [{ name: `cloudarchive-${series}`, suite, components, uri, ...archive, ...key }];
  }
  const { uri, suites, components, keyFile } = backports;
  const key = isTrusted ? {} : { keyFile: worded(keyFile, { codename, series }) };
  return suites.map((suite, index) => ({
    name: backportsList(series, index),
    suite: worded(suite, { codename, series }),
    components,
    uri,
    ...archive,
    ...key,
  }));
}

const backportsList = (series: ReleaseName, index: number): string =>
  `openstack-${series}${index === 0 ? '' : `-${index + 1}`}`;

const worded = (
  template: string,
  { codename, series = '' }: { readonly codename: string; readonly series?: string },
): string => template.replaceAll('$codename', codename).replaceAll('$series', series);

/** The lists of other releases on the path; of this one, too, where the new release of the distribution carries it itself. */
function oldLists(context: PlanContext, hop: Hop, keepsOld: boolean): string[] {
  const series = new Set([context.hops[0]?.from ?? hop.from, ...context.hops.map(({ to }) => to)]);
  const { distribution, own } = distributionOf(context, codenameAfter(context, hop));
  const { suites } = context.knowledge.distributions.backports;
  return [...series]
    .filter((one) => one !== hop.to || own === hop.to)
    .filter((one) => !(keepsOld && one === hop.from))
    .flatMap((one) =>
      distribution === 'ubuntu'
        ? [`cloudarchive-${one}`]
        : suites.map((_suite, index) => backportsList(one, index)),
    );
}

/** Suites of other releases, under whatever name a file lists them; none where an archive has none but the wanted one. */
export function retiring(
  context: PlanContext,
  hop: Hop,
  keepsOld: boolean,
): { retires?: string[] } {
  const { knowledge } = context;
  const stays = [hop.to, ...(keepsOld ? [hop.from] : [])];
  const to = codenameAfter(context, hop);
  const suites = [...new Set([hop.codenames?.from ?? to, to])].flatMap((codename) =>
    archiveSuites(knowledge, codename)
      .filter(({ series }) => codename !== to || !stays.includes(series))
      .map(({ suite }) => suite),
  );
  return suites.length === 0 ? {} : { retires: suites };
}

/** All suites of OpenStack's archives for a release of the distribution. */
export function archiveSuites(
  { distributions: { distributions, backports } }: PlanContext['knowledge'],
  codename: string,
): { readonly series: ReleaseName; readonly suite: string }[] {
  const known = distributions[codename];
  const templates =
    known?.distribution === 'ubuntu'
      ? ['$codename-updates/$series', '$codename-proposed/$series']
      : backports.suites;
  return (known?.archive ?? []).flatMap((series) =>
    templates.map((one) => ({ series, suite: worded(one, { codename, series }) })),
  );
}

export const codenameAfter = (context: PlanContext, { codenames }: Hop): string =>
  codenames?.to ?? packageSource(context).codename;

function distributionOf({ knowledge }: PlanContext, codename: string) {
  const found = knowledge.distributions.distributions[codename];
  if (found === undefined) throw new RangeError(`there is no distribution release ${codename}`);
  return found;
}
