import { OperatorError } from '../../handlers/contract/errors.ts';
import { type ForecastPackage, packagesAfter } from '../../handlers/packages/forecast.ts';
import { releaseOfVersion } from '../../handlers/packages/release-of-version.ts';
import type { Deployments, PlannedHop } from '../deployment/deployment.ts';
import { beginsAtRelease, isForHop } from '../knowledge/hop-span.ts';
import { compareReleases, type ReleaseName } from '../knowledge/releases.ts';
import type { HopRule } from '../knowledge/rule-schemas.ts';
import { isBelowFloor } from '../path/floors.ts';
import { type Hop, hopOf, isLegalHop } from '../path/path.ts';
import {
  type ChosenService,
  type PlanContext,
  type PlannedService,
  type ServiceRules,
} from './context.ts';

/** A hop, with the deployment that is meant for it. Throws what `plannedService` throws. */
export function plannedHop(context: PlanContext, hop: Hop, tools: Deployments): PlannedHop {
  const deployment = tools.find((one) => one.isFor(context, hop)) ?? tools[0];
  const hopFor = hopOfService(context, hop);
  const all = context.chosen.map((one) => plannedService(context, one, hopFor(one)));
  return {
    context,
    hop,
    all,
    tiers: deployment.tiers(context, all),
    units: deployment.units(context, all),
    deployment,
  };
}

/**
 * The hop that a service makes. An archive may be of several releases; where apt would bring a service to another one than the
 * hop's on every host, and an upgrade path leads there too, it is planned to that one. Only a hop that ends the path can do so:
 * no path begins at a mix. All else stays as it was wanted, and what apt would bring instead is refused.
 */
function hopOfService(context: PlanContext, hop: Hop): (chosen: ChosenService) => Hop {
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
      releaseOfVersion(
        version,
        knowledge.versions[known.name] ?? {},
        knowledge.series.map(({ name }) => name),
      ),
    ),
  );
  const isOne = to !== undefined && others.length === 0;
  return isOne && known.series[to] !== undefined && isLegalHop(hop.from, to, knowledge)
    ? to
    : undefined;
}

/**
 * Throws `NoSteps` where nothing is known about the service in one of the two releases, and `ServiceMissing` where the later
 * one is the first to need another service, which the cloud does not have.
 */
function plannedService(context: PlanContext, chosen: ChosenService, hop: Hop): PlannedService {
  const { [hop.from]: before, [hop.to]: after } = chosen.known.series;
  if (before === undefined || after === undefined)
    throw noStepsKnown(context, chosen.known.name, hop);
  const missing = (after.needs ?? [])
    .filter((name) => !(before.needs ?? []).includes(name))
    .find((name) => context.services.openstack[name] === undefined);
  if (missing !== undefined) throw serviceMissing(context, { chosen, hop, missing });
  // The rules of a service that makes another hop than the plan's see that one alone.
  const hops = context.hops.includes(hop) ? context.hops : [hop];
  const rules = serviceRules(context, chosen.known.name, { hop, hops });
  const tiers = Object.fromEntries(
    Object.keys(chosen.here.parts).map((part) => [
      part,
      after.parts[part]?.tier ?? before.parts[part]?.tier ?? 'control',
    ]),
  );
  const syncs = after.sync.filter(
    ({ database, optional }) => !optional || Object.hasOwn(chosen.here.databases, database),
  );
  const { missingUnits } = context.facts;
  return { ...chosen, hop, before, after, rules, syncs, tiers, missingUnits };
}

/** `hops`: those that it is one of. */
function serviceRules(
  place: PlanContext,
  service: string,
  { hop, hops }: { readonly hop: Hop; readonly hops: readonly Hop[] },
): ServiceRules {
  const own = place.knowledge.rules.filter((rule) => rule.service === service);
  const steps: Partial<Record<HopRule['slot'], string[]>> = {};
  for (const rule of own.filter((one) => isWanted(place, one, hop))) {
    const ids = stepsOf(place, rule);
    const slot = slotOn(hops, rule, hop);
    if (slot !== undefined) (steps[slot] ??= []).push(...ids);
  }
  const gates = own.filter((rule) => isForHop(rule.hops, hop)).flatMap((rule) => rule.steps);
  const options = place.knowledge.options.filter(
    (rule) => rule.service === service && compareReleases(rule.since, hop.to) <= 0,
  );
  return { steps, gates, options };
}

function isWanted({ knowledge, services }: PlanContext, rule: HopRule, hop: Hop): boolean {
  const { tokens, codenames, belowFloor, memcached } = rule;
  const codename = hop.codenames?.to ?? services.packages?.codename ?? '';
  return (
    (tokens === undefined || tokens === services.tokens) &&
    (codenames === undefined || codenames.includes(codename)) &&
    (memcached === undefined || services.memcached.length > 0) &&
    (belowFloor === undefined || isBelowFloor(knowledge, hop))
  );
}

function slotOn(hops: readonly Hop[], rule: HopRule, hop: Hop): HopRule['slot'] | undefined {
  const first = hops[0];
  if (rule.code === 'from') {
    // While the release is there that the steps need: as soon as it is complete, or before it goes.
    if (beginsAtRelease(rule.hops, hop.to)) return rule.slot;
    return hop === first && isForHop(rule.hops, hop) ? 'afterStop' : undefined;
  }
  if (!isForHop(rule.hops, hop)) return undefined;
  const isFirst = hops.find((one) => isForHop(rule.hops, one)) === hop;
  return rule.once === 'hop' || isFirst ? rule.slot : undefined;
}

function stepsOf(
  { knowledge, services, facts }: PlanContext,
  { whenBlocked, steps, service }: HopRule,
): readonly string[] {
  const rows = facts.databases[service]?.rowsBlocking ?? 0;
  const wanted = whenBlocked !== undefined && rows > 0 ? whenBlocked : steps;
  // The cloud may not have the part that a step is for.
  return wanted.filter((id) => {
    const step = knowledge.steps[id];
    const parts = step && services.openstack[step.service]?.parts;
    return step === undefined || (parts?.[step.part] ?? []).length > 0;
  });
}

const serviceMissing = (
  { cloud }: PlanContext,
  {
    chosen: { known },
    hop: { to, titles },
    missing,
  }: {
    readonly chosen: ChosenService;
    readonly hop: Hop;
    readonly missing: string;
  },
): OperatorError =>
  new OperatorError(
    `planning ${titles.from} to ${titles.to} on ${cloud.name}: ${known.title} of ${titles.to} needs ${missing}, and the cloud has none`,
    {
      name: 'ServiceMissing',
      hint: `Upgrade to ${titles.from} first, set up ${missing} there as its upgrade guide says [${known.series[to]?.source ?? ''}], name it in ${cloud.name}.yaml, and go on from there.`,
    },
  );

/** Nothing is known that would move this service, so the hop would leave it behind. */
export function noStepsKnown(
  { cloud }: PlanContext,
  service: string,
  { to, titles }: Hop,
): OperatorError {
  const hop = `${titles.from} to ${titles.to}`;
  return new OperatorError(`planning ${hop} on ${cloud.name}: no step would upgrade ${service}`, {
    name: 'NoSteps',
    hint: `Add what ${service} needs to openstack/knowledge/data/releases/${to}.yaml, or plan with only the other services.`,
  });
}
