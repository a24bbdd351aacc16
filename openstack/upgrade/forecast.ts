import { OperatorError } from '../../handlers/contract/errors.ts';
import { PackageForecast } from '../../handlers/packages/forecast.ts';
import type { InspectAnswer, InspectRequest } from '../../jobs/redis/inspect-request.ts';
import { type Plan, type PlanStep, handlerOf } from '../../jobs/run/plan.ts';

type Look = (id: string, request: InspectRequest) => Promise<InspectAnswer>;

/** Asks each host what apt would bring on the first hop of a plan, which changes nothing there. */
export async function forecastHosts(
  { id, plan }: { readonly id: string; readonly plan: Plan },
  look: Look,
): Promise<Record<string, PackageForecast>> {
  const steps = firstForecasts(plan);
  if (steps.length === 0) return {};
  const asked = steps.flatMap((step) => step.hosts.map((host) => ({ host, step })));
  const answer = await look(`${id}-apt`, {
    become: plan.become,
    hosts: Object.fromEntries(
      asked.flatMap(({ host, step }) => {
        const target = plan.targets[host];
        return target === undefined
          ? []
          : [[host, { target, commands: [...handlerOf(step).probe] }]];
      }),
    ),
  });
  return Object.fromEntries(asked.map(({ host, step }) => [host, readOn(step, answer[host])]));
}

/**
 * Throws where apt would bring something that a plan cannot use; a host that cannot say is asked again by the plan's own step.
 */
export function refuseForecasts(
  plan: Plan,
  forecast: Readonly<Record<string, PackageForecast>>,
): void {
  const bad = firstForecasts(plan).flatMap((step) =>
    step.hosts.flatMap((host) => {
      const found = forecast[host];
      const why = found?.isKnown === true ? refusalOf(step, found) : undefined;
      return why === undefined ? [] : [{ host, why }];
    }),
  );
  const [first] = bad;
  if (first === undefined) return;
  throw new OperatorError(
    `planning an upgrade of cloud ${plan.cloud}: on ${bad.map(({ host }) => host).join(', ')}: ${first.why.message}`,
    { name: first.why.name, hint: first.why.hint ?? '' },
  );
}

/** Later hops begin from what is not there yet. */
function firstForecasts({ steps }: Plan): PlanStep[] {
  const all = steps.filter(({ kind }) => kind === 'package-forecast');
  return all.filter(({ hop }) => hop?.to === all[0]?.hop?.to);
}

function readOn(step: PlanStep, answer: InspectAnswer[string] | undefined): PackageForecast {
  const outputs =
    answer !== undefined && 'outputs' in answer
      ? answer.outputs
      : [{ exit: 1, stdout: '', stderr: answer?.problem.message ?? 'no answer' }];
  return PackageForecast.parse(handlerOf(step).parse(outputs));
}

/** The handler's own judgement. */
function refusalOf(step: PlanStep, found: PackageForecast): OperatorError | undefined {
  try {
    handlerOf(step).isDone(found);
    return undefined;
  } catch (error) {
    if (error instanceof OperatorError) return error;
    throw error;
  }
}
