import { serviceOnDistribution } from '../../../openstack/knowledge/on-distribution.ts';
import { hostsOnCloud } from '../../../jobs/files/runbook.ts';
import type { DrawnCloud } from '../drawn-clouds.ts';
import { knowledge } from '../known.ts';

export interface StepAsRead {
  readonly at: number;
  readonly id: string;
  /** Where its hop leads. */
  readonly to: string;
  readonly title: string;
  readonly kind: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly hosts: readonly string[];
  /** The unit that it starts or restarts. */
  readonly starts?: string;
  /** Those that it stops, each. */
  readonly stops: readonly string[];
  /** Whether people are asked before it. */
  readonly asks: boolean;
  /** How many hosts at a time; without it, all. */
  readonly batch: number;
}

type Tier = 'control' | 'agent' | 'compute';

interface Place {
  readonly host: string;
  readonly unit: string;
  readonly service: string;
  readonly tier: Tier;
}

export interface ReadHop {
  readonly steps: readonly StepAsRead[];
  readonly isCold: boolean;
  /** Only the release of the distribution changes. */
  readonly isSameSeries: boolean;
  /** What runs in the end. */
  readonly expected: readonly Place[];
  readonly tiers: Readonly<Record<'first' | 'control' | 'agents' | 'computes', readonly string[]>>;
  /** Public backends, with the hosts behind them. */
  readonly backends: readonly { readonly name: string; readonly hosts: readonly string[] }[];
  readonly unitsOf: (service: string) => string[];
  /** The units of OpenStack that run on a host just before a step. */
  readonly running: (host: string, index: number, tier?: Tier) => string[];
}

export interface DrawnPlanAsRead {
  readonly steps: readonly StepAsRead[];
  readonly legs: readonly ReadHop[];
  readonly batch: number;
  readonly zoneOf: (host: string) => string;
}

/** A plan as a reader sees it, who knows what belongs where and nothing of how it was made. */
export function readDrawnPlan({ cloud, plan }: DrawnCloud): DrawnPlanAsRead {
  const runbook = plan();
  const steps = runbook.steps.map(
    ({ id, hop, title, kind, params, on, approval, batch }, index): StepAsRead => {
      const given = params as Record<string, unknown>;
      const unit = kind === 'service' ? String(given['name']) : undefined;
      return {
        at: index,
        id,
        to: hop?.to ?? '',
        title,
        kind,
        params: given,
        hosts: hostsOnCloud(cloud, on),
        asks: approval !== undefined,
        batch: batch ?? Infinity,
        stops: stoppedUnits(kind, given),
        ...(unit !== undefined && given['state'] !== 'stopped' && { starts: unit }),
      };
    },
  );
  const marks = [...new Set(steps.map(({ to }) => to))];
  const services = cloud.services as { computes: { batch: number } };
  return {
    steps,
    legs: marks.map((mark) =>
      legOf(
        cloud,
        steps.filter(({ to }) => to === mark),
        mark,
      ),
    ),
    batch: services.computes.batch,
    zoneOf: (host) => cloud.hosts[host]?.zone ?? 'nova',
  };
}

function stoppedUnits(kind: string, params: Readonly<Record<string, unknown>>): string[] {
  if (kind === 'service' && params['state'] === 'stopped') return [String(params['name'])];
  return kind === 'neighbours' && params['now'] !== 'leave' ? (params['units'] as string[]) : [];
}

function legOf(cloud: DrawnCloud['cloud'], steps: readonly StepAsRead[], mark: string): ReadHop {
  const { openstack, packages, loadBalancer } = cloud.services as unknown as {
    openstack: Record<string, { parts: Record<string, string[]> }>;
    packages: { codename: string };
    loadBalancer?: { backends: { name: string; service: string; keep?: string }[] };
  };
  const release = knowledge.distributions.distributions[packages.codename];
  const series = knowledge.series.map(({ name }) => name);
  const to = series.find((name) => name === mark) ?? (cloud.series as (typeof series)[number]);
  const places = (name: (typeof series)[number]): Place[] =>
    Object.entries(openstack).flatMap(([service, { parts }]) => {
      const known = knowledge.services[service];
      if (known === undefined || release === undefined) return [];
      const made = serviceOnDistribution(known, release).series[name];
      return Object.entries(parts).flatMap(([part, hosts]) =>
        hosts.flatMap((host) =>
          (made?.parts[part]?.units ?? []).map((unit) => ({
            host,
            unit,
            service,
            tier: made?.parts[part]?.tier ?? 'control',
          })),
        ),
      );
    });
  const after = places(to);
  const before = steps.flatMap(({ stops, hosts }) =>
    stops.flatMap((unit) => hosts.map((host) => ({ host, unit }))),
  );
  const started = [...after, ...places(cloud.series as (typeof series)[number])];
  const hosts = Object.keys(cloud.hosts).filter((host) => started.some((one) => one.host === host));
  const mains = Object.entries(openstack).flatMap(([service, { parts }]) => {
    const on = parts[knowledge.services[service]?.main ?? ''] ?? [];
    return hosts.filter((host) => on.includes(host)).slice(0, 1);
  });
  const isNot = (host: string): boolean => !mains.includes(host);
  return {
    steps,
    isCold: cloud.series === 'zed' && to === 'epoxy',
    isSameSeries: !series.some((name) => name === mark),
    expected: after,
    tiers: {
      first: hosts.filter((host) => mains.includes(host)),
      control: hosts.filter((host) => isNot(host) && tierOf(host, started) === 'control'),
      agents: hosts.filter((host) => isNot(host) && tierOf(host, started) === 'agent'),
      computes: hosts.filter((host) => isNot(host) && tierOf(host, started) === 'compute'),
    },
    backends: (loadBalancer?.backends ?? [])
      .filter(({ keep }) => keep === undefined)
      .map(({ name, service }) => ({
        name,
        hosts: openstack[service]?.parts[knowledge.services[service]?.main ?? ''] ?? [],
      })),
    unitsOf: (service) => [
      ...new Set(after.filter((one) => one.service === service).map(({ unit }) => unit)),
    ],
    running: (host, index, tier) => runningUnits({ steps, before, started }, host, index, tier),
  };
}

function tierOf(host: string, started: readonly Place[]): Tier {
  const tiers = started.filter((one) => one.host === host).map(({ tier }) => tier);
  return tiers.includes('control') ? 'control' : tiers.includes('compute') ? 'compute' : 'agent';
}

interface HopPlaces {
  readonly steps: readonly StepAsRead[];
  /** What the hop stops. */
  readonly before: readonly Pick<Place, 'host' | 'unit'>[];
  readonly started: readonly Place[];
}

function runningUnits(
  { steps, before, started }: HopPlaces,
  host: string,
  index: number,
  tier?: Tier,
): string[] {
  return [...new Set(before.filter((one) => one.host === host).map(({ unit }) => unit))].filter(
    (unit) => {
      if (tier !== undefined && !started.some((one) => one.unit === unit && one.tier === tier))
        return false;
      const touched = steps.filter(
        (step) =>
          step.at < index &&
          step.hosts.includes(host) &&
          (step.stops.includes(unit) || step.starts === unit),
      );
      return touched.at(-1)?.stops.includes(unit) !== true;
    },
  );
}
