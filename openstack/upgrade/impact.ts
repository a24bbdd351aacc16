import type { StepChange, ChangedThing } from '../../handlers/contract/deed.ts';
import type { Cloud } from '../../jobs/files/cloud.ts';
import type { ReadStep } from '../../jobs/reading/steps.ts';
import { servicesOf } from '../cloud/placed.ts';
import type { Knowledge } from '../knowledge/knowledge.ts';

/** A service whose API nobody reaches. */
export interface ApiOutage {
  readonly service: string;
  /** Number of the step that ends it. */
  readonly from: number;
  /** Of the step that brings it back; absent where none of the plan does. */
  readonly to?: number;
}

/** Something that users of the cloud have, and that steps touch. */
export interface UserTouch {
  readonly what: 'liveMigrated' | 'coldMigrated' | 'routers' | 'dhcp' | 'ports' | 'apis';
  readonly steps: readonly number[];
  readonly hosts: readonly string[];
}

/** What the users of a cloud feel of a plan. */
export interface PlanImpact {
  readonly outages: readonly ApiOutage[];
  readonly touches: readonly UserTouch[];
  /** Every service of the cloud that has an API. */
  readonly services: readonly string[];
}

/**
 * Which APIs are down from which step to which, and which steps touch instances, routers and DHCP: by the units and HAProxy
 * backends that the cloud's file and our knowledge know. A service is down once each of its control hosts has a unit of it
 * stopped, is restarted whole, or is out of one of its backends.
 */
export function planImpact(
  steps: readonly ReadStep[],
  { knowledge, cloud }: { readonly knowledge: Knowledge; readonly cloud: Cloud },
): PlanImpact {
  const served = servedBy(steps, knowledge, cloud);
  const balanced = backendsOf(cloud);
  const outages: ApiOutage[] = [];
  const starts = startsOf(steps);
  const lasting = new Set(starts.map(({ unit }) => unit));
  const startsOn = startsByHost(starts);
  for (const one of served) {
    const own = balanced.filter(({ service }) => service === one.service);
    outages.push(...outagesOf(steps, { ...one, lasting, startsOn, backends: own }));
  }
  return {
    outages: outages.toSorted((a, b) => a.from - b.from),
    touches: touchesOf(steps, served),
    services: served.map(({ service }) => service),
  };
}

interface Served {
  readonly service: string;
  readonly hosts: readonly string[];
  readonly units: ReadonlySet<string>;
}

/**
 * The services of this cloud with what serves their APIs, in the releases that steps name; in all that are known where they
 * name none.
 */
function servedBy(steps: readonly ReadStep[], knowledge: Knowledge, cloud: Cloud): Served[] {
  const named = new Set(steps.flatMap(({ step: { hop } }) => [hop?.from, hop?.to]));
  const { openstack } = servicesOf(cloud);
  return Object.entries(openstack).flatMap(([service, { parts }]) => {
    const known = knowledge.services[service];
    const on = known === undefined ? undefined : parts[known.main];
    if (known === undefined || on === undefined) return [];
    const all = Object.entries(known.series);
    const some = all.filter(([release]) => named.has(release));
    const units = (some.length === 0 ? all : some).flatMap(([, made]) => {
      const main = made?.parts[known.main];
      return [...(main?.units ?? []), ...(main?.debian?.units ?? [])];
    });
    return [{ service, hosts: on, units: new Set(units) }];
  });
}

type Backend = NonNullable<ReturnType<typeof servicesOf>['loadBalancer']>['backends'][number];

const backendsOf = (cloud: Cloud): readonly Backend[] =>
  servicesOf(cloud).loadBalancer?.backends ?? [];

interface Serving extends Served {
  readonly backends: readonly Backend[];
  /** Units that the plan starts somewhere. */
  readonly lasting: ReadonlySet<string>;
  readonly startsOn: ReadonlyMap<string, readonly UnitStart[]>;
}

/** That a step starts a unit, or starts it anew. */
interface UnitStart {
  readonly number: number;
  readonly unit: string;
  readonly hosts: readonly string[];
}

const startsOf = (steps: readonly ReadStep[]): UnitStart[] =>
  steps.flatMap(({ number, deed, step: { hosts } }) =>
    deed.changes.flatMap(({ what, name: unit }) =>
      what === 'start' || what === 'restart' ? [{ number, unit, hosts }] : [],
    ),
  );

