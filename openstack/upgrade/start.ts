import { OperatorError } from '../../handlers/contract/errors.ts';
import type { Cloud } from '../../jobs/files/cloud.ts';
import { composePlan } from '../../jobs/run/compose.ts';
import type { RunEvent } from '../../jobs/run/events.ts';
import type { Plan } from '../../jobs/run/plan.ts';
import type { PlanReview } from '../../jobs/run/review.ts';
import type { Run } from '../../jobs/run/run.ts';
import type { Inspection } from '../inspect/inspection.ts';
import { createRun } from './begin.ts';
import { promisedServing } from './promised-serving.ts';
import { planFromRequest } from './plan.ts';
import { heldToRehearsal, needsRehearsal } from './rehearsal-rule.ts';
import { comparedRuns } from './review.ts';
import type { RunbookRequest, StartRequest, UpgradeTools } from './requests.ts';

/**
 * Looks and plans afresh, and starts the run, whose first step waits for approval. Throws `NotRehearsed` for a production
 * cloud whose plan nobody rehearsed, `HostsSilent` and `SchemaUnseen` where something could not be looked at.
 */
export async function startUpgrade(request: StartRequest, tools: UpgradeTools): Promise<Run> {
  const { cloud, only, unrehearsed } = request;
  const { plan, found } = await planFromRequest(request, tools);
  refuseUnseen(found, only);
  const logs = await recentLogs(tools.store, needsRehearsal(cloud) ? 500 : fewLogs);
  const held = heldToRehearsal(plan, cloud, { logs, now: tools.now(), unrehearsed });
  const review = await reviewed(held, { logs, cloud }, tools);
  return createRun({ plan: held, review }, request, tools);
}

/** Starts a run of a runbook that somebody wrote. */
export async function runRunbook(request: RunbookRequest, tools: UpgradeTools): Promise<Run> {
  const { cloud } = request;
  const plan = composePlan(cloud, request.runbook, request.name);
  const logs = await recentLogs(tools.store, fewLogs);
  const review = await reviewed(plan, { logs, cloud }, tools);
  return createRun({ plan, review }, request, tools);
}

/** What is said to stay up is kept where something probes whether it does. */
async function reviewed(
  plan: Plan,
  { logs, cloud }: { readonly logs: readonly (readonly RunEvent[])[]; readonly cloud: Cloud },
  { knowledge, planning }: Pick<UpgradeTools, 'knowledge' | 'planning'>,
): Promise<PlanReview> {
  const promised = cloud.serving && promisedServing(plan, { knowledge, cloud });
  const review = await planning.review(plan, comparedRuns(plan, logs));
  return { ...review, ...(promised && { serving: promised }) };
}

/** Enough to tell what is usual, where nothing has to be proved. */
const fewLogs = 40;

/** A log that cannot be read shows nothing. */
async function recentLogs(
  store: UpgradeTools['store'],
  most: number,
): Promise<(readonly RunEvent[])[]> {
  const ids = await store.recent(most);
  return Promise.all(
    ids.map(async (id) => {
      try {
        return await store.events(id);
      } catch (error) {
        if (error instanceof OperatorError) return [];
        throw error;
      }
    }),
  );
}

/** What nobody saw may be anything: a run does not begin on it. */
function refuseUnseen({ cloud, silent, databases }: Inspection, only?: readonly string[]): void {
  const [host] = silent;
  if (host !== undefined)
    throw new OperatorError(
      `starting an upgrade of cloud ${cloud}: no answer from ${silent.map((one) => one.host).join(', ')}: ${host.message}`,
      { name: 'HostsSilent', hint: host.hint },
    );
  const unread = databases.find(
    ({ service, problem }) =>
      problem !== undefined && (only === undefined || only.includes(service)),
  );
  if (unread === undefined) return;
  throw new OperatorError(
    `starting an upgrade of cloud ${cloud}: the schema of database ${unread.called} is not known: ${unread.problem ?? ''}`,
    {
      name: 'SchemaUnseen',
      hint: 'See that the option file under services.database.defaultsFile has a login that works, then try again.',
    },
  );
}
