import { pino } from 'pino';
import type { Plan } from '../../jobs/run/plan.ts';
import { startWorker } from '../../jobs/worker/worker.ts';
import { runningEngine } from '../support/processes/running.ts';
import type { RollbackWord } from './drill.ts';
import { openDrillLab } from './lab.ts';
import { type DrillRow, type WantedDrills, walkPath } from './walk.ts';

const usage = 'test:drills [before|after] [step] [every N | all | list | STEP...]';
const say = (line: string): boolean => process.stdout.write(`${line}\n`);
const log = pino({ level: process.env['LOG_LEVEL'] ?? 'fatal' });

const words = process.argv.slice(2);
const take = (...some: readonly string[]): string | undefined =>
  some.includes(words[0] ?? '') ? words.shift() : undefined;
const only = take('before', 'after');
const ways: readonly RollbackWord[] =
  only === 'before' || only === 'after' ? [only] : ['after', 'before'];
/** Back to just before the step, and not to the start. */
const back: WantedDrills['back'] = take('step') === undefined ? 'start' : 'step';

function chosen({ steps }: Plan): string[] {
  const ids = steps.map(({ id }) => id);
  const [what = 'every', count = '15'] = words;
  if (what === 'all') return ids;
  if (what === 'every') {
    const every = Number(count);
    if (!Number.isInteger(every) || every < 1) throw new Error(usage);
    return ids.filter((_, index) => (index + 1) % every === 0 || index === ids.length - 1);
  }
  const unknown = words.find((id) => !ids.includes(id));
  if (unknown !== undefined) throw new Error(`the plan has no step ${unknown}: ${usage}`);
  return words;
}

const line = ({ step, way, seconds, end, differences, barrier, to, problem }: DrillRow): string =>
  [
    step,
    way,
    seconds,
    differences?.length ?? '?',
    barrier === undefined ? (to ?? 'start') : `after ${barrier}`,
    end ?? problem,
  ].join('\t');

function tell(row: DrillRow): void {
  say(line(row));
  for (const difference of row.differences?.slice(0, 40) ?? []) say(`  ${difference}`);
}

const lab = await openDrillLab({ log, failures: ['tokenCron'] });
const engine = await runningEngine(log);
const worker = startWorker({ connect: engine.connect, log });
try {
  if (words[0] === 'list') {
    lab.plan.steps.forEach(({ id, kind, exit, hosts }, index) =>
      say([index + 1, id, kind, exit, hosts.join(' ')].join('\t')),
    );
  } else {
    say('step\tfails\tseconds\tdifferences\tback to\tend');
    const wanted = chosen(lab.plan).map((step) => ({ step, ways, back }));
    const rows = await walkPath(engine, lab, wanted, tell);
    const red = rows.filter(({ differences }) => differences?.length !== 0);
    say(`${rows.length} drills, ${red.length} of them did not lead back`);
    if (red.length > 0) process.exitCode = 1;
  }
} finally {
  await worker.drain();
  await engine.stop();
  await lab.stop();
}