function startsByHost(starts: readonly UnitStart[]): Map<string, UnitStart[]> {
  const byHost = new Map<string, UnitStart[]>();
  for (const start of starts)
    for (const host of start.hosts) {
      const own = byHost.get(host) ?? [];
      byHost.set(host, own);
      own.push(start);
    }
  return byHost;
}

function outagesOf(steps: readonly ReadStep[], serving: Serving): ApiOutage[] {
  const { service, hosts, backends } = serving;
  const stopped = new Map(hosts.map((host) => [host, new Set<string>()]));
  const drained = new Set<string>();
  const isOut = (host: string): boolean => backends.some((one) => drained.has(place(one, host)));
  const found: ApiOutage[] = [];
  let from: number | undefined;
  for (const read of steps) {
    for (const change of read.deed.changes) {
      turnBackend(drained, serving, change);
      // What starts with a host that is restarted: that it has is known once a later step sees it.
      if (change.what === 'boot')
        for (const { number, unit } of serving.startsOn.get(change.name) ?? [])
          if (number > read.number && serving.units.has(unit)) stopped.get(change.name)?.add(unit);
    }
    for (const [host, own] of stopped)
      if (read.step.hosts.includes(host))
        for (const change of read.deed.changes) turnUnit(own, serving, change);
    const isDown = [...stopped].every(([host, own]) => own.size > 0 || isOut(host));
    if (isDown) from ??= read.number;
    else if (from !== undefined) {
      found.push({ service, from, to: read.number });
      from = undefined;
    }
  }
  return from === undefined ? found : [...found, { service, from }];
}

/** Of all its servers, where a step names none. */
function turnBackend(
  drained: Set<string>,
  { backends, hosts }: Serving,
  { what, name }: StepChange,
): void {
  if (what !== 'drain' && what !== 'reopen') return;
  for (const backend of backends)
    for (const server of hosts.map((host) => place(backend, host))) {
      if (name !== backend.name && name !== server) continue;
      if (what === 'drain') drained.add(server);
      else drained.delete(server);
    }
}

/** `nova/ctl1`, as HAProxy calls what it has there. */
const place = ({ name, servers = {} }: Backend, host: string): string =>
  `${name}/${servers[host] ?? host}`;

/** A unit of the old release that the new one has not is never started: what comes in its place clears it. */
function turnUnit(
  stopped: Set<string>,
  { units, lasting }: Serving,
  { what, name }: StepChange,
): void {
  if (!units.has(name)) return;
  if (what === 'stop') stopped.add(name);
  if (what !== 'start' && what !== 'restart') return;
  stopped.delete(name);
  for (const one of stopped) if (!lasting.has(one)) stopped.delete(one);
}

function touchesOf(steps: readonly ReadStep[], served: readonly Served[]): UserTouch[] {
  const touched = new Map<UserTouch['what'], { steps: Set<number>; hosts: Set<string> }>();
  for (const { step, number, deed } of steps)
    for (const { what, name } of deed.changes) {
      const felt = feltOf(what, name, served);
      if (felt === undefined) continue;
      const found = touched.get(felt) ?? { steps: new Set(), hosts: new Set() };
      touched.set(felt, found);
      found.steps.add(number);
      const hosts = felt === 'liveMigrated' || felt === 'coldMigrated' ? [name] : step.hosts;
      for (const host of hosts) found.hosts.add(host);
    }
  return [...touched].map(([what, all]) => ({
    what,
    steps: [...all.steps],
    hosts: [...all.hosts],
  }));
}

function feltOf(
  what: ChangedThing,
  name: string,
  served: readonly Served[],
): UserTouch['what'] | undefined {
  if (what === 'liveMigrate') return 'liveMigrated';
  if (what === 'coldMigrate') return 'coldMigrated';
  if (what !== 'stop' && what !== 'restart') return undefined;
  const own = AGENTS.find(({ pattern }) => pattern.test(name))?.felt;
  if (own !== undefined) return own;
  return served.some(({ units }) => units.has(name)) ? 'apis' : undefined;
}

/** What pauses while a unit is down: names of neutron's and OVN's units on Debian and Ubuntu. */
const AGENTS = [
  { felt: 'routers', pattern: /^neutron-(l3|vpn)-agent$/ },
  { felt: 'dhcp', pattern: /^neutron-dhcp-agent$/ },
  {
    felt: 'ports',
    pattern:
      /^(neutron-(plugin-)?(openvswitch|linuxbridge|macvtap|sriov)-agent|ovn-controller|ovn-host)$/,
  },
] as const;
