import { isForHop } from './hop-span.ts';
import type { Knowledge } from './knowledge.ts';
import type { Hop } from './road.ts';
import type { KnownIssue } from './schemas.ts';

/** What people should have read before they approve a hop of these services. */
export const knownIssues = (
  { issues }: Pick<Knowledge, 'issues'>,
  hop: Pick<Hop, 'from' | 'to'>,
  services: readonly string[],
): KnownIssue[] =>
  issues.filter(
    (issue) =>
      issue.services.some((service) => services.includes(service)) && isForHop(issue.hops, hop),
  );
