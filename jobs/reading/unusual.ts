import type { Cloud } from '../files/cloud.ts';
import type { PlanOddity } from '../run/review.ts';
import type { ComparablePlan } from './compare.ts';
import type { ReadStep } from './steps.ts';

/** Steps without a rollback, archives that stand alone, and hosts that were left out: what a plan shows by itself. */
export function planOddities(
  steps: readonly ReadStep[],
  { hosts }: Pick<Cloud, 'hosts'>,
): PlanOddity[] {
  const oneWay = steps.filter(({ step }) => step.exit === 'oneWay').map(({ number }) => number);
  return [
    ...(oneWay.length === 0 ? [] : [{ code: 'oneWay', steps: oneWay } as const]),
    ...oddSources(steps),
    ...skippedHosts(steps, hosts),
  ];
}

/** Archives under another address than most, or unsigned ones among signed ones. */
function oddSources(steps: readonly ReadStep[]): PlanOddity[] {
  const sources = sourcesOf(steps);
  const uses = new Map<string, number>();
  for (const { place } of sources) uses.set(place, (uses.get(place) ?? 0) + 1);
  const most = Math.max(0, ...uses.values());
  const names = new Set(
    sources.filter(({ place }) => 4 * (uses.get(place) ?? 0) <= most).map(({ name }) => name),
  );
  return [...names].map((name) => ({
    code: 'source',
    name,
    steps: sources.filter((one) => one.name === name).map(({ number }) => number),
  }));
}

/** Archives that earlier steps on this cloud never took packages from. */
export function newSourceOddities(
  steps: readonly ReadStep[],
  earlier: readonly ReadStep[],
): PlanOddity[] {
  const known = new Set(sourcesOf(earlier).map(({ place }) => place));
  if (known.size === 0) return [];
  const sources = sourcesOf(steps).filter(({ place }) => !known.has(place));
  return [...new Set(sources.map(({ name }) => name))].map((name) => ({
    code: 'source',
    name,
    steps: sources.filter((one) => one.name === name).map(({ number }) => number),
  }));
}

interface Source {
  readonly number: number;
  readonly name: string;
  /** Its address, and whether it is signed: suites change with each release. */
  readonly place: string;
}

const sourcesOf = (steps: readonly ReadStep[]): Source[] =>
  steps.flatMap(({ number, deed }) =>
    deed.changes
      .filter(({ what }) => what === 'source')
      .map(({ name }) => {
        const words = name.split(' ');
        const signed = words.at(-1) === '(unsigned)' ? ' (unsigned)' : '';
        return { number, name, place: `${words[0] ?? ''}${signed}` };
      }),
  );

/** Of hosts with the same roles: those that go without what two thirds of them get. */
function skippedHosts(steps: readonly ReadStep[], hosts: Cloud['hosts']): PlanOddity[] {
  const reached = reachedBy(steps, new Set(Object.keys(hosts)));
  const groups = new Map<string, string[]>();
  for (const [host, { roles }] of Object.entries(hosts)) {
    const key = roles.toSorted().join(', ');
    if (key !== '') groups.set(key, [...(groups.get(key) ?? []), host]);
  }
  return [...groups].flatMap(([role, peers]): PlanOddity[] => {
    if (peers.length < 3) return [];
    const missed = new Map<string, string[]>();
    for (const [says, on] of reached) {
      const without = peers.filter((host) => !on.has(host));
      if (without.length === 0 || 3 * without.length > peers.length) continue;
      for (const host of without) missed.set(host, [...(missed.get(host) ?? []), says]);
    }
    const all = [...missed.values()];
    return missed.size === 0
      ? []
      : [{ code: 'skipped', hosts: [...missed.keys()], role, says: [...new Set(all.flat())] }];
  });
}

/** For each thing that is done: the hosts that it is done on, or done to. */
function reachedBy(
  steps: readonly ReadStep[],
  known: ReadonlySet<string>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const reached = new Map<string, Set<string>>();
  for (const { step, says, deed } of steps) {
    // Who serves meanwhile is not the host whose turn it is.
    if (step.kind === 'neighbours') continue;
    const on = reached.get(says) ?? new Set();
    reached.set(says, on);
    const named = deed.changes.map(({ name }) => name).filter((name) => known.has(name));
    for (const host of named.length > 0 ? named : step.hosts) on.add(host);
  }
  return reached;
}

/** What steps of a kind always did on this cloud, and now do otherwise. A kind tells nothing before it ran three times. */
export function historyOddities(
  now: ComparablePlan,
  earlier: readonly ComparablePlan[],
): PlanOddity[] {
  const past = earlier.flatMap(({ steps }) => steps);
  const kinds = new Set(now.steps.map(({ read }) => read.step.kind));
  return [...kinds].flatMap((kind) => {
    const own = past.filter(({ read }) => read.step.kind === kind);
    if (own.length < 3) return [];
    const steps = now.steps.filter(({ read }) => read.step.kind === kind);
    const names = new Set(own.flatMap(({ settings }) => [...settings.keys()]));
    return [...names].filter(isHabit).flatMap((setting): PlanOddity[] => {
      const values = new Set(own.map(({ settings }) => settings.get(setting) ?? 'unset'));
      const [was = 'unset'] = values;
      if (values.size !== 1) return [];
      const others = steps.filter(({ settings }) => (settings.get(setting) ?? 'unset') !== was);
      const [first] = others;
      if (first === undefined) return [];
      const numbers = others.map(({ read }) => read.number);
      const is = first.settings.get(setting) ?? 'unset';
      return [{ code: 'changed', steps: numbers, says: kind, setting, was, is, than: 'history' }];
    });
  });
}

/** Settings that say how a kind works, and not on what: names, releases and addresses differ from run to run. */
const isHabit = (setting: string): boolean => HABITS.has(setting.split('.').at(-1) ?? '');

const HABITS: ReadonlySet<string> = new Set([
  'absent',
  'changes',
  'conffiles',
  'doer',
  'enabled',
  'exit',
  'group',
  'json',
  'keep',
  'manager',
  'maxFailures',
  'mode',
  'okExits',
  'owner',
  'putBack',
  'restart',
  'restoredBy',
  'timeoutMs',
  'trusted',
  'update',
  'user',
  'volume',
  'wait',
]);
