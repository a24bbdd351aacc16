import type { Cloud } from '../../jobs/files/cloud.ts';
import type { Runbook } from '../../jobs/files/runbook.ts';
import type { InspectAnswer, InspectRequest } from '../../jobs/redis/inspect-request.ts';
import type { RunStore } from '../../jobs/redis/store.ts';
import type { Inspection } from '../inspect/inspection.ts';
import type { Knowledge } from '../knowledge/knowledge.ts';
import type { MadePlan, Planning } from './planning.ts';

/** What a person asks of a cloud. That this person may ask it is for the front end to see to. */
export interface CloudRequest {
  /** The same id is the same request: what it started is found again, and nothing is started twice. */
  readonly id: string;
  readonly by: string;
  /** When it was asked; ISO 8601. */
  readonly at: string;
  readonly cloud: Cloud;
  /** Is told before hosts are looked at, which takes a while. */
  readonly onLook?: () => Promise<unknown>;
}

export interface PlanRequest extends CloudRequest {
  /** The release to upgrade to. */
  readonly series: string;
  /** The services to upgrade. Absent: all. */
  readonly only?: readonly string[];
  /** The distribution release that hosts should have in the end. */
  readonly codename?: string;
  /** Why the cloud goes straight to the release, whatever OpenStack supports; may be empty where it is only planned. */
  readonly unsupported?: string;
}

export interface StartRequest extends PlanRequest {
  /** Why a production cloud is upgraded without a rehearsal. */
  readonly unrehearsed?: string;
}

export interface HealRequest extends CloudRequest {
  /** Absent: the only one that stopped between two releases. */
  readonly database?: string;
}

export interface RunbookRequest extends CloudRequest {
  readonly runbook: Runbook;
  readonly name: string;
}

/** A plan, and what it was made on. */
export interface PlannedUpgrade extends MadePlan {
  readonly found: Inspection;
}

/** What inspecting, planning and starting take. */
export interface UpgradeTools {
  readonly knowledge: Knowledge;
  readonly store: Pick<RunStore, 'create' | 'load' | 'recent' | 'events'>;
  /** Asks workers to look at hosts; the same id is the same question. */
  readonly look: (id: string, request: InspectRequest) => Promise<InspectAnswer>;
  readonly readConfigFiles: (cloud: Cloud) => Promise<Record<string, string>>;
  readonly planning: Planning;
  readonly now: () => string;
}
