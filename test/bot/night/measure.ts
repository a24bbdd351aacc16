// Prints what a night with a run is like, beside the goals: posts, whom it wakes, what a rollback says first.
import { spreadOf } from '../../../bench/figures.ts';
import { threadLines } from '../../../bot/views/thread/thread.ts';
import { priceLines } from '../../../bot/views/rollback/price-lines.ts';
import { fold } from '../../../jobs/run/fold.ts';
import { needsOf } from '../../../jobs/run/needs/needs.ts';
import { rollbackPrice } from '../../../jobs/run/rollback/rollback-price.ts';
import { measuredPlans } from '../views/reading/measured-plans.ts';
import { playAlarms } from '../../support/slack/alarm-ahead.ts';
import { playBack, playForward } from './played.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** The card, each request for approval with its reading and file, and what wakes people beside that. */
const otherPosts = (kinds: readonly string[]): number =>
  1 + kinds.reduce((sum, kind) => sum + (kind === 'approval' ? 3 : 1), 0);

for (const { name, plan } of measuredPlans()) {
  const forward = playForward(plan);
  const whole = playBack(forward);
  const [there, all] = [threadLines(forward).length, threadLines(whole).length];
  const kinds = needsOf(forward).map(({ kind }) => kind);
  const people = kinds.filter((kind) => kind !== 'approval').length;
  say(`${name}: ${plan.steps.length} steps`);
  say(`  posts of the run        ${there + otherPosts(kinds)} (goal 30)`);
  say(`  posts of its rollback   ${all - there} (goal 10)`);
  say(`  people are woken        ${people} times beside ${kinds.length - people} approvals`);
  const end = fold(forward);
  const price = rollbackPrice(end);
  if (price === undefined) continue;
  say(
    `  who may roll it back    ${price.demand.people === 2 ? 'two people' : 'one person'}${price.demand.phrase === undefined ? '' : `, and types: ${price.demand.phrase}`}`,
  );
  for (const line of priceLines(price, { now: end.at })) say(`    ${line}`);
}

const alarms = await playAlarms(10);
const { median, max } = spreadOf(alarms.map(({ ms }) => ms));
const fewest = Math.min(...alarms.map(({ waiting }) => waiting));
const others = Math.max(...alarms.map(({ before }) => before));
say(
  `${alarms.length} alarms beside at least ${fewest} posts that wait for a Slack that takes one a second: median ${Math.round(median)} ms, worst ${max} ms (goal 2000), at most ${others} other posts before one`,
);
process.exit();
