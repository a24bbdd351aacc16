import { OperatorError } from '../../../handlers/contract/errors.ts';
import {
  type PlanContext,
  databaseName,
  type StepDraft,
  groupedHosts,
  hostsOfPart,
  type MovingService,
  listSome,
  hopTitle,
} from '../../plan/context.ts';
import { gateRules, ruleSteps } from '../../plan/rules.ts';
import { movesWholeHosts } from '../../path/distribution-path.ts';
import { checkSteps } from '../../plan/checks.ts';
import { schemaEnds } from '../../knowledge/schemas.ts';
import { startSteps } from './units.ts';
import { wayBackParam } from './way-back.ts';
import { releaseNameTitle } from '../../knowledge/releases.ts';
import { quietOnWholeHosts, packagesOnHost } from './host-packages.ts';

/** Packages of a service where its main part is. Throws `NoSteps` where there are none. */
export function mainPackageSteps(
  context: PlanContext,
  all: readonly MovingService[],
  moving: MovingService,
): StepDraft[] {
  const { known, hop } = moving;
  const packages = mainPackages(context, moving).map((draft) => ({
    ...draft,
    params: { ...draft.params, ...quietOnWholeHosts(context, hop, all, draft.on) },
  }));
  if (packages.length === 0) throw noStepsKnown(context, known.name, hop);
  return [...ruleSteps(context, hop, moving, 'beforePackages'), ...packages];
}

/** Leads the databases of a service to the new release, then starts its main part and looks whether it answers. */
export function activateSteps(
  context: PlanContext,
  all: readonly MovingService[],
  moving: MovingService,
): StepDraft[] {
  const { known, hop } = moving;
  return [
    ...ruleSteps(context, hop, moving, 'beforeSync'),
    ...syncSteps(context, moving),
    ...ruleSteps(context, hop, moving, 'afterSync'),
    ...startSteps(context, all, { moving, parts: [known.main] }),
    ...reportSteps(context, moving),
    ...checkSteps(context, moving, {
      // While people are kept out, so are those who come by the catalogue.
      which: movesWholeHosts(hop.from, context.knowledge) ? 'host' : 'all',
    }),
    ...ruleSteps(context, hop, moving, 'afterStart'),
  ];
}

// Packages of one service depend on each other by exact version, so all its parts on a host move together.
export function mainPackages(context: PlanContext, moving: MovingService): StepDraft[] {
  const { known, hop } = moving;
  const hosts = hostsOfPart(context, moving, known.main);
  return groupedHosts(hosts, (host) => ({
    install: packagesOnHost(context, moving, host),
    back: wayBackParam(context, { hop, isPartial: true }, host),
  }))
    .filter(({ value }) => value.install.length > 0)
    .map(({ hosts: on, value: { install, back } }) => ({
      id: `${hop.to}-${known.name}-packages`,
      title: hopTitle(hop, `install ${listSome(install)}`),
      kind: 'package',
      purpose: 'upgrade-packages',
      on,
      params: { install, ...back },
      service: known.name,
    }));
}

/** The databases of a service that this cloud has: optional ones are those that it names. */
export const schemaSyncs = ({ after, here }: Pick<MovingService, 'after' | 'here'>) =>
  after.sync.filter(
    ({ database, optional }) => !optional || Object.hasOwn(here.databases, database),
  );

/** Whether a word of a command line belongs to its name: no path, no option. */
export const isTypedWord = (word: string): boolean => !/^(\/|-)/.test(word);

/** The schema syncs of a service, each once. */
export function syncSteps(context: PlanContext, moving: MovingService): StepDraft[] {
  const { known, hop } = moving;
  const hosts = hostsOfPart(context, moving, known.main).slice(0, 1);
  const { log } = moving.after;
  return schemaSyncs(moving).map(({ database, run, user, also = [] }) => ({
    id: `${hop.to}-${database}-schema`,
    title: hopTitle(hop, run.filter(isTypedWord).join(' ')),
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

function revisions({ knowledge }: PlanContext, { hop }: MovingService, database: string) {
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
function alsoOf(context: PlanContext, moving: MovingService, also: readonly string[]) {
  if (also.length === 0) return {};
  return {
    also: also.map((database) => {
      const { resume: _resume, ...ends } = revisions(context, moving, database);
      return { database: databaseName(context, database), ...ends };
    }),
  };
}

function blocking(context: PlanContext, { hop, known }: MovingService, database: string) {
  const steps = gateRules(context, hop, known.name).flatMap((rule) => rule.steps);
  return steps.flatMap((id) => {
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

export function reportSteps(context: PlanContext, moving: MovingService): StepDraft[] {
  const { after, hop, known } = moving;
  if (after.report === undefined) return [];
  const { part, ...report } = after.report;
  const hosts = hostsOfPart(context, moving, part).slice(0, 1);
  if (hosts.length === 0) return [];
  return [
    {
      id: `${hop.to}-${known.name}-report`,
      title: hopTitle(hop, `collect ${known.title}'s warnings about its options`),
      kind: 'config-report',
      purpose: 'report',
      on: hosts,
      params: { service: known.name, manager: context.manager, ...report },
      service: known.name,
    },
  ];
}

/** Nothing is known that would move this service, so the hop would leave it behind. */
export function noStepsKnown(
  { cloud }: PlanContext,
  service: string,
  { from, to }: MovingService['hop'],
): OperatorError {
  const hop = `${releaseNameTitle(from)} to ${releaseNameTitle(to)}`;
  return new OperatorError(`planning ${hop} on ${cloud.name}: no step would upgrade ${service}`, {
    name: 'NoSteps',
    hint: `Add what ${service} needs to openstack/knowledge/data/releases/${to}.yaml, or plan with only the other services.`,
  });
}
