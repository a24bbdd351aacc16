import { type Answered, of } from '../answers.ts';
import { certificates } from './certificates.ts';
import { configOptions } from './config-options.ts';
import { dashboard } from './dashboard.ts';
import { hostState } from './host-state.ts';
import { databaseLogin } from './database-login.ts';
import { gates } from './gates.ts';
import type { Finding, FindingSeen, Look, LookContext, LookFacts } from './check.ts';
import { messageQueue } from './message-queue.ts';
import { novaServices } from './nova-services.ts';

/** All that inspection looks at besides packages, units, schemas and the load balancer. */
export const looks: readonly Look[] = [
  novaServices,
  gates,
  databaseLogin,
  messageQueue,
  dashboard,
  configOptions,
  hostState,
  certificates,
];

const order = ['bad', 'warn', 'note'] as const;

/** What all looks found together, worst first. */
export function readLooks(
  context: LookContext,
  answered: readonly Answered[],
): { readonly findings: FindingSeen[]; readonly facts: LookFacts } {
  const said = of(answered, 'look');
  const read = looks.map((look) =>
    look.read(
      said
        .filter(({ topic }) => topic.look === look.id)
        .map(({ host, topic: { about }, outputs }) => ({
          host,
          outputs,
          ...(about !== undefined && { about }),
        })),
      context,
    ),
  );
  const all = together(read.flatMap(({ findings }) => [...findings]));
  return {
    findings: order.flatMap((level) => all.filter((one) => one.level === level)),
    facts: read.reduce<LookFacts>((known, { facts }) => ({ ...known, ...facts }), {}),
  };
}

/** What is true of many hosts is said once. */
function together(findings: readonly Finding[]): FindingSeen[] {
  const seen = new Map<string, FindingSeen & { hosts: string[] }>();
  for (const { host, ...finding } of findings) {
    const key = JSON.stringify([finding.level, finding.what]);
    const one = seen.get(key) ?? { ...finding, hosts: [] };
    if (host !== undefined && !one.hosts.includes(host)) one.hosts.push(host);
    seen.set(key, one);
  }
  return [...seen.values()];
}
