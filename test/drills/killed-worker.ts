import { readFileSync, readdirSync } from 'node:fs';
import { pino } from 'pino';
import { superviseProcess } from '../../processes/supervisor.ts';
import type { RunEvent } from '../../jobs/run/events.ts';
import { planOn, runningEngine } from '../support/processes/running.ts';
import { startTestSshd } from '../support/servers/sshd.ts';

// Kills the worker that follows a step, again and again, and says how soon another one follows it: beside a supervisor, and
// with the supervisor's help taken away: `npm run test:killed -- 20`.
const times = Number(process.argv[2] ?? 20);
const log = pino({ level: 'silent' });

for (const isSupervised of [true, false]) {
  const [parts, sshd] = await Promise.all([runningEngine(), startTestSshd()]);
  const entrance = new URL('../support/processes/step-worker-child.ts', import.meta.url).pathname;
  // A supervisor that is not told which locks are a worker's own gives no job back.
  if (!isSupervised) process.env['QUIET'] = 'yes';
  const workers = [1, 2].map(() =>
    superviseProcess({
      name: 'worker',
      entrance,

      log,
      redisUrl: () => parts.redis.url,
    }),
  );
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
    await until(async () => workerPids().length === 2, 60_000);
    // Both have told their supervisor by now which locks are theirs.
    await new Promise((done) => setTimeout(done, 3000));
    const before = await reattached();
    const pids = workerPids();
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
  const say = `${isSupervised ? 'supervised' : 'not supervised'}: median ${sorted[times >> 1]} ms of ${times}, at most ${sorted.at(-1)} ms: ${sorted.join(', ')}\n`;
  process.stdout.write(say);
  await Promise.all(workers.map((worker) => worker.stop()));
  await parts.stop();
  await sshd.stop();
}
process.exit();

/** Of the workers that this process started. */
function workerPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const [, parent] =
          readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return Number(parent) === process.pid && line.includes('step-worker-child');
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
