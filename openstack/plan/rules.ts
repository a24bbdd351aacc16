import type { CloudFacts } from '../cloud/facts.ts';
import type { PlacedServices } from '../cloud/placed.ts';
import { beginsAtRelease, isForHop } from '../knowledge/hop-span.ts';
import type { Knowledge } from '../knowledge/knowledge.ts';
import { compareReleases } from '../knowledge/releases.ts';
import type { HopRule } from '../knowledge/rule-schemas.ts';
import type { KnownConfigOption } from '../knowledge/schemas.ts';
import { isBelowFloor } from '../path/floors.ts';
import type { Hop } from '../path/path.ts';

type RuleSlot = HopRule['slot'];

interface RuledCloud {
  readonly knowledge: Knowledge;
  readonly services: PlacedServices;
  readonly facts: CloudFacts;
}

/** What the rules of a release want of one service on one hop. */
export interface ServiceRules {
  /** By their place in the hop: ids of step templates. */
  readonly steps: Readonly<Partial<Record<RuleSlot, readonly string[]>>>;
  /** Steps whose data has to be in order before the schema sync. */
  readonly gates: readonly string[];
  /** What changed in options of its files up to the release that it reaches. */
  readonly options: readonly KnownConfigOption[];
}

/** `hops`: those that it is one of. */
export function serviceRules(
  place: RuledCloud,
  service: string,
  { hop, hops }: { readonly hop: Hop; readonly hops: readonly Hop[] },
): ServiceRules {
  const own = place.knowledge.rules.filter((rule) => rule.service === service);
  const steps: Partial<Record<RuleSlot, string[]>> = {};
  for (const rule of own) {
    const slot = slotOn(hops, rule, hop);
    if (slot !== undefined && isWanted(place, rule, hop))
      (steps[slot] ??= []).push(...stepsOf(place, rule));
  }
  const gates = own.filter((rule) => isForHop(rule.hops, hop)).flatMap((rule) => rule.steps);
  const options = place.knowledge.options.filter(
    (rule) => rule.service === service && compareReleases(rule.since, hop.to) <= 0,
  );
  return { steps, gates, options };
}

function isWanted({ knowledge, services }: RuledCloud, rule: HopRule, hop: Hop): boolean {
  const { tokens, codenames, belowFloor, memcached } = rule;
  const codename = hop.codenames?.to ?? services.packages?.codename ?? '';
  return (
    (tokens === undefined || tokens === services.tokens) &&
    (codenames === undefined || codenames.includes(codename)) &&
    (memcached === undefined || services.memcached.length > 0) &&
    (belowFloor === undefined || isBelowFloor(knowledge, hop))
  );
}

function slotOn(hops: readonly Hop[], rule: HopRule, hop: Hop): RuleSlot | undefined {
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
  { facts }: RuledCloud,
  { whenBlocked, steps, service }: HopRule,
): readonly string[] {
  const rows = facts.databases[service]?.rowsBlocking ?? 0;
  return whenBlocked !== undefined && rows > 0 ? whenBlocked : steps;
}
