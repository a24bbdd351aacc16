import { type Cloud, hostTarget } from '../../jobs/files/cloud.ts';
import type { CloudServing } from '../../jobs/files/serving.ts';
import type { InspectAnswer, InspectRequest } from '../../jobs/redis/inspect-request.ts';
import type { Found } from './found.ts';
import { codeOf } from './request.ts';

interface CanaryTools {
  /** Asks workers to look at hosts. */
  readonly look: (id: string, request: InspectRequest) => Promise<InspectAnswer>;
  /** Another one each time. */
  readonly newId: () => string;
}

/** Pings the canary instance from a host. That the host does not answer says nothing of the instance. Never rejects. */
export function openCanaryProbe(
  cloud: Cloud,
  canary: NonNullable<CloudServing['canary']>,
  { look, newId }: CanaryTools,
): () => Promise<Found> {
  const { from, address, namespace } = canary;
  const ping = ['ping', '-c', '1', '-W', '1', address];
  const words = namespace === undefined ? ping : ['ip', 'netns', 'exec', namespace, ...ping];
  return async () => {
    try {
      const hosts = { [from]: { target: hostTarget(cloud, from), commands: [{ words }] } };
      const answers = await look(newId(), { become: cloud.ssh.become, hosts });
      return foundBy(from, answers[from]);
    } catch (error) {
      return { is: 'notProbed', why: codeOf(error) };
    }
  };
}

/** iputils' ping exits with 1 where no reply came, and with 2 for any other trouble. */
function foundBy(from: string, answer: InspectAnswer[string] | undefined): Found {
  if (answer === undefined) return { is: 'notProbed', why: `${from} was not asked` };
  if ('problem' in answer)
    return { is: 'notProbed', why: `${from} does not answer: ${answer.problem.message}` };
  const exit = answer.outputs[0]?.exit;
  if (exit === 0) return { is: 'up' };
  if (exit === 1) return { is: 'down', why: 'no reply' };
  return { is: 'notProbed', why: `ping on ${from}: exit ${exit ?? 'unknown'}` };
}
