import type { PlanContext } from '../plan/context.ts';
import { OperatorError } from '../../handlers/contract/errors.ts';
import type { Deployment, Deployments } from './deployment.ts';
import { earlyPackages } from './packages/early/early.ts';
import { packages } from './packages/packages.ts';

/** Every way in which a cloud can be deployed: a folder each, and a line here. */
export const deployments: readonly Deployment[] = [earlyPackages, packages];

/** Those of the tool that deploys the cloud. Throws `UnknownTool` where there is none. */
export function deploymentsOf(
  { cloud, services }: Pick<PlanContext, 'cloud' | 'services'>,
  all: readonly Deployment[],
): Deployments {
  const tool = services.deployment?.tool ?? packages.tool;
  const [first, ...others] = all.filter((one) => one.tool === tool);
  if (first !== undefined) return [first, ...others];
  throw new OperatorError(
    `planning an upgrade of cloud ${cloud.name}: nothing is known of clouds that are deployed by ${JSON.stringify(tool)}`,
    {
      name: 'UnknownTool',
      hint: `Use one of these under services.deployment.tool: ${[...new Set(all.map((one) => one.tool))].join(', ')}.`,
    },
  );
}
