import { createHash } from 'node:crypto';
import type { Command } from '../../handlers/contract/command.ts';
import type { StepDeed } from '../../handlers/contract/deed.ts';
import { onceEach } from '../../handlers/contract/once-each.ts';
import { type Plan, type PlanStep, plannedDeed } from '../run/plan.ts';
import { ANY_HOST, hostNeutraliser } from './neutral.ts';

/** A step as it is read: with its number on the card and with what it does. */
export interface ReadStep {
  readonly step: PlanStep;
  /** Its number on the card, from 1. */
  readonly number: number;
  readonly deed: StepDeed;
  /** What it does, without the names of hosts. */
  readonly says: string;
  /** The same for steps that run the same words, hosts apart, and that can be left in the same way. */
  readonly shape: string;
  /** How many command lines it runs on all of its hosts together; a person's work is none. */
  readonly commands: number;
}

/** Every step of a plan, read. */
export function readSteps(plan: Plan): ReadStep[] {
  const neutral = hostNeutraliser(plan);
  const deeds = new Map<string, StepDeed>();
  return plan.steps.map((step, index) => {
    const key = `${step.kind} ${JSON.stringify(step.params)}`;
    const deed = deeds.get(key) ?? stepDeed(step);
    deeds.set(key, deed);
    return {
      step,
      number: index + 1,
      deed,
      says: neutral(deed.says),
      shape: shapeOf(step, neutral),
      commands: step.apply.length * step.hosts.length,
    };
  });
}

/**
 * What a planned step does, as its kind says. Of a kind that this version does not know, its title is all there is. Looking
 * for secrets in what a step runs takes long, and a step is read for each card.
 */
export const stepDeed = onceEach((step: PlanStep): StepDeed => {
  const { title: says } = step;
  return plannedDeed(step) ?? { says, changes: [{ what: 'run', name: says }] };
});

function shapeOf(step: PlanStep, neutral: (text: string) => string): string {
  const { kind, exit, doer, restoredBy, batch, hosts, maxFailures, timeoutMs, asks } = step;
  const isSerial = batch < hosts.length || batch === 1;
  const words = [kind, exit, doer, restoredBy, isSerial, maxFailures, timeoutMs];
  const asked = asks === undefined ? [] : [neutral(asks.instructions), neutral(asks.proof)];
  return JSON.stringify([words, asked, step.apply.map((one) => commandShape(one, neutral))]);
}

function commandShape(
  { words, stdin, secret, as, okExits }: Command,
  neutral: (text: string) => string,
): unknown[] {
  const shown = words.map(neutral).map((word) => (word.length > 64 ? digest(word) : word));
  const listed = shown.filter((word, index) => word !== ANY_HOST || shown[index - 1] !== ANY_HOST);
  return [listed, stdin === undefined ? null : digest(stdin), secret, as, okExits];
}

const digests = new Map<string, string>();

/** Scripts are long and few. */
function digest(text: string): string {
  const known = digests.get(text);
  if (known !== undefined) return known;
  const made = createHash('sha256').update(text).digest('base64');
  if (digests.size > 2000) digests.clear();
  digests.set(text, made);
  return made;
}
