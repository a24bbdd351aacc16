// The plan of a run stands beside its log, by its hash: the first event names it. A plan of a large upgrade is megabytes, which
// nobody who reads a log should pay for again and again.
import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Redis } from 'ioredis';
import { Plan, canonicalJson } from '../../run/plan.ts';
import { latest } from '../../../handlers/contract/latest.ts';
import { areContents, contentsNamedIn, putInContents, takeOutContents } from './contents.ts';

/** A plan as JSON, compressed. */
export const planKey = (run: string): string => `hopscotch:run:${run}:plan`;

type Contents = Readonly<Record<string, string>>;

/** A plan as it stands beside a log; what its files hold is taken out of it. */
export interface PlanBeside {
  readonly sha256: string;
  /** The fingerprints of what its files hold. */
  readonly named: readonly string[];
  /** The plan with that; undefined when a content is not what its fingerprint says. */
  readonly planWith: (contents: Contents) => Plan | undefined;
}

/** Takes the plan out of an event: what the event has in its place, and what is stored beside the log. */
export async function takeOutPlan(plan: Plan): Promise<{
  readonly reference: object;
  readonly packed: Buffer;
  readonly contents: Contents;
  readonly beside: PlanBeside;
}> {
  // Of megabytes each of this takes tens of milliseconds, in which nobody else is answered.
  const whole = canonicalJson(plan);
  await turn();
  const { json, contents } = takeOutContents(whole);
  await turn();
  const sha256 = hashOf(json);
  return {
    reference: { [REFERENCE]: sha256 },
    packed: await packPlan(json),
    contents,
    beside: keepPlan(openPlan(sha256, json)),
  };
}

export const packPlan = (json: string): Promise<Buffer> => promisify(gzip)(json, { level: 3 });

export const unpackPlan = async (packed: Buffer): Promise<string> =>
  (await promisify(gunzip)(packed)).toString();

/** A plan that was read elsewhere; undefined where it is not what the log says. */
export const planBesideOf = (sha256: string, json: string): PlanBeside | undefined =>
  hashOf(json) === sha256 ? openPlan(sha256, json) : undefined;

/** Undefined for an event that has its plan in it, as all had before, or has none. */
export const planNamedIn = (json: string): string | undefined => NAMED.exec(json)?.[1];

/** By their hash. */
const plans = latest<PlanBeside>(10);
const keepPlan = (plan: PlanBeside): PlanBeside => plans.keep(plan.sha256, plan);

/** Undefined where it is not there, or is not what the log says. What was read before is not read once more. */
export async function readPlanBeside(
  redis: Pick<Redis, 'getBuffer'>,
  run: string,
  sha256: string,
): Promise<PlanBeside | undefined> {
  const known = plans.get(sha256);
  if (known !== undefined) return known;
  const packed = await redis.getBuffer(planKey(run));
  const json = packed === null ? '' : await unpackPlan(packed).catch(() => '');
  return hashOf(json) === sha256 ? keepPlan(openPlan(sha256, json)) : undefined;
}

function openPlan(sha256: string, text: string): PlanBeside {
  const named = contentsNamedIn(text);
  let whole: Plan | undefined;
  let json = text;
  return {
    sha256,
    named,
    planWith: (all) => {
      const contents = Object.fromEntries(
        named.flatMap((each) => (all[each] === undefined ? [] : [[each, all[each]]])),
      );
      // What is gone is gone, whatever was read before.
      const isWhole = Object.keys(contents).length === named.length;
      if (isWhole && whole !== undefined) return areContents(contents) ? whole : undefined;
      const full = putInContents({ json, contents });
      if (full === undefined) return undefined;
      const plan = Plan.parse(JSON.parse(full));
      if (isWhole) whole = plan;
      if (isWhole && named.length === 0) json = '';
      return plan;
    },
  };
}

const REFERENCE = '$plan';
const NAMED = /"plan":\{"\$plan":"([0-9a-f]{64})"\}/;

const hashOf = (json: string): string => createHash('sha256').update(json).digest('hex');
