import type { Command, CommandOutput } from '../../../handlers/contract/command.ts';
import type { ApiPlace, BaseSource } from '../../cloud/facts.ts';
import type { ReleaseName } from '../../knowledge/releases.ts';
import type { InspectionSubject } from '../subject.ts';

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
}

/** A finding with all the hosts that it was found on; none where it is about the cloud as a whole. */
export interface FindingOnHosts extends Omit<Finding, 'host'> {
  readonly hosts: readonly string[];
}

/** What looks find that plans depend on. */
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

interface Asked {
  readonly host: string;
  readonly commands: readonly Command[];
  /** Tells the answers of one look apart. */
  readonly about?: string;
}

export interface CheckAnswer {
  readonly host: string;
  readonly about?: string;
  readonly outputs: readonly CommandOutput[];
}

interface Read {
  readonly findings: readonly Finding[];
  readonly facts?: CheckFacts;
}

/** One thing that inspection looks at: read-only commands, and what their answers mean. Pure. */
export interface InspectionCheck {
  readonly id: string;
  readonly ask: (subject: InspectionSubject) => readonly Asked[];
  readonly read: (said: readonly CheckAnswer[], context: CheckContext) => Read;
}

export interface CheckContext extends InspectionSubject {
  /** The release that the cloud's services are of. */
  readonly series: readonly ReleaseName[];
  /** ISO 8601. */
  readonly now: string;
}

/** Rows of what a look's script printed: a tag and its values, separated by tabs. */
export const taggedRows = (said: CommandOutput | undefined, tag: string): string[][] =>
  (said?.stdout ?? '')
    .split('\n')
    .map((line) => line.split('\t'))
    .filter(([first]) => first === tag)
    .map((cells) => cells.slice(1));
