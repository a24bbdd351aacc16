import { quorumOf } from '../../jobs/run/quorum.ts';
import type { PlannedHop, StrategyName } from '../deployment/deployment.ts';
import type { HopIntent } from '../deployment/intents.ts';
import { byHost } from './by-host.ts';
import { byService } from './by-service.ts';
import type { DraftedHop } from './finished-steps.ts';
import type { HopOrder } from './order.ts';
import type { StepDraft } from './step-drafts.ts';

/**
 * The steps of all hops, as strategies order them and deployments make them. Hops that go service by service begin and end with
 * steps of their own. People look before each hop; `notes`: what they have to know then.
 */
export function draftedHops(
  planned: readonly PlannedHop[],
  { isPartial, notes }: { readonly isPartial: boolean; readonly notes: readonly Notes[] },
): DraftedHop[] {
  const nameOf = ({ deployment }: PlannedHop): StrategyName =>
    deployment.strategies[isPartial ? 'partial' : 'whole'];
  const framed = planned.filter((one) => nameOf(one) === 'by service');
  const [first, last] = [framed[0], framed.at(-1)];
  const narrow = first && { ...first.context, hops: framed.map(({ hop }) => hop) };
  const frame = narrow && last ? first.deployment.frame(narrow, last) : { before: [], after: [] };
  return planned.map((one, at) => {
    const { hop, all } = one;
    const approval = approvalsOf(one);
    const steps = [
      ...(one === first ? frame.before : []),
      ...stepsInOrder(one, strategies[nameOf(one)](one)),
      ...(one === last ? frame.after : []),
    ];
    return { hop, all, steps: approvedFirst(steps, approval, notes[at] ?? []) };
  });
}

/** They order what a deployment does on a hop. */
const strategies: Readonly<Record<StrategyName, (hop: PlannedHop) => HopOrder[]>> = {
  'by service': byService,
  'by host': byHost,
};

type Notes = readonly string[];

/** The steps of a hop, by its deployment. */
const stepsInOrder = (planned: PlannedHop, order: readonly HopOrder[]): StepDraft[] =>
  order.flatMap((one) => stepsOfOne(planned, one));

function stepsOfOne(planned: PlannedHop, one: HopOrder): readonly StepDraft[] {
  const { deployment } = planned;
  if (one.do === 'as it is') return one.steps;
  if (one.do === 'ask') return approvedFirst(stepsInOrder(planned, one.order), true, one.notes);
  if (one.do === 'prepare' || one.do === 'lead schema' || one.do === 'start hosts')
    return stepsInOrder(planned, intentsOf(planned, one));
  if (one.do !== 'if any') return deployment.steps(planned, one);
  const steps = deployment.steps(planned, one.first);
  return steps.length === 0
    ? []
    : [...stepsInOrder(planned, one.before ?? []), ...steps, ...stepsInOrder(planned, one.order)];
}

type Together = Extract<HopOrder, { readonly do: 'prepare' | 'lead schema' | 'start hosts' }>;

/** What takes several intents, whatever the strategy. */
function intentsOf({ all }: PlannedHop, one: Together): HopIntent[] {
  switch (one.do) {
    case 'prepare': {
      const { on } = one;
      return [
        { do: 'adapt', slot: 'beforePackages', on },
        { do: 'write configuration', when: 'beforePackages', on },
        { do: 'upgrade hosts', on },
        { do: 'write configuration', when: 'afterPackages', on },
        { do: 'adapt', slot: 'afterPackages', on },
      ];
    }
    case 'lead schema':
      return [
        { do: 'adapt', slot: 'beforeSync', of: [one.of] },
        { do: 'sync schema', of: one.of },
        { do: 'adapt', slot: 'afterSync', of: [one.of] },
      ];
    case 'start hosts':
      return [
        { do: 'start', units: one.units, on: one.on },
        { do: 'check', what: 'answers', of: all, which: 'host', on: one.on },
        { do: 'adapt', slot: 'afterStart', on: one.on },
      ];
  }
}

/** People look before the first of them. */
const approvedFirst = (
  [first, ...rest]: readonly StepDraft[],
  approval: true | number,
  notes: Notes,
): StepDraft[] => (first === undefined ? [] : [{ ...first, approval, notes: [...notes] }, ...rest]);

/** How many approve a hop: one that nobody supports takes the most that the cloud asks for, and two where it can have them. */
const approvalsOf = ({ context: { cloud }, hop }: PlannedHop): true | number =>
  hop.rule === 'unsupported' ? quorumOf(cloud.access) : true;
