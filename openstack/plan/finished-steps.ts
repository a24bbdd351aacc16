import { capital } from '../../handlers/words/letters.ts';
import type { StepHop } from '../../jobs/files/purposes.ts';
import type { StepSpec } from '../../jobs/files/runbook.ts';
import type { Hop } from '../path/path.ts';
import type { PlannedService } from './context.ts';
import type { StepDraft } from './step-drafts.ts';

export interface DraftedHop {
  readonly hop: Hop;
  readonly steps: readonly StepDraft[];
  /** Steps of those that make a hop of their own bear its name. */
  readonly all?: readonly PlannedService[];
}

/**
 * Steps of hops, in the same order, each with its hop, an id that is unique and short enough, and a title that fits the 150
 * characters of a card: `kilo-stop-nova-api`, `Kilo: stop nova-api`.
 */
export function finishedSteps(hops: readonly DraftedHop[]): StepSpec[] {
  const taken = new Set<string>();
  return hops.flatMap(({ hop, steps, all = [] }) =>
    steps.map(({ mark: own, on, ...draft }) => {
      const mark =
        own ?? all.find(({ known }) => known.name === draft.service)?.hop.mark ?? hop.mark;
      const title = mark === '' ? draft.title : `${capital(mark)}: ${draft.title}`;
      const id = freeId(mark === '' ? draft.id : `${mark}-${draft.id}`, taken);
      taken.add(id);
      const [only] = on;
      return {
        ...draft,
        hop: stepHop(hop),
        id,
        title: title.length > 150 ? `${title.slice(0, 149)}…` : title,
        on: on.length === 1 && only !== undefined ? only : [...on],
        maxFailures: 0,
      };
    }),
  );
}

/** What steps of a hop say about it. */
const stepHop = (hop: Hop): StepHop => ({
  from: hop.from === hop.to ? (hop.codenames?.from ?? hop.from) : hop.from,
  to: hop.mark,
});

function freeId(wanted: string, taken: ReadonlySet<string>): string {
  const slug = wanted
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  const cut = (length: number): string => slug.slice(0, length).replace(/-$/, '');
  if (!taken.has(cut(40))) return cut(40);
  for (let count = 2; ; count++) {
    const id = `${cut(40 - String(count).length - 1)}-${count}`;
    if (!taken.has(id)) return id;
  }
}
