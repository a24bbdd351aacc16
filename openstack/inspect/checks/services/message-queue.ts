import { command } from '../../../../handlers/contract/command.ts';
import { queueVersionsAfter } from '../../../path/queue-jump.ts';
import { compareVersions } from '../../../../handlers/packages/release-of-version.ts';
import { type InspectionCheck, type CheckContext, type CheckAnswer, taggedRows } from '../check.ts';
import type { Finding } from '../../finding.ts';
import { hostDistribution } from '../../../plan/context.ts';
import { messageQueueShell } from './scripts/embedded.ts';

/** Each word of rabbitmqctl starts a virtual machine of Erlang, and on a busy host that takes half a minute. */
const mostSeconds = 60;

/** RabbitMQ: its version, its nodes, and whether its queues survive the next one. */
export const messageQueueCheck: InspectionCheck = {
  id: 'message-queue',
  ask: ({ services: { rabbitmq } }) =>
    (rabbitmq === undefined ? [] : rabbitmq.on).map((host) => ({
      host,
      commands: [
        command(['timeout', String(mostSeconds), 'sh', '-c', messageQueueShell, 'sh'], {
          as: 'root',
        }),
      ],
    })),
  read: (said, context) => {
    const versions = said.flatMap(({ outputs: [out] }) => taggedRows(out, 'version').flat());
    const [version] = versions.toSorted(compareVersions);
    return {
      findings: said.flatMap((one) => [
        ...silent(one),
        ...jump(one, context),
        ...queues(one),
        ...alarms(one),
      ]),
      ...(version !== undefined && { facts: { rabbitmq: version } }),
    };
  },
};

function silent({ host, outputs: [out] }: CheckAnswer): Finding[] {
  if (out?.exit === 124)
    return [
      {
        level: 'warn',
        host,
        what: `RabbitMQ was asked for ${mostSeconds} s and had not said all: what is told of it here is not the whole of it`,
        hint: 'Nothing says that it is down. Look at the load of its host, and inspect again.',
      },
    ];
  if (taggedRows(out, 'answers').length > 0) return [];
  const why = (out?.stderr ?? '').trim().split('\n').at(-1) ?? '';
  return [
    {
      level: 'bad',
      host,
      what: `RabbitMQ does not answer${why === '' ? '' : `: ${why}`}`,
      hint: 'No service does anything without it: see what its log says.',
    },
  ];
}

/** Where this version may go by itself, where the one of the distribution's next release is a forbidden jump away. */
function jump({ host, outputs: [out] }: CheckAnswer, context: CheckContext): Finding[] {
  const { rabbitmq } = context.knowledge.infrastructure;
  const next = hostDistribution(context)?.next;
  return taggedRows(out, 'version').flatMap(([version = '']): Finding[] => {
    const legal = queueVersionsAfter(rabbitmq, version);
    const carries = next === undefined ? undefined : rabbitmq.carried[next];
    if (legal === undefined || carries === undefined || legal.to.includes(carries)) return [];
    if (compareVersions(carries, version) <= 0) return [];
    return [
      {
        level: 'warn',
        host,
        what: `RabbitMQ ${version} may go to ${legal.to.join(' or ')} next; the ${carries} of ${next} is a forbidden jump`,
        hint: 'Do not upgrade the distribution of its host in this window: the services of either release talk to it as it is.',
        source: legal.source,
      },
    ];
  });
}

const source = 'kolla-ansible@stable/2026.1:ansible/roles/rabbitmq/tasks/precheck.yml';

function queues({ host, outputs: [out] }: CheckAnswer): Finding[] {
  const classic = taggedRows(out, 'queue').filter(
    ([, type]) => type !== 'quorum' && type !== 'stream',
  );
  const transient = classic.filter(([, , durable]) => durable !== 'true');
  if (classic.length === 0) return [];
  return [
    {
      level: 'note',
      host,
      what: `${classic.length} of ${taggedRows(out, 'queue').length} queues are classic (${transient.length} of them transient)`,
      hint: 'RabbitMQ 4 has no mirrored queues; to change their type stop all services and empty the virtual host.',
      source,
    },
  ];
}

function alarms({ host, outputs: [out] }: CheckAnswer): Finding[] {
  const found = taggedRows(out, 'alarm').map(([text = '']) => text);
  if (found.length === 0) return [];
  return [
    {
      level: 'bad',
      host,
      what: `RabbitMQ has alarms and blocks who publishes: ${found.join(', ')}`,
      hint: 'Make room on its disk or in its memory first.',
    },
  ];
}

// rabbitmqctl reads what is left of a script on standard input, so it gets none.
