import { realCore } from './core.ts';
import type { Mutant } from './mutant.ts';

const { actOnRun } = realCore;

/** Ways in which a rollback could get around its second person. */
export const rollbackMutants: readonly Mutant[] = [
  {
    wrong: 'one person alone rolls back what has moved',
    core: {
      ...realCore,
      actOnRun: (run, action, person, at) => {
        const verdict = actOnRun(run, action, person, at);
        if (!('event' in verdict) || verdict.event.type !== 'RollbackProposed') return verdict;
        return { event: { type: 'RollbackRequested', at, by: person.id, to: verdict.event.to } };
      },
    },
    breaks: /was asked for first/,
  },
  {
    wrong: 'who asked for a rollback confirms it',
    core: {
      ...realCore,
      actOnRun: (run, action, person, at) =>
        action.name === 'confirm' && run.proposed?.by === person.id
          ? {
              event: {
                type: 'RollbackRequested',
                at,
                by: person.id,
                to: run.proposed.to,
                askedBy: person.id,
              },
            }
          : actOnRun(run, action, person, at),
    },
    breaks: /a second person confirms/,
  },
  {
    wrong: 'nobody has to be waited for',
    core: {
      ...realCore,
      actOnRun: (run, action, person, at) =>
        actOnRun(
          run.proposed === undefined || action.name !== 'rollback'
            ? run
            : { ...run, proposed: { ...run.proposed, aloneAfterMs: 0 } },
          action,
          person,
          at,
        ),
    },
    breaks: /nobody goes alone too early/,
  },
];
