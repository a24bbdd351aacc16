import type { CloudFacts } from '../cloud/facts.ts';
import { forecastHosts, refuseForecasts } from './forecast.ts';
import { factsOf } from '../inspect/facts.ts';
import { releaseNamed } from '../path/path.ts';
import { inspectCloud } from './inspect.ts';
import type { PlannedUpgrade, PlanRequest, UpgradeTools } from './requests.ts';

/** Plans an upgrade on what the hosts say now. Changes nothing. */
export async function planFromRequest(
  request: PlanRequest,
  tools: UpgradeTools,
): Promise<PlannedUpgrade> {
  const { knowledge, planning } = tools;
  const { cloud, series, only, codename, unsupported } = request;
  // A typing error is answered before anybody waits for hosts.
  const target = releaseNamed(series, knowledge.series);
  const found = await inspectCloud(request, tools);
  const facts = factsOf(found, only, target);
  const planWith = (forecast: CloudFacts['forecast']) =>
    planning.plan({
      cloud,
      facts: { ...facts, forecast },
      target,
      now: request.at,
      ...(only && { only }),
      ...(codename !== undefined && { codename }),
      ...(unsupported !== undefined && { unsupported }),
    });
  const blind = await planWith({});
  const forecast = await forecastHosts({ id: request.id, plan: blind.plan }, tools.look);
  // The same plan, with what apt promised; services may end at other releases by it.
  const made = Object.keys(forecast).length === 0 ? blind : await planWith(forecast);
  refuseForecasts(made.plan, forecast);
  return { ...made, found };
}
