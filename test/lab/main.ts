import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareLabHosts } from './cloud.ts';
import { type RealLab, cloudName, labDir, openRealLab } from './lab.ts';
import type { LabPart } from './part.ts';
import { labParts } from './parts.ts';
import { type LabWorld, startLabWorld } from './world.ts';

// `npm run test:lab [-- [--again] [PART...]]`: parts that were green are not played again, unless asked for.

interface Result {
  readonly isGreen: boolean;
  readonly seconds: number;
  readonly ticks: number;
  readonly crosses: readonly string[];
  readonly notes: Readonly<Record<string, string | number>>;
}

const say = (line: string): boolean => process.stdout.write(`${line}\n`);
const file = join(labDir, 'hopscotch-results.json');

async function readResults(): Promise<Record<string, Result>> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Record<string, Result>;
  } catch {
    return {};
  }
}

/** The snapshot that was just taken, while nothing has been played since: the hosts are as it is. */
let untouched: string | undefined;

async function playPart(part: LabPart, lab: RealLab): Promise<Result> {
  say(`\n── ${part.title} (${part.id})`);
  const begun = Date.now();
  const crosses: string[] = [];
  const notes: Record<string, string | number> = {};
  let ticks = 0;
  let world: LabWorld | undefined;
  try {
    if (part.from !== undefined && part.from !== untouched) await lab.restore(part.from);
    untouched = undefined;
    world = await startLabWorld(say, part.files);
    await part.play({
      lab,
      world,
      say,
      note: (what, figure) => {
        notes[what] = figure;
        say(`  ${what}: ${figure}`);
      },
      expect: (what, holds, instead) => {
        say(`  ${holds ? '✓' : '✗'} ${what}`);
        if (holds) ticks += 1;
        else crosses.push(what);
        if (!holds && instead !== undefined)
          say(
            `      ${typeof instead === 'string' ? instead : JSON.stringify(instead, null, 1)}`.replaceAll(
              '\n',
              '\n      ',
            ),
          );
      },
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    say(`  ✗ ${why}`);
    crosses.push(why.split('\n')[0] ?? '');
  } finally {
    if (crosses.length > 0 && world !== undefined) say(await world.tail());
    await world?.stop();
  }
  const seconds = Math.round((Date.now() - begun) / 1000);
  return { isGreen: crosses.length === 0 && ticks > 0, seconds, ticks, crosses, notes };
}

async function main(words: readonly string[]): Promise<boolean> {
  const isAgain = words.includes('--again');
  const wanted = words.filter((word) => !word.startsWith('--'));
  const unknown = wanted.find((word) => !labParts.some(({ id }) => id === word));
  if (unknown !== undefined)
    throw new Error(
      `there is no part ${unknown}; there are ${labParts.map(({ id }) => id).join(', ')}`,
    );
  const lab = await openRealLab(say);
  await mkdir(labDir, { recursive: true });
  const start = cloudName === 'warm' ? 'fresh' : 'zed';
  if (!(await lab.snaps()).includes(start)) {
    await prepareLabHosts(lab);
    await lab.snap(start);
    untouched = start;
  }
  const results = await readResults();
  const chosen = labParts.filter(({ id }) => wanted.length === 0 || wanted.includes(id));
  for (const part of chosen) {
    const before = results[part.id];
    if (before?.isGreen === true && !isAgain && wanted.length === 0) continue;
    results[part.id] = await playPart(part, lab);
    await writeFile(file, JSON.stringify(results, null, 1));
  }
  say(`\n${table(chosen, results)}`);
  const green = chosen.filter(({ id }) => results[id]?.isGreen === true).length;
  say(`\n${green} passed, ${chosen.length - green} failed`);
  return green === chosen.length;
}

function table(all: readonly LabPart[], results: Readonly<Record<string, Result>>): string {
  const rows = all.map(({ id, title }) => {
    const { isGreen = false, seconds = 0, ticks = 0, crosses = [], notes = {} } = results[id] ?? {};
    const figures = Object.entries(notes).map(([what, figure]) => `${what} ${figure}`);
    return `| ${isGreen ? '✓' : '✗'} | ${id} | ${title} | ${seconds} s | ${ticks} of ${ticks + crosses.length} | ${figures.join('; ')} |`;
  });
  return [
    '|  | part | shows | time | held | figures |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
process.exit();
