import { OperatorError } from '../../../handlers/contract/errors.ts';
import type { PlanContext } from '../../plan/context.ts';

type Source = NonNullable<PlanContext['services']['packages']>;

/** Where the packages of a cloud come from. Throws `BadServices` where its file says that another tool deploys it. */
export function packageSource({
  cloud,
  services: { packages },
}: Pick<PlanContext, 'cloud' | 'services'>): Source {
  if (packages !== undefined) return packages;
  throw new OperatorError(
    `looking for where packages of cloud ${cloud.name} come from: its file does not say`,
    {
      name: 'BadServices',
      hint: `Say under services.packages in ${cloud.name}.yaml which release of the distribution its hosts have.`,
    },
  );
}
