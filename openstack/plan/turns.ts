import type { PlannedHop, ServiceUnit } from '../deployment/deployment.ts';
import type { ruleSlots } from '../knowledge/rule-schemas.ts';
import type { PlannedService, StepDraft } from './context.ts';
import { sortedByTier, tierOf, unitsOn } from './tiers.ts';

export type RuleSlot = (typeof ruleSlots)[number];

/** A hop by host, of which something has stopped by now. */
export interface StoppedHop extends PlannedHop {
  readonly stopped: readonly ServiceUnit[];
}

/** The packages of hosts whose services are stopped, and the files that go with them. */
export function preparedSteps(planned: PlannedHop, on: readonly string[]): StepDraft[] {
  const { deployment } = planned;
  return [
    ...deployment.adapt(planned, { slot: 'beforePackages', on }),
    ...deployment.writeConfiguration(planned, { when: 'beforePackages', on }),
    ...deployment.upgradePackages(planned, { on }),
    ...deployment.writeConfiguration(planned, { when: 'afterPackages', on }),
    ...deployment.adapt(planned, { slot: 'afterPackages', on }),
  ];
}

/** Leads each service's databases to the new release and starts it where they were synced. `synced`: what is looked at then. */
export function activateFirst(
  planned: PlannedHop,
  synced: (service: PlannedService) => StepDraft[],
): StepDraft[] {
  const { all, tiers, deployment } = planned;
  const units = orderedUnits(planned);
  const done = new Set<PlannedService>();
  const ordered = [
    ...all.filter(({ known }) => !known.last),
    ...all.filter(({ known }) => known.last),
  ];
  const steps = ordered.flatMap((service) => {
    const due = [service, ...sharersOf(planned, service)].filter((one) => !done.has(one));
    for (const one of due) done.add(one);
    const of = [service];
    const own = units.filter((unit) => isControl(unit) && unit.moving === service);
    return [
      ...due.flatMap((one) => syncedSteps(planned, one)),
      ...synced(service),
      ...deployment.start(planned, { units: unitsOn(own, tiers.first) }),
      ...deployment.check(planned, { what: 'warnings', of }),
      ...deployment.check(planned, { what: 'answers', of, which: 'host', on: tiers.first }),
      ...deployment.adapt(planned, { slot: 'afterStart', of, on: tiers.first }),
      ...deployment.drain(planned, {
        what: 'people',
        state: 'back',
        which: 'inner',
        of,
        on: tiers.first,
      }),
      // A login goes by the catalogue, so through the balancer.
      ...deployment.check(planned, { what: 'answers', of, which: 'login' }),
    ];
  });
  const rest = units.filter((unit) => !isControl(unit));
  return [...steps, ...deployment.start(planned, { units: unitsOn(rest, tiers.first) })];
}

const isControl = ({ moving, part }: ServiceUnit): boolean => tierOf(moving, part) === 'control';

const syncedSteps = (planned: PlannedHop, service: PlannedService): StepDraft[] => [
  ...planned.deployment.adapt(planned, { slot: 'beforeSync', of: [service] }),
  ...planned.deployment.syncSchema(planned, service),
  ...planned.deployment.adapt(planned, { slot: 'afterSync', of: [service] }),
];

/** Stops what still runs on hosts, upgrades them, and starts them again. */
export function hostTurn(planned: StoppedHop, on: readonly string[]): StepDraft[] {
  const { deployment } = planned;
  return [
    ...deployment.stop(planned, running(planned, on)),
    ...preparedSteps(planned, on),
    ...deployment.start(planned, { hosts: on }),
    ...startOn(planned, on),
  ];
}

/** Starts all that hosts have: what serves APIs first, then agents, then computes. */
export function startOn(planned: PlannedHop, on: readonly string[]): StepDraft[] {
  const { all, deployment } = planned;
  return [
    ...deployment.start(planned, { units: unitsOn(orderedUnits(planned), on) }),
    ...deployment.check(planned, { what: 'answers', of: all, which: 'host', on }),
    ...deployment.adapt(planned, { slot: 'afterStart', on }),
  ];
}

/** What a hop's beginning has left running there. */
function running({ all, deployment, stopped }: StoppedHop, on: readonly string[]): ServiceUnit[] {
  return sortedByTier(unitsOn(deployment.units(all, 'before'), on)).flatMap((unit) => {
    const done = stopped.find(
      ({ name, part, moving }) =>
        name === unit.name && part === unit.part && moving === unit.moving,
    );
    const hosts = unit.hosts.filter((host) => done?.hosts.includes(host) !== true);
    return hosts.length === 0 ? [] : [{ ...unit, hosts }];
  });
}

/** Services that the same process serves, such as Apache: their schemas have to be there before it starts. */
function sharersOf(
  { all, tiers, deployment }: PlannedHop,
  service: PlannedService,
): PlannedService[] {
  const own = new Set(deployment.units([service], 'after').map(({ name }) => name));
  return all.filter(
    (other) =>
      other !== service &&
      unitsOn(deployment.units([other], 'after'), tiers.first).some(({ name }) => own.has(name)),
  );
}

const orderedUnits = ({ all, deployment }: PlannedHop): ServiceUnit[] =>
  sortedByTier(deployment.units(all, 'after'));
