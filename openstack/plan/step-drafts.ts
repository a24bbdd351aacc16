import { capital } from '../../handlers/words/letters.ts';
import type { Purpose, StepHop } from '../../jobs/files/purposes.ts';
import type { StepSpec } from '../../jobs/files/runbook.ts';
import type { Hop } from '../path/path.ts';
import type { PlannedService } from './context.ts';

/** A step before it has its final id. */
export interface StepDraft {
  readonly id: string;
  readonly title: string;
  readonly kind: string;
  readonly purpose: Purpose;
  readonly on: readonly string[];
  readonly params: Readonly<Record<string, unknown>>;
  readonly batch?: number;
  /** Whether people approve before it begins, or how many. */
  readonly approval?: boolean | number;
  /** What to know before approving. */
  readonly notes?: string[];
  /** The service that it is about, if a single one. */
  readonly service?: string;
}

/**
 * Steps of a hop by their names: `kilo-stop-nova-api`, `Kilo: stop nova-api`, within the 150 characters that a card takes.
 * Those of services with a hop of their own bear its name.
 */
export function namedForHop(
  hop: Hop,
  drafts: readonly StepDraft[],
  all: readonly PlannedService[] = [],
): StepDraft[] {
  return drafts.map((draft) => {
    const { mark } = all.find(({ known }) => known.name === draft.service)?.hop ?? hop;
    const title = `${capital(mark)}: ${draft.title}`;
    return {
      ...draft,
      id: `${mark}-${draft.id}`,
      title: title.length > 150 ? `${title.slice(0, 149)}…` : title,
    };
  });
}

/** What steps of a hop say about it. */
const stepHop = (hop: Hop): StepHop => ({
  from: hop.from === hop.to ? (hop.codenames?.from ?? hop.from) : hop.from,
  to: hop.mark,
});

/** Steps of hops, in the same order, each with its hop and an id that is unique and short enough. */
export function finishedSteps(
  hops: readonly { readonly hop: Hop; readonly steps: readonly StepDraft[] }[],
): StepSpec[] {
  const taken = new Set<string>();
  return hops.flatMap(({ hop: made, steps }) => {
    const hop = stepHop(made);
    return steps.map(({ on, ...draft }) => {
      const id = freeId(draft.id, taken);
      taken.add(id);
      const [only] = on;
      return {
        ...draft,
        hop,
        id,
        on: on.length === 1 && only !== undefined ? only : [...on],
        maxFailures: 0,
      };
    });
  });
}

function freeId(wanted: string, taken: ReadonlySet<string>): string {
  const slug = wanted
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  const cut = (length: number): string => slug.slice(0, length).replace(/-$/, '');
  if (!taken.has(cut(40))) return cut(40);
  for (let count = 2; ; count++) {
    const id = `${cut(40 - String(count).length - 1)}-${count}`;
    if (!taken.has(id)) return id;
  }
}

/** Hosts put together by what they have in common, in the order in which they come. */
export function groupedHosts<T>(
  hosts: readonly string[],
  valueOf: (host: string) => T,
): { readonly hosts: string[]; readonly value: T }[] {
  const groups = new Map<string, { hosts: string[]; value: T }>();
  for (const host of hosts) {
    const value = valueOf(host);
    const key = JSON.stringify(value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { hosts: [host], value });
    else group.hosts.push(host);
  }
  return [...groups.values()];
}
