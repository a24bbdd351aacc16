import type { ApiPlace, BaseSource } from '../cloud/facts.ts';
import type { ReleaseName } from '../knowledge/releases.ts';

/**
 * Something that a person should know before an upgrade. `bad`: it stops or breaks one; `warn`: it may; `note`: good to
 * know. `what` is one sentence for people, without the host.
 */
export interface Finding {
  readonly level: 'bad' | 'warn' | 'note';
  readonly what: string;
  readonly host?: string;
  /** What to do about it. */
  readonly hint?: string;
  readonly source?: string;
  /** The hop that it concerns, by the release that it leads to; unset: whichever comes next. What a later hop meets is a note today. */
  readonly into?: ReleaseName;
}

/** A finding with all the hosts that it was found on; none where it is about the cloud as a whole. */
export interface FindingOnHosts extends Omit<Finding, 'host' | 'into'> {
  readonly hosts: readonly string[];
}

/** What checks find that plans depend on. */
export interface CheckFacts {
  /** The distribution release of each host, such as bookworm. */
  readonly codenames?: Readonly<Record<string, string>>;
  /** By host: the distribution's own sources. */
  readonly bases?: Readonly<Record<string, readonly BaseSource[]>>;
  /** By service and host: where its API answers. */
  readonly apis?: Readonly<Record<string, Readonly<Record<string, ApiPlace>>>>;
  /** By host: the folder of its dashboard. */
  readonly dashboards?: Readonly<Record<string, string>>;
  /** The lowest service version that a living nova-compute has. */
  readonly computeVersion?: number;
  readonly rabbitmq?: string;
  /** Rows that a gate of the path refuses, by the id of its rule. */
  readonly blocked?: Readonly<Record<string, number>>;
}
