import type { Purpose } from '../../jobs/files/purposes.ts';

/** A step before it has its final id and title. */
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
  /** What its id and title begin with, where not as its hop is called; empty: nothing. */
  readonly mark?: string;
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
