import { isForHop } from '../knowledge/hop-span.ts';
import type { Knowledge } from '../knowledge/knowledge.ts';
import type { Hop } from './path.ts';
import type { KnownIssue } from '../knowledge/schemas.ts';

interface Upgraded {
  readonly services: readonly string[];
  /** The distribution release that the hosts have once the hop is made. */
  readonly codename: string | undefined;
}

/** What people should have read before they approve a hop of these services. */
export function knownIssues(
  { issues, distributions }: Pick<Knowledge, 'issues' | 'distributions'>,
  hop: Pick<Hop, 'from' | 'to'>,
  { services, codename }: Upgraded,
): KnownIssue[] {
  const distribution =
    codename === undefined ? undefined : distributions.distributions[codename]?.distribution;
  return issues.filter(
    (issue) =>
      issue.services.some((service) => services.includes(service)) &&
      isForHop(issue.hops, hop) &&
      (issue.on === undefined || issue.on.some((on) => on === codename || on === distribution)),
  );
}
