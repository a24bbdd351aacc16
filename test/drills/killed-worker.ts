import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { pino } from 'pino';
import { superviseProcess } from '../../processes/supervisor.ts';
import type { RunEvent } from '../../jobs/run/events.ts';
import { type RunningEngine, planOn, runningEngine } from '../support/processes/running.ts';
import { startTestSshd } from '../support/servers/sshd.ts';

// Kills the worker that follows a step, again and again, and says how soon another one follows it: beside a supervisor, with
// the supervisor's help taken away, and where the supervisor alone is killed: `npm run test:killed -- 20 [WORDS]`.
const times = Number(process.argv[2] ?? 20);
const wanted = process.argv.slice(3).join(' ');

/** Two workers, one of which follows the step. */
interface TwoWorkers {
  /** The processes to kill, where both are at work. */
  readonly pids: () => number[];
  readonly stop: () => Promise<unknown>;
}

const place = (name: string): string =>
  new URL(`../support/processes/${name}`, import.meta.url).pathname;

const ways: Readonly<Record<string, (parts: RunningEngine) => TwoWorkers>> = {
  supervised: (parts) => supervisedHere(parts),
  'not supervised': (parts) => {
    // A supervisor that is not told which locks are a worker's own gives no job back.
    process.env['QUIET'] = 'yes';
    return supervisedHere(parts);
  },
  'only the supervisor killed': (parts) => {
    delete process.env['QUIET'];
    return supervisorsOfTheirOwn(parts);
  },
};

function supervisedHere(parts: RunningEngine): TwoWorkers {
  const log = pino({ level: 'silent' });
  const workers = [1, 2].map(() =>
    superviseProcess({
      name: 'worker',
      entrance: place('step-worker-child.ts'),
      log,
      redisUrl: () => parts.redis.url,
    }),
  );
  return {
    pids: () => childrenOf(process.pid, 'step-worker-child'),
    stop: () => Promise.all(workers.map((worker) => worker.stop())),
  };
}

/** Each is started again as soon as it has ended, as systemd does. */
function supervisorsOfTheirOwn(parts: RunningEngine): TwoWorkers {
  const env = { ...process.env, REDIS_URL: parts.redis.url, ENTRANCE: 'step-worker-child.ts' };
  const alive = new Set<ChildProcess>();
  let isStopping = false;
  const start = (): void => {
    const words = ['--import', 'tsx', place('supervisor-process.ts')];
    const supervisor = spawn(process.execPath, words, { env, stdio: 'ignore' });
    alive.add(supervisor);
    supervisor.on('exit', () => {
      alive.delete(supervisor);
      if (!isStopping) start();
    });
  };
  start();
  start();
  return {
    pids: () =>
      [...alive].flatMap(({ pid = 0 }) =>
        childrenOf(pid, 'step-worker-child').length > 0 ? [pid] : [],
      ),
    stop: async () => {
      isStopping = true;
      const all = [...alive];
      for (const supervisor of all) supervisor.kill('SIGTERM');
      await until(async () => alive.size === 0, 30_000);
    },
  };
}

for (const [name, startWorkers] of Object.entries(ways)) {
  if (!name.includes(wanted)) continue;
  const [parts, sshd] = await Promise.all([runningEngine(), startTestSshd()]);
  const workers = startWorkers(parts);
  const words = ['sh', '-c', 'sleep 3000'];
  const step = { id: 'one', params: { run: words, undo: [] }, apply: [{ words }], timeoutMs: 4e6 };
  const id = await parts.begin(planOn({ ctl1: sshd.target({ host: 'ctl1' }) }, [step]));
  await parts.approve(id);
  const events = (): Promise<readonly RunEvent[]> => parts.store.events(id);
  const reattached = async (): Promise<number> =>
    (await events()).filter(({ type }) => type === 'Reattached').length;
  await until(async () => (await events()).some(({ type }) => type === 'StepStarted'), 60_000);

  const took: number[] = [];
  let follower: number | undefined;
  while (took.length < times) {
    await until(async () => workers.pids().length === 2, 60_000);
    // Both have told their supervisor by now which locks are theirs.
    await new Promise((done) => setTimeout(done, 3000));
    const before = await reattached();
    const pids = workers.pids();
    const pid = follower ?? pids[0];
    if (pid === undefined) continue;
    const atMs = performance.now();
    process.kill(pid, 'SIGKILL');
    const isFound = await until(async () => (await reattached()) > before, 12_000).catch(
      () => false,
    );
    // Or it was the idle one; then the other one follows.
    follower = pids.find((other) => other !== pid);
    if (isFound !== false) took.push(Math.round(performance.now() - atMs));
  }
  const sorted = took.toSorted((a, b) => a - b);
  process.stdout.write(
    `${name}: median ${sorted[times >> 1]} ms of ${times}, at most ${sorted.at(-1)} ms: ${sorted.join(', ')}\n`,
  );
  await workers.stop();
  await parts.stop();
  await sshd.stop();
}
process.exit();

function childrenOf(parent: number, mark: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const [, itsParent] =
          readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return Number(itsParent) === parent && line.includes(mark);
      } catch {
        return false;
      }
    });
}

async function until(isSo: () => Promise<boolean>, withinMs: number): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms: ${isSo.toString()}`);
    await new Promise((done) => setTimeout(done, 10));
  }
}
