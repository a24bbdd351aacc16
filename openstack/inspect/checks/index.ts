import { type AnsweredQuestion, answersAbout } from '../answers.ts';
import { apiPlacesCheck } from './api-places.ts';
import { archivesCheck } from './archives.ts';
import { certificatesCheck } from './certificates.ts';
import { configOptionsCheck } from './config-options.ts';
import { dashboardCheck } from './dashboard.ts';
import { deprecationsCheck } from './deprecations.ts';
import { hostStateCheck } from './host-state.ts';
import { databaseLoginCheck } from './database-login.ts';
import { databaseServerCheck } from './database-server.ts';
import { gatesCheck } from './gates.ts';
import type {
  Finding,
  FindingOnHosts,
  InspectionCheck,
  CheckContext,
  CheckFacts,
} from './check.ts';
import { messageQueueCheck } from './message-queue.ts';
import { novaServicesCheck } from './nova-services.ts';
import { ovnCheck } from './ovn.ts';

/** All that inspection looks at besides packages, units, schemas and the load balancer. */
export const inspectionChecks: readonly InspectionCheck[] = [
  novaServicesCheck,
  gatesCheck,
  databaseLoginCheck,
  databaseServerCheck,
  messageQueueCheck,
  ovnCheck,
  dashboardCheck,
  configOptionsCheck,
  deprecationsCheck,
  hostStateCheck,
  certificatesCheck,
  archivesCheck,
  apiPlacesCheck,
];

const order = ['bad', 'warn', 'note'] as const;

/** What all looks found together with what was found otherwise, worst first. */
export function readChecks(
  context: CheckContext,
  answered: readonly AnsweredQuestion[],
  besides: readonly Finding[] = [],
): { readonly findings: FindingOnHosts[]; readonly facts: CheckFacts } {
  const said = answersAbout(answered, 'look');
  const read = inspectionChecks.map((look) =>
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
  const all = together([...read.flatMap(({ findings }) => [...findings]), ...besides]);
  return {
    findings: order.flatMap((level) => all.filter((one) => one.level === level)),
    facts: read.reduce<CheckFacts>((known, { facts }) => ({ ...known, ...facts }), {}),
  };
}

/** What is true of many hosts is said once. */
function together(findings: readonly Finding[]): FindingOnHosts[] {
  const seen = new Map<string, FindingOnHosts & { hosts: string[] }>();
  for (const { host, ...finding } of findings) {
    const key = JSON.stringify([finding.level, finding.what]);
    const one = seen.get(key) ?? { ...finding, hosts: [] };
    if (host !== undefined && !one.hosts.includes(host)) one.hosts.push(host);
    seen.set(key, one);
  }
  return [...seen.values()];
}
