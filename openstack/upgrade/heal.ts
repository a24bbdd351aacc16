import { composePlan } from '../../jobs/run/compose.ts';
import type { Run } from '../../jobs/run/run.ts';
import { planHeal } from '../repair/heal.ts';
import { interruptedDatabase } from '../repair/interrupted.ts';
import { createRun } from './begin.ts';
import { inspectCloud } from './inspect.ts';
import type { HealRequest, UpgradeTools } from './requests.ts';

/** Looks afresh, and starts the run that finishes a schema migration which stopped between two releases. */
export async function healCloud(request: HealRequest, tools: UpgradeTools): Promise<Run> {
  const { cloud, database } = request;
  const found = await inspectCloud(request, tools);
  const { service, name, revision, rows } = interruptedDatabase(found, database);
  const blocking = rows.find(({ blocksNext }) => blocksNext);
  const runbook = planHeal({
    knowledge: tools.knowledge,
    cloud,
    service,
    database: name,
    revision: revision ?? '',
    installed: found.series[service] ?? [],
    ...(blocking && { rowsBlocking: blocking.count }),
  });
  const plan = composePlan(cloud, runbook, 'openstack:heal');
  return createRun({ plan: { ...plan, origin: { of: 'healing' } } }, request, tools);
}
