import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { loadCloud } from '../../jobs/cloud.ts';
import { lookAtHosts } from '../../jobs/look.ts';
import { readConfigFiles } from '../../jobs/openstack/config-files.ts';
import { factsOf } from '../../jobs/openstack/inspect-facts.ts';
import { readInspection } from '../../jobs/openstack/inspect-read.ts';
import { inspection } from '../../jobs/openstack/inspection.ts';
import { loadKnowledge } from '../../jobs/openstack/knowledge.ts';
import { planUpgrade } from '../../jobs/openstack/planner.ts';
import { compose, type Plan } from '../../jobs/plan.ts';
import { openSsh } from '../../jobs/ssh.ts';
import { startWorker } from '../../jobs/worker.ts';
import { compareSnapshots, type Snapshot } from '../../sandbox/juno/snapshot.ts';
import { startJuno, type Juno } from '../../sandbox/juno/start.ts';
import { running } from '../support/running.ts';
import { drill, failingAt, type Way } from './drill.ts';

const usage = 'test:drills [before|after] [every N | all | list | STEP...]';
const say = (line: string): boolean => process.stdout.write(`${line}\n`);
const log = pino({ level: process.env['LOG_LEVEL'] ?? 'fatal' });

interface Lab {
  readonly juno: Juno;
  readonly plan: Plan;
  readonly start: Snapshot;
  readonly stop: () => Promise<void>;
}

async function openLab(): Promise<Lab> {
  const dir = await mkdtemp(join(tmpdir(), 'hopscotch-drill-'));
  const juno = await startJuno({ dir: join(dir, 'hosts') });
  const stop = async (): Promise<void> => {
    await juno.stop();
    await rm(dir, { recursive: true, force: true });
  };
  const ssh = openSsh({ log });
  try {
    const clouds = join(dir, 'clouds');
    await juno.writeCloud(clouds);
    const knowledge = await loadKnowledge('runbooks/openstack');
    const cloud = await loadCloud(clouds, juno.cloudName);
    const files = await readConfigFiles(clouds, cloud);
    const seen = await lookAtHosts(ssh, inspection(cloud, knowledge));
    const facts = factsOf(readInspection(cloud, knowledge, seen, {
      configFiles: files,
      now: new Date().toISOString(),
    }));
    const runbook = planUpgrade({ knowledge, cloud, facts, target: 'liberty' });
    const plan = compose(cloud, runbook, 'openstack:liberty');
    return { juno, plan, start: await juno.snapshot(), stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    await ssh.close();
  }
}

const words = process.argv.slice(2);
const [first] = words;
const ways: readonly Way[] =
  first === 'before' || first === 'after' ? [first] : ['after', 'before'];
const which = ways.length === 1 ? words.slice(1) : words;

function chosen({ steps }: Plan): string[] {
  const ids = steps.map(({ id }) => id);
  const [what = 'every', count = '15'] = which;
  if (what === 'all') return ids;
  if (what === 'every') {
    const every = Number(count);
    if (!Number.isInteger(every) || every < 1) throw new Error(usage);
    return ids.filter((_, index) => (index + 1) % every === 0 || index === ids.length - 1);
  }
  const unknown = which.find((id) => !ids.includes(id));
  if (unknown !== undefined) throw new Error(`the plan has no step ${unknown}: ${usage}`);
  return which;
}

/** Fails each step in each way and rolls back; answers whether every drill led back to the start. */
async function drills(): Promise<boolean> {
  const engine = await running(log);
  const worker = startWorker({ connect: engine.connect, log });
  const rows: string[] = [];
  let isGreen = true;
  let lab = await openLab();
  try {
    const all = chosen(lab.plan).flatMap((step) => ways.map((way) => ({ step, way })));
    for (const [index, { step, way }] of all.entries()) {
      const begun = Date.now();
      const { end, problem, barrier } = await drill(engine, failingAt(lab.plan, step, way));
      const found = compareSnapshots(lab.start, await lab.juno.snapshot());
      const seconds = Math.round((Date.now() - begun) / 1000);
      rows.push([step, way, seconds, found.length, barrier ?? '-', end].join('\t'));
      say(rows.at(-1) ?? '');
      if (problem !== undefined) say(problem);
      for (const difference of found.slice(0, 40)) say(`  ${difference}`);
      const isBack = found.length === 0 && problem === undefined;
      const isAsPlanned = end === 'failed' || end === 'nothing to do there';
      if (!isAsPlanned || (!isBack && barrier === undefined)) isGreen = false;
      if (isBack || index === all.length - 1) continue;
      // The next one needs a cloud at its start.
      await lab.stop();
      lab = await openLab();
    }
  } finally {
    await worker.drain();
    await engine.stop();
    await lab.stop();
  }
  say(['', 'step\tfails\tseconds\tdifferences\tone-way\tend', ...rows].join('\n'));
  return isGreen;
}

async function list(): Promise<void> {
  const { plan, stop } = await openLab();
  plan.steps.forEach(({ id, kind, exit, hosts }, index) =>
    say([index + 1, id, kind, exit, hosts.join(' ')].join('\t')),
  );
  await stop();
}

if (first === 'list') await list();
else if (!(await drills())) process.exitCode = 1;
