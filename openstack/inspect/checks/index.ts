import { isInNextHop } from '../../path/path.ts';
import type { AnsweredQuestion } from '../answers.ts';
import type { CheckFacts, Finding, FindingOnHosts } from '../finding.ts';
import type { CheckContext, CheckFound, CheckReading, InspectionCheck } from './check.ts';
import { backupSpaceCheck } from './databases/backup-space.ts';
import { gatesCheck } from './databases/gates.ts';
import { databaseLoginCheck } from './databases/login.ts';
import { novaServicesCheck } from './databases/nova-services.ts';
import { schemasCheck } from './databases/schemas.ts';
import { databaseServerCheck } from './databases/server.ts';
import { archivesCheck } from './hosts/archives.ts';
import { certificatesCheck } from './hosts/certificates.ts';
import { configOptionsCheck } from './hosts/config-options.ts';
import { cronLinesCheck } from './hosts/cron-lines.ts';
import { deprecationsCheck } from './hosts/deprecations.ts';
import { hostStateCheck } from './hosts/host-state.ts';
import { operatingSystemCheck } from './hosts/operating-system.ts';
import { packagesCheck } from './hosts/packages.ts';
import { unitsCheck } from './hosts/units.ts';
import { unnamedProjectsCheck } from './hosts/unnamed-projects.ts';
import { apiPlacesCheck } from './services/api-places.ts';
import { backendsCheck } from './services/backends.ts';
import { dashboardCheck } from './services/dashboard.ts';
import { memcachedCheck } from './services/memcached.ts';
import { messageQueueCheck } from './services/message-queue.ts';
import { ovnCheck } from './services/ovn.ts';

/** All that inspection looks at, in the order in which it is read: later checks see what earlier ones have found. */
export const inspectionChecks: readonly InspectionCheck[] = [
  operatingSystemCheck,
  packagesCheck,
  unitsCheck,
  schemasCheck,
  backupSpaceCheck,
  backendsCheck,
  memcachedCheck,
  cronLinesCheck,
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
  unnamedProjectsCheck,
];

const order = ['bad', 'warn', 'note'] as const;

export interface InspectionReading {
  readonly found: CheckFound;
  /** Worst first. */
  readonly findings: FindingOnHosts[];
  readonly facts: CheckFacts;
}

/** What all checks find, one after the other. */
export function readChecks(
  context: Omit<CheckContext, 'found' | 'series'>,
  answered: readonly AnsweredQuestion[],
): InspectionReading {
  const read: CheckReading[] = [];
  let here: CheckContext = { ...context, found: {}, series: [] };
  for (const check of inspectionChecks) {
    const reading = check.read(
      answered.filter((one) => one.check === check.id),
      here,
    );
    read.push(reading);
    here = contextAfter(here, reading);
  }
  const findings = read.flatMap((one) => one.findings ?? []);
  const all = together(findings.map((one) => today(one, here)));
  return {
    found: here.found,
    findings: order.flatMap((level) => all.filter((one) => one.level === level)),
    facts: read.reduce<CheckFacts>((known, { facts }) => ({ ...known, ...facts }), {}),
  };
}

function contextAfter(context: CheckContext, { found }: CheckReading): CheckContext {
  if (found === undefined) return context;
  const all = { ...context.found, ...found };
  return { ...context, found: all, series: [...new Set(Object.values(all.series ?? {}).flat())] };
}

/** What a hop after the next one meets is no warning today. */
const today = (finding: Finding, { series, knowledge }: CheckContext): Finding =>
  finding.into === undefined || isInNextHop(finding.into, series, knowledge)
    ? finding
    : { ...finding, level: 'note' };

/** What is true of many hosts is said once. */
function together(findings: readonly Finding[]): FindingOnHosts[] {
  const seen = new Map<string, FindingOnHosts & { hosts: string[] }>();
  for (const { host, into: _into, ...finding } of findings) {
    const key = JSON.stringify([finding.level, finding.what]);
    const one = seen.get(key) ?? { ...finding, hosts: [] };
    if (host !== undefined && !one.hosts.includes(host)) one.hosts.push(host);
    seen.set(key, one);
  }
  return [...seen.values()];
}
