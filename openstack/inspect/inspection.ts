import type { CheckFacts, FindingOnHosts } from './finding.ts';
import type { SchemaTruth } from './schema-truth.ts';
import type { KnownRelease, ReleaseName } from '../knowledge/releases.ts';

/** Packages of one project on one host that are of one release; without `series`, of none that is known. */
export interface InstalledRelease {
  readonly project: string;
  readonly series?: ReleaseName;
  readonly packages: readonly { readonly name: string; readonly version: string }[];
}

export interface InspectedUnit {
  readonly service: string;
  readonly name: string;
  /** A word of systemd's ActiveState, or `absent`. */
  readonly active: string;
  readonly detail: string;
  /** Whether its manager knows no such unit; else `absent` is what could not be read. */
  readonly isMissing?: boolean;
  /** Whether the release that is installed runs it. */
  readonly isExpected: boolean;
}

/** What of OpenStack is installed on a host. */
export interface InstalledPackages {
  readonly releases: readonly InstalledRelease[];
  /** Packages of OpenStack that dpkg has neither properly installed nor properly removed, with its letters. */
  readonly unfinished: readonly { readonly name: string; readonly state: string }[];
}

export interface InspectedHost extends InstalledPackages {
  readonly os: string;
  readonly units: readonly InspectedUnit[];
}

export interface InspectedRows {
  readonly what: string;
  readonly count: number;
  /** Whether the very next sync refuses them; else a later one does. */
  readonly blocksNext: boolean;
}

export interface InspectedDatabase {
  readonly service: string;
  /** As the service calls it. */
  readonly name: string;
  /** As this cloud calls it. */
  readonly called: string;
  readonly sizeBytes?: number;
  readonly tables?: number;
  readonly revision?: string;
  readonly truth?: SchemaTruth;
  readonly rows: readonly InspectedRows[];
  /** Why something about it is not known. */
  readonly problem?: string;
}

/** Where dumps and the scratch copies of their trial restore go. */
export interface BackupSpace {
  readonly host: string;
  readonly backups: Free;
  readonly data: Free;
  /** What one dump of all these databases and its trial restore need there; together where both are on one device. */
  readonly needs: { readonly backupsBytes: number; readonly dataBytes: number };
  readonly isEnough: boolean;
}

interface Free {
  readonly path: string;
  readonly freeBytes: number;
  readonly device: string;
}

export interface InspectedBackend {
  readonly host: string;
  readonly name: string;
  /** Empty when HAProxy has no such backend. */
  readonly servers: readonly {
    readonly name: string;
    readonly status: string;
    readonly sessions: number;
  }[];
}

/** A project with packages on hosts that the cloud file does not name among its services. */
export interface UnnamedProject {
  readonly project: string;
  readonly title: string;
  readonly hosts: readonly string[];
  readonly series: readonly ReleaseName[];
}

/** What looking at a cloud found, for people; `factsOf` takes from it what a plan depends on. */
export interface Inspection {
  readonly cloud: string;
  readonly environment: string;
  /** The release of each of the cloud's services, as their packages say; several where releases are mixed. */
  readonly series: Readonly<Record<string, readonly ReleaseName[]>>;
  readonly hosts: Readonly<Record<string, InspectedHost>>;
  /** What else of OpenStack is installed. */
  readonly unnamed: readonly UnnamedProject[];
  readonly silent: readonly {
    readonly host: string;
    readonly message: string;
    readonly hint: string;
  }[];
  readonly databases: readonly InspectedDatabase[];
  readonly room?: BackupSpace;
  readonly memcached: readonly {
    readonly from: string;
    readonly address: string;
    readonly answer?: string;
  }[];
  readonly backends: readonly InspectedBackend[];
  readonly cron: readonly {
    readonly host: string;
    readonly where: string;
    readonly line: string;
  }[];
  /** What to know before an upgrade, worst first. */
  readonly findings: readonly FindingOnHosts[];
  readonly facts: CheckFacts;
  /** Of each release that was found. */
  readonly ages: readonly Pick<KnownRelease, 'name' | 'release' | 'status' | 'endOfLife'>[];
  /** Path within the cloud's config directory, and content. It holds secrets. */
  readonly configFiles: Readonly<Record<string, string>>;
  /** What could not be found out although the host answered, and why. */
  readonly problems: readonly {
    readonly host: string;
    readonly what: string;
    readonly why: string;
  }[];
}
