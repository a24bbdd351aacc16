import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { type Cloud, loadCloud } from '../../jobs/files/cloud.ts';
import { inspectHosts } from '../../jobs/worker/inspect-hosts.ts';
import { readConfigFiles } from '../../openstack/cloud/config-files.ts';
import { factsOf } from '../../openstack/inspect/facts.ts';
import { readInspection } from '../../openstack/inspect/read.ts';
import { inspectionRequest } from '../../openstack/inspect/questions.ts';
import type { Knowledge } from '../../openstack/knowledge/knowledge.ts';
import { planUpgrade } from '../../openstack/plan/planner.ts';
import type { Plan } from '../../jobs/run/plan.ts';
import type { Runbook } from '../../jobs/files/runbook.ts';
import { openSsh } from '../../jobs/ssh/ssh.ts';
import type { JunoFailure } from '../../sandbox/juno/failures.ts';
import { startJuno, type JunoLab } from '../../sandbox/juno/start.ts';
import { composePlan } from '../../jobs/run/compose.ts';
import { loadKnowledge } from '../../openstack/knowledge/load.ts';

export interface DrillLab {
  readonly juno: JunoLab;
  readonly cloud: Cloud;
  readonly knowledge: Knowledge;
  /** The path from Juno to Liberty, with a gate before every step. */
  readonly plan: Plan;
  /** Room for copies of disks. */
  readonly dir: string;
  readonly stop: () => Promise<void>;
}

interface Options {
  readonly log: Logger;
  readonly failures?: readonly JunoFailure[];
  /** Changes the path before it is composed. */
  readonly change?: (runbook: Runbook) => Runbook;
}

/** A Juno cloud and the plan that takes it to Liberty, made of what an inspection of it finds. */
export async function openDrillLab({ log, failures = [], change }: Options): Promise<DrillLab> {
  const dir = await mkdtemp(join(tmpdir(), 'hopscotch-drill-'));
  const juno = await startJuno({ dir: join(dir, 'hosts'), failures });
  const stop = async (): Promise<void> => {
    await juno.stop();
    await rm(dir, { recursive: true, force: true });
  };
  const ssh = openSsh({ log });
  try {
    const clouds = join(dir, 'clouds');
    await juno.writeCloud(clouds);
    const knowledge = await loadKnowledge('openstack/knowledge/data');
    const cloud = await loadCloud(clouds, juno.cloudName);
    const files = await readConfigFiles(clouds, cloud);
    const seen = await inspectHosts(ssh, inspectionRequest(cloud, knowledge));
    const now = new Date().toISOString();
    const facts = factsOf(readInspection(cloud, knowledge, seen, { configFiles: files, now }));
    const road = planUpgrade({ knowledge, cloud, facts, target: 'liberty' });
    const plan = gated(composePlan(cloud, change?.(road) ?? road, 'openstack:liberty'));
    return { juno, cloud, knowledge, plan, dir, stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    await ssh.close();
  }
}

/** Before every step the path waits, so that the cloud can be looked at and copied there. */
const gated = (plan: Plan): Plan => ({
  ...plan,
  steps: plan.steps.map((step) => ({ ...step, gate: step.gate ?? 1 })),
});
