import type { PlannedHop } from '../deployment.ts';
import type { RuleSlot } from '../intents.ts';
import type { PlannedService, StepDraft } from '../../plan/context.ts';
import { stepOfTemplate } from './template.ts';

/** One place of a hop: of these services, or of all; on these hosts, or on all. */
interface RulePlace {
  readonly slot: RuleSlot;
  readonly of?: readonly PlannedService[];
  readonly on?: readonly string[];
}

/** Steps of rules for these services, on those of their hosts whose turn it is. */
export function rulesOn(
  { context, all }: PlannedHop,
  { slot, of = all, on }: RulePlace,
): StepDraft[] {
  return onlyOn(
    of.flatMap(({ hop, rules }) =>
      (rules.steps[slot] ?? []).flatMap((id) => stepOfTemplate(context, hop, id)),
    ),
    on,
  );
}

/** Steps on those of their hosts that are meant; unset: on all. */
export const onlyOn = (
  drafts: readonly StepDraft[],
  some: readonly string[] | undefined,
): StepDraft[] =>
  some === undefined
    ? [...drafts]
    : drafts
        .map((draft) => ({ ...draft, on: draft.on.filter((host) => some.includes(host)) }))
        .filter(({ on }) => on.length > 0);
