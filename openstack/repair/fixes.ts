import { z } from 'zod';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { countText } from '../../handlers/words/counts.ts';
import { releaseWord } from '../../handlers/words/release-word.ts';
import { refuseUncovered } from '../../jobs/run/rollback/backups.ts';
import type { PlanStep } from '../../jobs/run/plan.ts';
import { type Run, hostStep } from '../../jobs/run/run.ts';
import { type FailedStep, type Fix, failedStep } from '../../jobs/run/fixes.ts';
import { type RepairContext, planFixSteps } from './heal.ts';
import type { Hop } from '../path/path.ts';
import type { FailureSignature } from '../knowledge/schemas.ts';
import { ReleaseName, releaseNames } from '../knowledge/releases.ts';
import { type RecogniseFailure, stepFailure, signatureOf } from './signature.ts';
import { composeSteps } from '../../jobs/run/compose.ts';

interface Question {
  readonly run: Run;
  readonly failed: FailedStep;
  /** A number, counted from 1, or `disk-full.1`: then only of that failure. */
  readonly choice: string;
}

/**
 * A fix of the failure that a run stands still at, as steps on this cloud. Throws `UnknownFailure`, `UnknownFix`,
 * `NoBackup` where nothing would restore what it changes, `NoFixSteps` for one that a person goes, `FixElsewhere` for hosts or programs that the run does not have.
 */
export function planFix(place: RepairContext, { run, failed, choice }: Question): Fix {
  const { signature, way } = chosen(place, { run, failed, choice });
  const { title, after, steps } = way;
  if (steps.length === 0 || (after !== 'retry' && after !== 'skip')) throw noSteps(run, way);
  const specs = planFixSteps(place, {
    hop: hopOf(place, { run, failed, signature }),
    steps,
    hosts: failed.hosts,
  });
  const cloud = { ...place.cloud, ssh: { ...place.cloud.ssh, become: run.plan.become } };
  const composed = specs.length === 0 ? [] : composeSteps(cloud, specs);
  const host = composed
    .flatMap(({ hosts }) => hosts)
    .find((name) => !Object.hasOwn(run.plan.targets, name));
  if (composed.length === 0 || host !== undefined) throw elsewhere(run, { title, host });
  const { steps: planned } = run.plan;
  const before = planned.slice(
    0,
    planned.findIndex(({ id }) => id === failed.step.id),
  );
  refuseUncovered([...before, ...composed]);
  return { title, after, steps: withFailureShown(composed, run, failed) };
}

/** Who approves a person's work sees what it is about: the rows, for example, that a check has found. */
function withFailureShown(
  [first, ...rest]: readonly PlanStep[],
  run: Run,
  { step, hosts: [host = ''] }: FailedStep,
): PlanStep[] {
  if (first === undefined || ![first, ...rest].some(({ doer }) => doer === 'person'))
    return first === undefined ? [] : [first, ...rest];
  const { failure, tail = '' } = hostStep(run, { phase: 'apply', step: step.id, host });
  const said = (tail.trim() || (failure?.reason ?? ''))
    .split('\n')
    .filter((line) => line.trim() !== '');
  const shown = said.slice(0, mostShown);
  const left = said.length - shown.length;
  const notes = [
    `What "${step.title}" said on ${host}:`,
    ...shown,
    ...(left > 0 ? [`and ${countText(left, 'more line')}: /upgrade log ${run.id} ${step.id}`] : []),
  ];
  return [{ ...first, notes: [...(first.notes ?? []), ...notes] }, ...rest];
}

const mostShown = 30;

/** Recognises a run's failure, offering those fixes alone that can be planned on its cloud now; the rest a person does. */
export function plannableFixes(
  recognise: RecogniseFailure,
  place: RepairContext,
  run: Run,
): RecogniseFailure {
  const failed = failedStep(run);
  // A card asks for several hosts and for its buttons.
  const plannable = new Map<string, boolean>();
  const canPlan = (of: FailedStep, choice: string): boolean => {
    const can = plannable.get(choice) ?? isPlanned(place, { run, failed: of, choice });
    plannable.set(choice, can);
    return can;
  };
  return (failure) => {
    const known = recognise(failure);
    if (known === undefined || failed === undefined) return known;
    return {
      ...known,
      waysOut: known.waysOut.map((way, index) => ({
        ...way,
        hasSteps: way.hasSteps && canPlan(failed, `${known.id}.${index + 1}`),
      })),
    };
  };
}

function isPlanned(place: RepairContext, question: Question): boolean {
  try {
    return planFix(place, question).steps.length > 0;
  } catch (error) {
    if (error instanceof OperatorError) return false;
    throw error;
  }
}

