import { isInNextHop } from '../../path/path.ts';
import type { AnsweredQuestion } from '../answers.ts';
import type { CheckFacts, Finding, FindingOnHosts } from '../finding.ts';
import type { CheckContext, CheckFound, CheckReading, InspectionCheck } from './check.ts';
import { checksIn } from './found-checks.ts';

/** All that inspection looks at, each a file in a room beside this one; what the others read beside stands first. */
export const inspectionChecks = firstChecksFirst(await checksIn(import.meta.dirname));

function firstChecksFirst(checks: readonly InspectionCheck[]): readonly InspectionCheck[] {
  const first = checks.filter(({ isFirst }) => isFirst === true);
  return [...first, ...checks.filter((check) => !first.includes(check))];
}

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
