import { OperatorError } from '../../handlers/contract/errors.ts';

/** What changes a cloud is not done long after somebody wanted it: `at` is when, both are ISO 8601. */
export function refuseOverduePress({ at }: { readonly at: string }, now: string): void {
  if (Date.parse(now) - Date.parse(at) <= 5 * 60_000) return;
  throw new OperatorError(`Hopscotch was away when this came in at ${at}, so nothing was done`, {
    hint: 'Look at the run, and do it again if it still makes sense.',
    name: 'Overdue',
  });
}