function chosen({ knowledge }: RepairContext, { run, failed: { step, hosts }, choice }: Question) {
  const [, known, number = ''] = /^(?:([a-z0-9-]+)\.)?(\d{1,2})$/.exec(choice) ?? [];
  const [host = ''] = hosts;
  const failure = stepFailure(run, { phase: 'apply', step: step.id, host });
  const signature = failure && signatureOf(failure, knowledge.signatures);
  if (signature === undefined)
    throw new OperatorError(`looking for fixes of "${step.title}": it is no failure that we know`, {
      name: 'UnknownFailure',
      hint: `Read what it printed: /upgrade log ${run.id} ${step.id}`,
    });
  const way = signature.waysOut[Number(number) - 1];
  if (way === undefined || (known !== undefined && known !== signature.id))
    throw new OperatorError(
      `looking for fix ${JSON.stringify(choice.slice(0, 60))} of "${signature.title}": there is none; it has ${signature.waysOut.map(({ title }, index) => `${index + 1} (${title})`).join(', ')}`,
      { name: 'UnknownFix', hint: `The card shows them: /upgrade status ${run.id}` },
    );
  if (known === undefined && wasTriedBefore(run, { step, host }))
    throw whichFix(run, { signature, number });
  return { signature, way };
}

/** A number was read off a card that may have shown an earlier failure. */
const wasTriedBefore = (
  run: Run,
  { step, host }: { readonly step: PlanStep; readonly host: string },
): boolean =>
  run.fixesChosen > 0 || hostStep(run, { phase: 'apply', step: step.id, host }).attempt > 1;

const whichFix = (
  run: Run,
  { signature, number }: { readonly signature: FailureSignature; readonly number: string },
): OperatorError =>
  new OperatorError(
    `looking for fix ${number}: this step has failed before, and its failure may be another one now: ${signature.title}`,
    {
      name: 'WhichFix',
      hint: `If that is meant: /upgrade fix ${run.id} ${signature.id}.${number}`,
    },
  );

interface Where {
  readonly run: Run;
  readonly failed: FailedStep;
  readonly signature: FailureSignature;
}

/** The hop that a failure belongs to: as it is known, else as the step says, or the nearest before it that does. */
function hopOf(
  { cloud }: RepairContext,
  { run, failed, signature }: Where,
): Pick<Hop, 'from' | 'to'> {
  if (signature.hop !== undefined) {
    const [from, to] = signature.hop;
    return { from, to };
  }
  const { steps } = run.plan;
  const before = steps.slice(0, steps.findIndex(({ id }) => id === failed.step.id) + 1);
  const said = before.toReversed().flatMap(hopOfStep);
  const own = ReleaseName.safeParse(releaseWord(cloud.series ?? '')).data;
  const [{ from, to } = { from: undefined, to: own }] = said;
  if (to === undefined)
    throw new OperatorError(`planning a fix of "${signature.title}": no step says its release`, {
      name: 'NoRelease',
      hint: `Set series in ${cloud.name}.yaml.`,
    });
  return { from: from ?? releaseNames[releaseNames.indexOf(to) - 1] ?? to, to };
}

/** The programs that a step runs may be of another release than the one that its hop leads to. */
function hopOfStep({ params, hop }: PlanStep) {
  const own = OfSeries.safeParse(params).data?.series;
  const to = ReleaseName.safeParse(own ?? hop?.to).data;
  if (to === undefined) return [];
  return [{ from: to === hop?.to ? ReleaseName.safeParse(hop.from).data : undefined, to }];
}

const OfSeries = z.looseObject({
  series: z.string().transform(releaseWord).pipe(ReleaseName),
});

const noSteps = (run: Run, { title, after }: FailureSignature['waysOut'][number]): OperatorError =>
  new OperatorError(`"${title}" is for a person: Hopscotch has no steps for it`, {
    name: 'NoFixSteps',
    hint: [
      after === 'retry' || after === 'skip' ? 'Do it, then type' : 'Type',
      `/upgrade ${after} ${run.id}${after === 'skip' ? ' REASON' : ''}`,
    ].join('\n'),
  });

const elsewhere = (
  run: Run,
  { title, host }: { readonly title: string; readonly host: string | undefined },
): OperatorError =>
  new OperatorError(
    `planning "${title}" for run ${run.id}: ${host === undefined ? 'this cloud has nothing that it would run on' : `it would run on ${host}, which is not part of this run`}`,
    { name: 'FixElsewhere', hint: 'Do it by hand, then press Retry.' },
  );
