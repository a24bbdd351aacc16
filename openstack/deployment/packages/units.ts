import { listSome } from '../../../handlers/words/counts.ts';
import type { PlannedHop, HopUnits } from '../deployment.ts';
import type { Neighbours, ServiceUnit, Start } from '../intents.ts';
import type { ReleaseName } from '../../knowledge/releases.ts';
import { sortedByTier, unitsOn } from '../../plan/tiers.ts';
import type { PlanContext, PlannedService } from '../../plan/context.ts';
import { type StepDraft, groupedHosts } from '../../plan/step-drafts.ts';

export function hopUnits(context: PlanContext, all: readonly PlannedService[]): HopUnits {
  const [before, after] = [unitsOf(all, 'before'), unitsOf(all, 'after')];
  return {
    before,
    after,
    stopping: [...before, ...sharedUnits(context, { before, after })],
    alone: new Map(
      all.map((one) => [one, { before: unitsOf([one], 'before'), after: unitsOf([one], 'after') }]),
    ),
  };
}

/**
 * Stops units on all hosts: computes and agents before what they report to, in the opposite order of their start, so that
 * the undo of these steps starts the old programs in the right order.
 */
export const stopSteps = (
  { context, units }: PlannedHop,
  some: readonly ServiceUnit[] = units.stopping,
): StepDraft[] =>
  some.toReversed().map(({ name, moving: { known }, hosts }) => ({
    id: `stop-${name}`,
    title: `stop ${name}`,
    kind: 'service',
    purpose: 'stop',
    on: hosts,
    params: { name, state: 'stopped', manager: context.manager },
    service: known.name,
  }));

/** All units of a host in one step: they stop at once, and a rollback takes them together. */
export function neighbourUnitSteps({
  units: some,
  on: there,
  now,
  rollback,
}: Neighbours): StepDraft[] {
  const units = there === undefined ? some : unitsOn(some, there);
  return groupedHosts([...new Set(units.flatMap(({ hosts }) => hosts))], (host) =>
    unitNames(units.toReversed(), host),
  ).map(({ hosts: on, value: names }) => ({
    id: `${now}-${now === 'leave' ? rollback : (names[0] ?? '')}`,
    title: {
      leave: `leave ${listSome(names)} as they run: a rollback ${rollback}s them here`,
      'let-go': `tell ${listSome(names)} to stop once ${names.length === 1 ? 'it has ended what it' : 'they have ended what they'} began`,
      stop: `stop ${listSome(names)}`,
    }[now],
    kind: 'neighbours',
    purpose: now === 'leave' ? 'check' : 'stop',
    on,
    params: { units: names, now, rollback },
    ...oneService(units),
  }));
}

const oneService = (units: readonly ServiceUnit[]): { service?: string } => {
  const [service, ...others] = new Set(units.map(({ moving: { known } }) => known.name));
  return service === undefined || others.length > 0 ? {} : { service };
};

/** Starts units on their hosts; what the hop has not stopped is restarted: nobody knows whether it runs. */
export function startSteps(
  { context, units }: PlannedHop,
  start: Extract<Start, { readonly do: 'start' }>,
): StepDraft[] {
  const batch = 'units' in start ? undefined : start.batch;
  const isStopped = (host: string, name: string): boolean =>
    units.stopping.some((unit) => unit.name === name && unit.hosts.includes(host));
  return startedBy(start, units).flatMap(({ name, moving, hosts }) =>
    groupedHosts(hosts, (host) => (isStopped(host, name) ? 'start' : 'restart')).map(
      ({ hosts: on, value: verb }) => ({
        id: `${verb}-${name}`,
        title: `${verb} ${name}`,
        kind: 'service',
        purpose: verb,
        on,
        params: { name, state: `${verb}ed`, manager: context.manager },
        ...(batch !== undefined && { batch }),
        service: moving.known.name,
      }),
    ),
  );
}

/** Of the main part or of all others those that no service before it has started by now. */
const startedBy = (
  start: Extract<Start, { readonly do: 'start' }>,
  { after }: HopUnits,
): readonly ServiceUnit[] =>
  'units' in start
    ? start.on === undefined
      ? start.units
      : unitsOn(start.units, start.on)
    : after.filter(
        ({ moving, part }) =>
          moving === start.of && (part === moving.known.main) === (start.which === 'main'),
      );

