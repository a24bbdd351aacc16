import type { Inspection } from '../inspect/inspection.ts';
import { inspectionRequest } from '../inspect/questions.ts';
import { readInspection } from '../inspect/read.ts';
import type { CloudRequest, UpgradeTools } from './requests.ts';

/** Looks at the hosts of a cloud now. A host that does not answer is part of what is found. */
export async function inspectCloud(
  { id, cloud, onLook }: CloudRequest,
  { knowledge, look, readConfigFiles, now }: UpgradeTools,
): Promise<Inspection> {
  const request = inspectionRequest(cloud, knowledge);
  const configFiles = await readConfigFiles(cloud);
  await onLook?.();
  return readInspection(cloud, knowledge, await look(id, request), { configFiles, now: now() });
}
