import type { Knowledge } from './knowledge.ts';
import type { Hop } from './road.ts';
import type { KnownIssue } from './schemas.ts';

/** What people should have read before they approve a hop of these services. */
export const knownIssues = (
  { issues }: Pick<Knowledge, 'issues'>,
  { from, to }: Pick<Hop, 'from' | 'to'>,
  services: readonly string[],
): KnownIssue[] =>
  issues.filter(
    (issue) =>
      issue.services.some((service) => services.includes(service)) &&
      issue.hops.some(([before, after]) => before === from && after === to),
  );
