import { isForHop } from '../knowledge/hop-span.ts';
import type { PlanContext } from './context.ts';
import type { Hop } from '../path/path.ts';

/** What inspection has counted that stands in a hop's way, with what clears it and what one gets otherwise. */
export const gateNotes = ({ knowledge, facts, chosen }: PlanContext, hop: Hop): string[] =>
  knowledge.gates
    .filter(({ service }) => chosen.some(({ known }) => known.name === service))
    .filter(({ hops }) => hop.from !== hop.to && isForHop(hops, hop))
    .flatMap(({ id, title, rows, before, otherwise, source }) => {
      const count = facts.blocked[id] ?? 0;
      return count === 0
        ? []
        : [`${title}: ${count} ${rows?.what ?? ''}. ${before} Otherwise: ${otherwise} [${source}]`];
    });
