import { OperatorError } from '../../handlers/contract/errors.ts';
import type { Cloud } from '../../jobs/files/cloud.ts';
import { type ReadStep, readSteps } from '../../jobs/reading/steps.ts';
import type { Plan } from '../../jobs/run/plan.ts';
import type { PromisedServing } from '../../jobs/run/serving/probe-change.ts';
import type { Knowledge } from '../knowledge/knowledge.ts';
import { type PlanImpact, planImpact } from './impact.ts';

/** Whoever asks an API shows a token, and each API asks this one about it. */
const identity = 'keystone';

/**
 * What an approval of the plan says of what users feel, as data: the same as its impact line. Undefined where the cloud's
 * file does not say what runs where.
 */
export function promisedServing(
  plan: Plan,
  { knowledge, cloud }: { readonly knowledge: Knowledge; readonly cloud: Cloud },
): PromisedServing | undefined {
  if (cloud.services === undefined) return undefined;
  try {
    const steps = readSteps(plan);
    return promiseOf(steps, planImpact(steps, { knowledge, cloud }));
  } catch (error) {
    if (error instanceof OperatorError) return undefined;
    throw error;
  }
}

function promiseOf(
  steps: readonly ReadStep[],
  { services, outages, touches }: PlanImpact,
): PromisedServing {
  const idOf = (number: number): string => steps[number - 1]?.step.id ?? '';
  const own = outages.map(({ service, from, to }) => ({
    service,
    from: idOf(from),
    ...(to !== undefined && { to: idOf(to) }),
  }));
  const others = services.filter((service) => service !== identity);
  const withIdentity = own
    .filter(({ service }) => service === identity)
    .flatMap((outage) => others.map((service) => ({ ...outage, service })));
  return {
    services: [...services],
    outages: [...own, ...withIdentity],
    instances: touches.every(({ what }) => what === 'apis' || what === 'dhcp'),
  };
}