/** Once all is new: restarts what keeps to what the oldest of its neighbours understood when it started. APIs last. */
export const againSteps = ({ context, all, units: { alone } }: PlannedHop): StepDraft[] =>
  all
    .filter(({ known }) => known.pinsAtStart !== undefined)
    .map((moving) => sortedByTier(alone.get(moving)?.after ?? []))
    .filter((units) => new Set(units.flatMap(({ hosts }) => hosts)).size > 1)
    .flat()
    .map(({ name, moving, hosts }) => ({
      id: `again-${name}`,
      title: `restart ${name}, now that all it talks to is new`,
      kind: 'service',
      purpose: 'unpin-rpc',
      on: hosts,
      params: { name, state: 'restarted', manager: context.manager },
      batch: 1,
      service: moving.known.name,
    }));

/** Whether a process still runs what is no longer on disk: nothing else shows it until it breaks. */
export const staleSteps = ({ context, units }: PlannedHop): StepDraft[] =>
  groupedHosts(context.moved, (host) => unitNames(units.after, host)).map(({ hosts, value }) => ({
    id: 'stale',
    title: 'restart services that still run old programs or libraries',
    kind: 'stale-processes',
    purpose: 'restart',
    on: hosts,
    params: { units: value, restart: true },
  }));

/** Services that stay at their release share libraries with those that moved: running ones hold on to what is gone. */
export function neighbourSteps({ context, hop }: PlannedHop): StepDraft[] {
  const beside = unitsBeside(context, hop.from);
  return groupedHosts(context.moved, (host) => [...new Set(beside(host))])
    .filter(({ value }) => value.length > 0)
    .map(({ hosts, value }) => ({
      id: 'neighbours-stale',
      title: 'restart neighbouring services that still run old libraries',
      kind: 'stale-processes',
      purpose: 'restart',
      on: hosts,
      params: { units: value, restart: true },
    }));
}

/** A web server that another service runs already must not go on with new programs after the rollback. */
function sharedUnits(
  context: PlanContext,
  { before, after }: Pick<HopUnits, 'before' | 'after'>,
): ServiceUnit[] {
  const taken = new Set(before.flatMap(places));
  const beside = unitsBeside(context, context.hops[0]?.from);
  return after
    .map((unit) => ({
      ...unit,
      hosts: unit.hosts.filter(
        (host) => !taken.has(place(host, unit.name)) && beside(host).includes(unit.name),
      ),
    }))
    .filter(({ hosts }) => hosts.length > 0);
}

/** Main parts first, then the parts that follow them, then the services that come last. */
function unitsOf(all: readonly PlannedService[], when: 'before' | 'after'): ServiceUnit[] {
  const first = all.filter(({ known }) => !known.last);
  const last = all.filter(({ known }) => known.last);
  const taken = new Set<string>();
  return [...mains(first), ...laters(first, when), ...mains(last), ...laters(last, when)].flatMap(
    ({ moving, part }) =>
      (moving[when].parts[part]?.units ?? [])
        .filter((name) => !moving.here.without.includes(name))
        .flatMap((name) => {
          const hosts = (moving.here.parts[part] ?? []).filter(
            (host) => !taken.has(place(host, name)) && !isMissing(moving, name, host),
          );
          for (const host of hosts) taken.add(place(host, name));
          return hosts.length === 0
            ? []
            : [{ name, moving, part, tier: moving.tiers[part] ?? 'control', hosts }];
        }),
  );
}

/** What the old release runs too, and this host does not have, is none of the plan's; what is new comes with the new one. */
const isMissing = ({ before, missingUnits }: PlannedService, unit: string, host: string): boolean =>
  (missingUnits[host] ?? []).includes(unit) &&
  Object.values(before.parts).some(({ units }) => units.includes(unit));

const mains = (some: readonly PlannedService[]) =>
  some.map((moving) => ({ moving, part: moving.known.main }));

const laters = (some: readonly PlannedService[], when: 'before' | 'after') =>
  some.flatMap((moving) =>
    Object.keys(moving[when].parts)
      .filter((part) => part !== moving.known.main)
      .map((part) => ({ moving, part })),
  );

/** What the cloud's other services run on a host, which are of this release. */
export function unitsBeside(
  { beside }: PlanContext,
  release: ReleaseName | undefined,
): (host: string) => string[] {
  const others = release === undefined ? [] : beside;
  return (host) =>
    others.flatMap(({ known, here }) =>
      Object.entries((release && known.series[release]?.parts) ?? {})
        .filter(([part]) => (here.parts[part] ?? []).includes(host))
        .flatMap(([, { units }]) => units.filter((unit) => !here.without.includes(unit))),
    );
}

/** What runs on a host, each once. */
export const unitNames = (units: readonly ServiceUnit[], host: string): string[] => [
  ...new Set(units.filter(({ hosts }) => hosts.includes(host)).map(({ name }) => name)),
];

const places = ({ name, hosts }: ServiceUnit): string[] => hosts.map((host) => place(host, name));

const place = (host: string, unit: string): string => `${host} ${unit}`;
