import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type ChaosWorld, cellOf, hitTable, worldOf } from './cells.ts';
import { startChaosParts } from './parts.ts';
import { type ChaosResult, chaosGame, playChaos } from './play.ts';

// Plays seeds against the built product until so many results are in the folder, and prints what was hit: `npm run chaos --
// --runs 60`. It goes on where it was stopped; `--seed 7` plays that one again.
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1' },
    seed: { type: 'string' },
    results: { type: 'string', default: 'chaos' },
    /** Of the two worlds this one alone: two can be played at once. */
    world: { type: 'string' },
    /** Ends after so many seconds at the next seed. */
    seconds: { type: 'string', default: 'Infinity' },
  },
});
const folder = values.results;
await mkdir(folder, { recursive: true });
const say = (line: string): boolean => process.stdout.write(`${line}\n`);

const results = await kept();
const wanted = Array.from(
  { length: Number(values.runs) },
  (_, index) => index + Number(values.seed ?? 1),
);
const open = wanted.filter(
  (seed) => values.seed !== undefined || !results.some((result) => result.seed === seed),
);
const endMs = performance.now() + Number(values.seconds) * 1000;
for (const world of ['single', 'Sentinel'] as const)
  if (values.world === undefined || values.world === world)
    await playSeeds(
      world,
      open.filter((seed) => worldOf(seed) === world),
    );
say(hitTable(hits()));
const sum = (count: (result: ChaosResult) => number): number =>
  results.reduce((all, result) => all + count(result), 0);
const broken = sum((result) => result.broken.length);
say(
  `${results.length} seeds, ${sum(({ made }) => made.length)} faults, ${sum(({ executions }) => executions)} executions, ${broken} broken promises`,
);
process.exit(broken === 0 ? 0 : 1);

async function playSeeds(world: ChaosWorld, seeds: readonly number[]): Promise<void> {
  if (seeds.length === 0 || performance.now() > endMs) return;
  const entrance = ['dist/main.js'];
  const parts = await startChaosParts({ world, hosts: 6, bots: 2, workers: 3, entrance });
  say(`${world}: parts and their logs in ${parts.dir}`);
  for (const seed of seeds) {
    if (performance.now() > endMs) break;
    const result = await playChaos(parts, chaosGame(seed, hits(), parts.hosts.length)).catch(
      (error: unknown): ChaosResult => ({
        seed,
        run: '',
        made: [],
        executions: 0,
        seconds: 0,
        broken: [String(error)],
      }),
    );
    results.push(result);
    await writeFile(join(folder, `${seed}.json`), `${JSON.stringify(result, null, 1)}\n`);
    say(
      `seed ${seed}, run ${result.run}: ${result.made.length} faults, ${result.executions} executions, ${result.seconds} s, ${result.broken.length} broken`,
    );
    for (const one of result.broken) say(`  ${one}`);
  }
  await parts.stop();
}

async function kept(): Promise<ChaosResult[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  return Promise.all(
    names.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8'))),
  );
}

function hits(): Map<string, number> {
  const all = new Map<string, number>();
  for (const { made } of results)
    for (const one of made) all.set(cellOf(one), (all.get(cellOf(one)) ?? 0) + 1);
  return all;
}
