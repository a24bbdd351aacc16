import type { PlannedHop } from '../deployment.ts';
import type { RuleSlot } from '../intents.ts';
import { isBelowFloor } from '../../path/floors.ts';
import { beginsAtRelease, isForHop } from '../../knowledge/hop-span.ts';
import type { PlanContext, PlannedService, StepDraft } from '../../plan/context.ts';
import { codenameAfter } from './archive.ts';
import { stepOfTemplate } from './template.ts';
import type { Hop } from '../../path/path.ts';
import type { HopRule } from '../../knowledge/rule-schemas.ts';

/** One place of a hop: of these services, or of all; on these hosts, or on all. */
interface RulePlace {
  readonly slot: RuleSlot;
  readonly of?: readonly PlannedService[];
  readonly on?: readonly string[];
}

/** Steps of rules for these services, on those of their hosts whose turn it is. */
export function rulesOn(
  { context, hop, all }: PlannedHop,
  { slot, of = all, on }: RulePlace,
): StepDraft[] {
  const steps = of.flatMap((service) =>
    // The rules of a service whose hop is another one see that hop alone.
    ruleSteps(service.hop === hop ? context : { ...context, hops: [service.hop] }, service, slot),
  );
  return on === undefined
    ? steps
    : steps
        .map((draft) => ({ ...draft, on: draft.on.filter((host) => on.includes(host)) }))
        .filter((draft) => draft.on.length > 0);
}

/** The steps that hop rules put into one place of a hop for one service. */
function ruleSteps(
  context: PlanContext,
  { known, hop }: PlannedService,
  slot: RuleSlot,
): StepDraft[] {
  return context.knowledge.rules
    .filter((rule) => rule.service === known.name && slotOn(context, rule, hop) === slot)
    .filter((rule) => isWanted(context, rule, hop))
    .flatMap((rule) => stepsOf(context, rule).flatMap((id) => stepOfTemplate(context, hop, id)));
}

/** The rules whose data has to be in order before the schema sync of this hop. */
export const gateRules = ({ knowledge }: PlanContext, hop: Hop, service: string): HopRule[] =>
  knowledge.rules.filter((rule) => rule.service === service && isForHop(rule.hops, hop));

function isWanted(context: PlanContext, rule: HopRule, hop: Hop): boolean {
  const { knowledge, services } = context;
  const { tokens, codenames, belowFloor, memcached } = rule;
  return (
    (tokens === undefined || tokens === services.tokens) &&
    (codenames === undefined || codenames.includes(codenameAfter(context, hop))) &&
    (memcached === undefined || services.memcached.length > 0) &&
    (belowFloor === undefined || isBelowFloor(knowledge, hop))
  );
}

function slotOn({ hops }: PlanContext, rule: HopRule, hop: Hop): RuleSlot | undefined {
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
  { facts }: PlanContext,
  { whenBlocked, steps, service }: HopRule,
): readonly string[] {
  const rows = facts.databases[service]?.rowsBlocking ?? 0;
  return whenBlocked !== undefined && rows > 0 ? whenBlocked : steps;
}
