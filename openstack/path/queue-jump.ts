import { OperatorError } from '../../handlers/contract/errors.ts';
import type { PlanContext } from '../plan/context.ts';
import type { Hop } from './path.ts';
import type { InfrastructureVersions } from '../knowledge/rule-schemas.ts';

/**
 * Throws `QueueJump` where RabbitMQ is on hosts that get another release of their distribution, and the version that this
 * one carries cannot be reached in one go from the one that inspection has found.
 */
export function refuseQueueJump(context: PlanContext): void {
  const { facts, services, hops } = context;
  const hosts = services.rabbitmq === undefined ? [] : services.rabbitmq.on;
  const moved = hosts.filter((host) => context.moved.includes(host));
  if (facts.rabbitmq === undefined || moved.length === 0) return;
  hops.reduce(
    (version, hop) => nextVersion(context, hop, { version, moved }),
    minor(facts.rabbitmq),
  );
}

type RabbitMq = InfrastructureVersions['rabbitmq'];

/** What RabbitMQ of a version such as 3.10.8 may become in one go; `undefined` where nobody knows. */
export const queueVersionsAfter = (
  { jumps }: RabbitMq,
  version: string,
): RabbitMq['jumps'][number] | undefined => jumps.find(({ from }) => from === minor(version));

interface Queue {
  readonly version: string;
  readonly moved: readonly string[];
}

function nextVersion(
  { knowledge, cloud }: PlanContext,
  hop: Hop,
  { version, moved }: Queue,
): string {
  const { rabbitmq } = knowledge.infrastructure;
  const next = hop.crosses ? rabbitmq.carried[hop.codenames?.to ?? ''] : undefined;
  if (next === undefined || next === version) return version;
  if (queueVersionsAfter(rabbitmq, version)?.to.includes(next) === true) return next;
  throw new OperatorError(
    `planning an upgrade of cloud ${cloud.name}: RabbitMQ ${version} on ${moved.join(', ')} cannot become ${next}, which ${hop.codenames?.to ?? ''} carries`,
    {
      name: 'QueueJump',
      hint: 'Move RabbitMQ to hosts of its own that stay as they are, or lead it there first, one supported version at a time.',
    },
  );
}

const minor = (version: string): string => version.split('.').slice(0, 2).join('.');
