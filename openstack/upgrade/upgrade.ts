// What any front end may ask for lives here: inspect, plan, start, heal, run a runbook; data in, data or an OperatorError out.
// Rights and words of a front end do not. Outsiders import this file, the types of requests.ts, and NotRehearsed alone.
import type { Plan, PlanStep } from '../../jobs/run/plan.ts';
import type { Run } from '../../jobs/run/run.ts';
import type { Inspection } from '../inspect/inspection.ts';
import { type FileDiff, fileDiffs } from './file-diffs.ts';
import { healCloud } from './heal.ts';
import { inspectCloud } from './inspect.ts';
import { planFromRequest } from './plan.ts';
import type {
  CloudRequest,
  HealRequest,
  PlannedUpgrade,
  PlanRequest,
  RunbookRequest,
  StartRequest,
  UpgradeTools,
} from './requests.ts';
import { runRunbook, startUpgrade } from './start.ts';

/** All that front ends can do with clouds. None of them holds what creates runs, so none goes round the rehearsal rule. */
export interface CloudUpgrades {
  readonly inspect: (request: CloudRequest) => Promise<Inspection>;
  readonly plan: (request: PlanRequest) => Promise<PlannedUpgrade>;
  readonly start: (request: StartRequest) => Promise<Run>;
  readonly heal: (request: HealRequest) => Promise<Run>;
  readonly run: (request: RunbookRequest) => Promise<Run>;
  /** What steps would change in files, against the hosts as they are now. */
  readonly diffs: (plan: Plan, steps: readonly PlanStep[]) => Promise<readonly FileDiff[]>;
}

export const openUpgrades = (tools: UpgradeTools): CloudUpgrades => ({
  inspect: (request) => inspectCloud(request, tools),
  plan: (request) => planFromRequest(request, tools),
  start: (request) => startUpgrade(request, tools),
  heal: (request) => healCloud(request, tools),
  run: (request) => runRunbook(request, tools),
  diffs: (plan, steps) => fileDiffs(plan, steps, tools.look),
});
