import { type RollbackPlan, firstUndone, planRollback } from './rollback.ts';
import {
  aloneAfterMs,
  isOutdated,
  isPhrase,
  rollbackDemand,
  rollbackMark,
} from './rollback-demand.ts';
import { type ProposedRollback, type Run } from '../run.ts';
import type { Action, PersonRights, Verdict } from '../action.ts';

interface Asking {
  readonly by: string;
  readonly at: string;
}

type Wish = Pick<Action, 'step' | 'phrase' | 'text' | 'aloneAfterMs'>;

/** Whether, and as which event, a person rolls a run back, or asks a second one to confirm it. Pure. */
export function rollbackVerdict(run: Run, wish: Wish, { by, at }: Asking): Verdict {
  const { proposed } = run;
  // Whoever asked does not have to name the step again.
  const step = wish.step ?? (proposed?.by === by ? proposed.to : undefined);
  const way = planRollback(run, step);
  const why = whyNotTo(run, { step, way });
  if (why !== undefined || way.to === undefined)
    return incomplete(why ?? 'nothing that began would be undone');
  const { people, phrase } = rollbackDemand(run, way);
  const stands = proposed?.to === way.to && !isOutdated(run, proposed);
  if (stands && proposed.by !== by) return confirmInstead(run, proposed);
  if (phrase !== undefined && !stands && !isPhrase(wish.phrase, phrase))
    return incomplete(
      `"${way.barrier?.title}" stays as it is: no rollback undoes it. Type that you know: /upgrade rollback ${run.id}${wish.step === undefined ? '' : ` ${wish.step}`} confirm ${phrase}`,
    );
  const reason = wish.text?.trim() ?? '';
  if (people === 1) return { event: { type: 'RollbackRequested', at, by, to: way.to } };
  if (stands) return aloneVerdict(proposed, { by, at, reason, run: run.id });
  return {
    event: {
      type: 'RollbackProposed',
      at,
      by,
      to: way.to,
      mark: rollbackMark(run, way.to),
      aloneAfterMs: wish.aloneAfterMs ?? aloneAfterMs,
      ...(phrase !== undefined && { phrase }),
      ...(reason !== '' && { reason }),
    },
  };
}

const confirmInstead = (run: Run, { by }: ProposedRollback): Verdict => ({
  refused: 'already',
  reason: `${by} asked for just that and needs a second person: /upgrade approve ${run.id}`,
  people: [by],
});

/** Nobody came: who asked may go alone, with a reason, once the time is over. */
function aloneVerdict(
  { at: since, to, aloneAfterMs: waitMs }: ProposedRollback,
  { by, at, reason, run }: Asking & { readonly reason: string; readonly run: string },
): Verdict {
  const waited = Date.parse(at) - Date.parse(since);
  if (waited < waitMs) {
    const left = Math.max(1, Math.ceil((waitMs - waited) / 60_000));
    return {
      refused: 'already',
      reason: `you asked for it; a second person has to confirm it: /upgrade approve ${run}. If nobody does, you can go alone in ${left} min, with a reason`,
    };
  }
  if (reason === '')
    return incomplete(
      `nobody has confirmed it; to go alone, say why: /upgrade rollback ${run} because REASON`,
    );
  return { event: { type: 'RollbackRequested', at, by, to, alone: { since, reason } } };
}

/** Whether, and as which event, the second person lets a rollback go that another one asked for. Pure. */
export function confirmVerdict(
  run: Run,
  { proposer }: Pick<Action, 'proposer'>,
  { by, at }: Asking,
): Verdict {
  const { proposed } = run;
  if (proposed === undefined) return incomplete('nobody has asked for a rollback');
  if (proposed.by === by)
    return {
      refused: 'already',
      reason: 'you asked for this rollback; a second person has to confirm it',
    };
  if (proposer?.id !== proposed.by || !mayGoBack(proposer))
    return {
      refused: 'stale',
      reason: `${proposed.by}, who asked for it, can roll nothing back any more. Ask for it yourself, and a second person confirms: /upgrade rollback ${run.id}`,
      people: [proposed.by],
    };
  if (isOutdated(run, proposed))
    return {
      refused: 'stale',
      reason: `something else has begun since, so it would cost something else. Ask for it again: /upgrade rollback ${run.id}`,
    };
  return { event: { type: 'RollbackRequested', at, by, to: proposed.to, askedBy: proposed.by } };
}

/** Who may ask for a rollback, and who may be its second person. */
export const mayGoBack = ({ isEngineer, isApprover }: PersonRights): boolean =>
  isEngineer || isApprover;

/** Why a rollback cannot lead there; undefined where it can. */
function whyNotTo(
  run: Run,
  { step, way }: { readonly step: string | undefined; readonly way: RollbackPlan },
): string | undefined {
  const ids = run.plan.steps.map(({ id }) => id);
  if (step !== undefined && !ids.includes(step))
    return `the plan has no step ${step}; its steps are ${ids.join(', ')}`;
  if (
    step !== undefined &&
    way.barrier !== undefined &&
    ids.indexOf(step) <= ids.indexOf(way.barrier.id)
  )
    return `a rollback cannot go to before "${way.barrier.title}": it is ${way.barrier.exit === 'oneWay' ? 'one-way' : 'not covered by a backup'}. It can go to just after it: /upgrade rollback ${run.id}`;
  if (way.to === undefined) return 'nothing that began would be undone';
  if (way.needs !== undefined)
    return `that would leave ${way.needs.restores === 'hosts' ? 'hosts' : 'schemas or data'} as the run changed them: only the restore of "${way.needs.title}" undoes them. Roll back to before that: /upgrade rollback ${run.id} ${way.needs.id}`;
  const undone = firstUndone(run);
  if (undone !== undefined && ids.indexOf(way.to) > ids.indexOf(undone.id))
    return `undoing "${undone.title}" has begun already, so the rollback goes to before it at least: /upgrade rollback ${run.id} ${undone.id}`;
  return undefined;
}

const incomplete = (reason: string): Verdict => ({ refused: 'incomplete', reason });
