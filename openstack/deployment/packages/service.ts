import {
  type PlanContext,
  databaseName,
  type StepDraft,
  groupedHosts,
  type PlannedService,
  listSome,
  mainHosts,
} from '../../plan/context.ts';
import type { PlannedHop } from '../deployment.ts';
import type { PackageUpgrade } from '../intents.ts';
import { noStepsKnown } from '../../plan/planned-hop.ts';
import { schemaEnds } from '../../knowledge/schemas.ts';
import { packagesOnHost } from './host-packages.ts';
import { wayBackParam } from './way-back.ts';

/** How packages of a service are installed on hosts: what their installation must not start, and what it is answered. */
type Quiet = (on: readonly string[]) => Readonly<Record<string, unknown>>;

/** Packages of services: where their main parts are, each by itself, or on all other hosts. */
export const servicePackages = (
  { context, hop }: PlannedHop,
  { what, of }: PackageUpgrade,
  quiet: Quiet,
): StepDraft[] =>
  what === 'main'
    ? of.flatMap((moving) => mainPackageSteps(context, moving, quiet))
    : restPackages(context, { hop, all: of }, quiet);

/** Throws `NoSteps` where there are none. */
function mainPackageSteps(context: PlanContext, moving: PlannedService, quiet: Quiet): StepDraft[] {
  const packages = mainPackages(context, moving);
  if (packages.length === 0) throw noStepsKnown(context, moving.known.name, moving.hop);
  return packages.map((draft) => ({
    ...draft,
    params: { ...draft.params, ...quiet(draft.on) },
  }));
}

/** Packages of the hosts that the services' main parts are not on. */
// All services of a host in one go: they share libraries, which move with the first of them.
function restPackages(
  context: PlanContext,
  { hop, all }: Pick<PlannedHop, 'hop' | 'all'>,
  quiet: Quiet,
): StepDraft[] {
  const missing = (host: string): string[] =>
    all
      .filter((moving) => !mainHosts(moving).includes(host))
      .flatMap((moving) => packagesOnHost(context, moving, host));
  return groupedHosts(context.moved, (host) => ({
    install: [...new Set(missing(host))],
    back: wayBackParam(context, { hop, isPartial: true }, host),
  }))
    .filter(({ value }) => value.install.length > 0)
    .map(({ hosts: on, value: { install, back } }) => ({
      id: 'rest-packages',
      title: `install ${listSome(install)}`,
      kind: 'package',
      purpose: 'upgrade-packages',
      on,
      params: { install, ...back, ...quiet(on) },
      batch: 1,
    }));
}

// Packages of one service depend on each other by exact version, so all its parts on a host move together.
export function mainPackages(context: PlanContext, moving: PlannedService): StepDraft[] {
  const { known, hop } = moving;
  const hosts = mainHosts(moving);
  return groupedHosts(hosts, (host) => ({
    install: packagesOnHost(context, moving, host),
    back: wayBackParam(context, { hop, isPartial: true }, host),
  }))
    .filter(({ value }) => value.install.length > 0)
    .map(({ hosts: on, value: { install, back } }) => ({
      id: `${known.name}-packages`,
      title: `install ${listSome(install)}`,
      kind: 'package',
      purpose: 'upgrade-packages',
      on,
      params: { install, ...back },
      service: known.name,
    }));
}

/** The databases of a service that this cloud has: optional ones are those that it names. */
export const schemaSyncs = ({ after, here }: Pick<PlannedService, 'after' | 'here'>) =>
  after.sync.filter(
    ({ database, optional }) => !optional || Object.hasOwn(here.databases, database),
  );

/** Whether a word of a command line belongs to its name: no path, no option. */
export const isTypedWord = (word: string): boolean => !/^(\/|-)/.test(word);

/** The schema syncs of a service, each once. */
export function syncSteps(context: PlanContext, moving: PlannedService): StepDraft[] {
  const { known, hop } = moving;
  const hosts = mainHosts(moving).slice(0, 1);
  const { log } = moving.after;
  return schemaSyncs(moving).map(({ database, run, user, also = [] }) => ({
    id: `${database}-schema`,
    title: run.filter(isTypedWord).join(' '),
    kind: 'schema-sync',
    purpose: 'sync-schema',
    on: hosts,
    params: {
      defaultsFile: context.services.database.defaultsFile,
      service: known.name,
      database: databaseName(context, database),
      run,
      user,
      series: hop.to,
      ...revisions(context, moving, database),
      ...alsoOf(context, moving, also),
      ...(log !== undefined && { log }),
      blocking: blocking(context, moving, database),
    },
    service: known.name,
  }));
}

function revisions({ knowledge }: PlanContext, { hop }: PlannedService, database: string) {
  const heads = knowledge.heads[database]?.heads;
  const [before, after] = [heads?.[hop.from] ?? { heads: [] }, heads?.[hop.to] ?? { heads: [] }];
  const [from, [to = [], ...or]] = [schemaEnds(before), schemaEnds(after)];
  const [first, last] = [numberOf(from), numberOf([to, ...or])];
  const counts = first !== undefined && last !== undefined && last - first > 1;
  return {
    from,
    ...(counts && { resume: { from: first + 1, to: last - 1 } }),
    to,
    ...(or.length > 0 && { or }),
  };
}

/** Of ends that are counted; a sync may be stopped between two of them. */
const numberOf = (ends: readonly (readonly string[])[]): number | undefined =>
  ends.flat().map(Number).find(Number.isInteger);

/** Further databases that one command leads along. */
function alsoOf(context: PlanContext, moving: PlannedService, also: readonly string[]) {
  if (also.length === 0) return {};
  return {
    also: also.map((database) => {
      const { resume: _resume, ...ends } = revisions(context, moving, database);
      return { database: databaseName(context, database), ...ends };
    }),
  };
}

function blocking(context: PlanContext, { rules }: PlannedService, database: string) {
  return rules.gates.flatMap((id) => {
    const template = context.knowledge.steps[id];
    const remaining = template?.params['remaining'];
    if (template === undefined || !isRemaining(remaining)) return [];
    if (remaining.database !== `$database.${database}`) return [];
    const { query, what } = remaining;
    return [{ database: databaseName(context, database), query, what, missing: template.title }];
  });
}

const isRemaining = (
  value: unknown,
): value is { readonly database: string; readonly query: string; readonly what: string } =>
  typeof value === 'object' &&
  value !== null &&
  'database' in value &&
  'query' in value &&
  'what' in value;

export function reportSteps(context: PlanContext, moving: PlannedService): StepDraft[] {
  const { after, known } = moving;
  if (after.report === undefined) return [];
  const { part, ...report } = after.report;
  const hosts = (moving.here.parts[part] ?? []).slice(0, 1);
  if (hosts.length === 0) return [];
  return [
    {
      id: `${known.name}-report`,
      title: `collect ${known.title}'s warnings about its options`,
      kind: 'config-report',
      purpose: 'report',
      on: hosts,
      params: { service: known.name, manager: context.manager, ...report },
      service: known.name,
    },
  ];
}
