import { composePlan } from '../../jobs/run/compose.ts';
import { factsOf } from '../inspect/facts.ts';
import { releaseNamed } from '../path/path.ts';
import { inspectCloud } from './inspect.ts';
import type { PlannedUpgrade, PlanRequest, UpgradeTools } from './requests.ts';

/** Plans an upgrade on what the hosts say now. Changes nothing. */
export async function planFromRequest(
  request: PlanRequest,
  tools: UpgradeTools,
): Promise<PlannedUpgrade> {
  const { knowledge, plan } = tools;
  const { cloud, series, only, codename, unsupported } = request;
  // A typing error is answered before anybody waits for hosts.
  const target = releaseNamed(series, knowledge.series);
  const found = await inspectCloud(request, tools);
  const runbook = plan({
    knowledge,
    cloud,
    facts: factsOf(found, only),
    target,
    ...(only && { only }),
    ...(codename !== undefined && { codename }),
    ...(unsupported !== undefined && { unsupported }),
  });
  const composed = composePlan(cloud, runbook, `openstack:${target}`);
  return { runbook, found, plan: { ...composed, origin: { of: 'upgrade', release: target } } };
}
