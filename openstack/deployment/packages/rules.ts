import type { PlannedHop } from '../deployment.ts';
import type { Adapt, RuleSlot } from '../intents.ts';
import type { PlannedService } from '../../plan/context.ts';
import type { StepDraft } from '../../plan/step-drafts.ts';
import { closeArchives } from './archive.ts';
import { pinSteps } from './nova.ts';
import { backupSteps } from './schemas.ts';
import { stepOfTemplate } from './template.ts';
import { againSteps } from './units.ts';

/** What a release wants besides in one place of the hop; what computes of both releases need; and archives at the end. */
export function adaptSteps(planned: PlannedHop, adapt: Adapt): StepDraft[] {
  const { slot } = adapt;
  if (slot === 'over') return closeArchives(planned.context, planned.hop);
  if (slot === 'mixed') return pinSteps(planned, 'mixed');
  return slot === 'unmixed'
    ? onlyOn([...pinSteps(planned, 'unmixed'), ...againSteps(planned)], adapt.on)
    : rulesOn(planned, adapt);
}

/** One place of a hop: of these services, or of all; on these hosts, or on all. */
interface RulePlace {
  readonly slot: RuleSlot;
  readonly of?: readonly PlannedService[];
  readonly on?: readonly string[];
}

/** Steps of rules for these services, on those of their hosts whose turn it is. */
function rulesOn({ context, all }: PlannedHop, { slot, of = all, on }: RulePlace): StepDraft[] {
  return onlyOn(
    of.flatMap(({ hop, rules }) =>
      (rules.steps[slot] ?? []).flatMap((id) => stepOfTemplate(context, hop, id)),
    ),
    on,
  );
}

/** Steps on those of their hosts that are meant; unset: on all. */
const onlyOn = (drafts: readonly StepDraft[], some: readonly string[] | undefined): StepDraft[] =>
  some === undefined
    ? [...drafts]
    : drafts
        .map((draft) => ({ ...draft, on: draft.on.filter((host) => some.includes(host)) }))
        .filter(({ on }) => on.length > 0);

/** Data that only the programs of the old release can move, where the path begins with it; with a dump of its own. */
export function oldProgramSteps(planned: PlannedHop): StepDraft[] {
  const moved = planned.all.flatMap((service) => {
    const steps = rulesOn(planned, { slot: 'afterStop', of: [service] });
    return steps.length === 0 ? [] : [{ service, steps }];
  });
  if (moved.length === 0) return [];
  const services = moved.map(({ service }) => service);
  const backups = backupSteps(planned.context, services, `${planned.hop.from}.before`);
  return [
    ...backups.map((draft) => ({ ...draft, id: `${draft.id}-before` })),
    ...moved.flatMap(({ steps }) => steps),
  ];
}
