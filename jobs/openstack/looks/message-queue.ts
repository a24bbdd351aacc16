import { command } from '../../../handlers/command.ts';
import { hostsOf } from '../../runbook.ts';
import { type Finding, type Look, type Said, rowsOf } from './look.ts';

/** RabbitMQ: its version, its nodes, and whether its queues survive the next one. */
export const messageQueue: Look = {
  id: 'message-queue',
  ask: ({ cloud, services: { rabbitmq } }) =>
    (rabbitmq === undefined ? [] : hostsOf(cloud, rabbitmq.on)).map((host) => ({
      host,
      commands: [command(['timeout', '30', 'sh', '-c', script, 'sh'], { as: 'root' })],
    })),
  read: (said) => {
    const versions = said.flatMap(({ outputs: [out] }) => rowsOf(out, 'version').flat());
    const [version] = versions.toSorted(byVersion);
    return {
      findings: said.flatMap((one) => [
        ...silent(one),
        ...jump(one),
        ...queues(one),
        ...alarms(one),
      ]),
      ...(version !== undefined && { facts: { rabbitmq: version } }),
    };
  },
};

const numbers = (version: string): number[] => version.split('.').map(Number);

function byVersion(a: string, b: string): number {
  const [left, right] = [numbers(a), numbers(b)];
  const at = left.findIndex((part, index) => part !== (right[index] ?? 0));
  return at === -1 ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
}

function silent({ host, outputs: [out] }: Said): Finding[] {
  if (rowsOf(out, 'version').length > 0) return [];
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

const source = 'kolla-ansible@stable/2026.1:ansible/roles/rabbitmq/tasks/precheck.yml';

function jump({ host, outputs: [out] }: Said): Finding[] {
  return rowsOf(out, 'version').flatMap(([version = '']): Finding[] => {
    const [major = 0, minor = 0] = numbers(version);
    if (major > 3 || (major === 3 && minor >= 13)) return [];
    return [
      {
        level: 'warn',
        host,
        what: `RabbitMQ ${version} can't go to 4.0 in one jump: 3.13 has to come between, with all its feature flags on`,
        hint: 'Leave RabbitMQ as it is for this upgrade (do not upgrade the distribution of its host), or lead it to 3.13 first.',
        source,
      },
    ];
  });
}

function queues({ host, outputs: [out] }: Said): Finding[] {
  const classic = rowsOf(out, 'queue').filter(([, type]) => type !== 'quorum' && type !== 'stream');
  const transient = classic.filter(([, , durable]) => durable !== 'true');
  if (classic.length === 0) return [];
  return [
    {
      level: 'note',
      host,
      what: `${classic.length} of ${rowsOf(out, 'queue').length} queues are classic (${transient.length} of them transient)`,
      hint: 'RabbitMQ 4 has no mirrored queues; to change their type stop all services and empty the virtual host.',
      source,
    },
  ];
}

function alarms({ host, outputs: [out] }: Said): Finding[] {
  const found = rowsOf(out, 'alarm').map(([text = '']) => text);
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
const script = `version=$(rabbitmqctl version </dev/null) || exit 1
rabbitmqctl -q status </dev/null >/dev/null || exit 1
printf "version\\t%s\\n" "$version"
rabbitmqctl -q list_vhosts name --no-table-headers </dev/null | while read -r vhost; do
  rabbitmqctl -q list_queues -p "$vhost" name type durable --no-table-headers </dev/null |
    awk -F "\\t" "{ print \\"queue\\t\\" \\$1 \\"\\t\\" \\$2 \\"\\t\\" \\$3 }"
done
rabbitmq-diagnostics -q alarms </dev/null | grep -iE "alarm.*on node|blocked" | sed "s/^/alarm\\t/"
exit 0
`;
