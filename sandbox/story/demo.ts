import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { fileTail } from './product.ts';
import { playUpgradePath } from './upgrade-path.ts';
import { playGoodDay, playScenario } from './scenario.ts';
import { openStoryStage, type StoryStage } from './stage.ts';
import { processesNaming } from '../hosts/survivors.ts';
import { cloudNames, startStoryWorld, type CloudName, type StoryWorld } from './world.ts';

// `npm run demo`: a workspace to try Hopscotch in. `npm run demo -- --auto`: stories that play themselves in one.

const autoMs = 8 * 60_000;

const say = (text: string): void => console.log(text);

interface Shown {
  readonly isAuto: boolean;
  /** Only the shortest part of the story of the sandbox. */
  readonly isBrief: boolean;
  readonly clouds: readonly CloudName[];
}

async function demo({ isAuto, isBrief, clouds }: Shown): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'hopscotch-demo-'));
  const started = Date.now();
  const hosts = clouds.length === 1 ? 'six pretend hosts' : 'two clouds of six pretend hosts';
  say(`Starting a pretend workspace, ${hosts} and Hopscotch: some seconds.`);
  const signal = new Promise<'signal'>((done) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => done('signal'));
  });
  const starting = startStoryWorld(dir, clouds);
  // Whatever has been started by then is stopped in order, too.
  const world = await starting.catch(async (error: unknown) => {
    await rm(dir, { recursive: true, force: true });
    throw error;
  });
  say(`Ready after ${seconds(started)}. Its log: ${world.product.logPath}`);
  const play = isAuto ? playAlone(world, isBrief) : showAround(world);
  const end = await Promise.race([play, signal, world.product.ended.then(() => 'ended' as const)]);
  if (end === 'signal') say('\nStopping.');
  if (end === 'ended') say('\nThe product has ended by itself.');
  const isGood = end === 'good' || (end === 'signal' && !isAuto);
  if (!isGood)
    say(`\nThe last lines of ${world.product.logPath}:\n${await fileTail(world.product.logPath)}`);
  await world.stop();
  await rm(dir, { recursive: true, force: true });
  const survivors = processesNaming(dir);
  if (survivors.length > 0) say(`Processes still run:\n${survivors.join('\n')}`);
  else say(`Everything is stopped and removed, after ${seconds(started)} in all.`);
  return isGood && survivors.length === 0 ? 0 : 1;
}

const seconds = (since: number): string => `${((Date.now() - since) / 1000).toFixed(1)} s`;

async function playAlone(world: StoryWorld, isBrief: boolean): Promise<'good' | 'bad'> {
  const stage = openStoryStage(world.workspace, say);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_done, fail) => {
    timer = setTimeout(() => fail(new Error(`not done within ${autoMs / 60_000} minutes`)), autoMs);
  });
  try {
    await Promise.race([playStories(world, stage, isBrief), late]);
  } catch (error) {
    stage.expect(error instanceof Error ? error.message : String(error), false);
  } finally {
    clearTimeout(timer);
  }
  say(`\n${stage.ticks()} expectations held, ${stage.crosses()} did not.`);
  return stage.crosses() === 0 ? 'good' : 'bad';
}

async function playStories(
  { hosts, juno }: StoryWorld,
  stage: StoryStage,
  isBrief: boolean,
): Promise<void> {
  if (hosts !== undefined) await (isBrief ? playGoodDay : playScenario)(hosts, stage);
  if (juno !== undefined) await playUpgradePath(juno, stage);
}

function showAround({ workspace }: StoryWorld): Promise<never> {
  say(`
Open ${workspace.url} in a browser, and choose a person under "Act as".

  1  Act as ann, an engineer, and type in #upgrades:
       /upgrade run sandbox keystone-2025-1
     Press Approve yourself: you are told why you may not.
  2  Act as ben, an approver, and press Approve, each time that it asks.
     The card follows the run; its thread says what each step did.
  3  Act as ann again, and type:
       /upgrade run sandbox broken
     Approve it as ben. One of its steps fails: read the card, then press Roll back.
     dan is in the channel, too, and has no rights at all.
  4  The cloud juno-lab is a whole OpenStack Juno. As ann, inspect it, plan its upgrade to Liberty, and start it:
       /upgrade inspect juno-lab
       /upgrade plan juno-lab liberty
       /upgrade start juno-lab liberty
     It takes some minutes, goes through Kilo, and asks ben before each of the two hops.

/upgrade help says what else can be typed. Ctrl-C stops everything and removes it.`);
  return new Promise(() => {});
}

const [flag, story, length, ...rest] = process.argv.slice(2);
const isBrief = story === 'sandbox' && length === 'brief';
const clouds = cloudNames.filter((name) => story === undefined || name === story);
const isKnown = (flag === undefined || flag === '--auto') && (length === undefined || isBrief);
if (!isKnown || clouds.length === 0 || rest.length > 0) {
  console.error('usage: npm run demo [-- --auto [sandbox [brief]|juno]]');
  process.exit(2);
}
try {
  process.exit(await demo({ isAuto: flag === '--auto', isBrief, clouds }));
} catch (error) {
  if (!(error instanceof OperatorError)) throw error;
  console.error(`${error.message}\n${error.hint}`);
  process.exit(1);
}
