import { onceEach } from '../../handlers/contract/once-each.ts';
import type { Purpose } from '../files/purposes.ts';
import type { Plan, PlanStep } from '../run/plan.ts';

/** Steps in a row whose progress one message of the run's thread tells. */
export type ToldStage = readonly PlanStep[];

/** However long the plan, so many messages tell how it goes, but one for each approval at least. */
const mostForward = 14;
const mostInPart = 8;
const mostBack = 5;

/** The stages of a run on its way forward. Steps of a fix belong to the stage of the step that failed. */
export const forwardStages = onceEach((plan: Plan): readonly ToldStage[] => {
  const parts = partsOf(plan.steps.filter(({ way }) => way === undefined));
  const most = Math.max(1, Math.min(mostInPart, Math.floor(mostForward / parts.length)));
  const planned = parts.flatMap((part) => merged(unitsOf(part), most));
  return withFixes(plan, planned);
});

/** The stages of a rollback, in the order in which the steps are undone. */
export const backStages = (steps: readonly PlanStep[]): readonly ToldStage[] =>
  merged(unitsOf(steps), mostBack);

/** What one approval lets run. */
function partsOf(steps: readonly PlanStep[]): ToldStage[] {
  const parts: PlanStep[][] = [];
  for (const step of steps) {
    if (parts.length === 0 || step.gate !== undefined) parts.push([]);
    parts.at(-1)?.push(step);
  }
  return parts;
}

/** Steps in a row that serve one end; those that serve any of them go with what stands before them. */
function unitsOf(steps: readonly PlanStep[]): ToldStage[] {
  const units: { end: string | undefined; steps: PlanStep[] }[] = [];
  for (const step of steps) {
    const end = endOf(step);
    const last = units.at(-1);
    if (last !== undefined && (end === undefined || last.end === undefined || last.end === end)) {
      last.steps.push(step);
      last.end ??= end;
    } else units.push({ end, steps: [step] });
  }
  return units.map((unit) => unit.steps);
}

/** What a step of an operator's own runbook is for is not known, so each is told by itself while there are few. */
const endOf = ({ purpose, id }: PlanStep): string | undefined =>
  purpose === undefined ? id : ENDS[purpose];

const ENDS: Readonly<Partial<Record<Purpose, string>>> = {
  drain: 'close',
  stop: 'close',
  'back-up': 'back up',
  'snapshot-hosts': 'back up',
  'keep-packages': 'packages',
  'switch-repository': 'packages',
  'upgrade-packages': 'packages',
  'remove-packages': 'packages',
  'repair-packages': 'packages',
  'write-configuration': 'packages',
  'sync-schema': 'schemas',
  'migrate-data': 'schemas',
  'pin-rpc': 'schemas',
  start: 'schemas',
  restart: 'schemas',
  enable: 'reopen',
};

/** At most so many: the two neighbours that are least together become one, again and again. */
function merged(units: readonly ToldStage[], most: number): ToldStage[] {
  const all = [...units];
  while (all.length > most) {
    const sizes = all.map(sizeOf);
    const sums = sizes.slice(1).map((size, index) => size + (sizes[index] ?? 0));
    const at = sums.indexOf(Math.min(...sums));
    all.splice(at, 2, [...(all[at] ?? []), ...(all[at + 1] ?? [])]);
  }
  return all;
}

const sizeOf = (steps: ToldStage): number =>
  steps.reduce((sum, { hosts }) => sum + hosts.length, 0);

function withFixes({ steps }: Plan, stages: readonly ToldStage[]): readonly ToldStage[] {
  const firsts = new Set(stages.map(([first]) => first?.id));
  const all: PlanStep[][] = [];
  for (const step of steps) {
    if (all.length === 0 || (step.way === undefined && firsts.has(step.id))) all.push([]);
    all.at(-1)?.push(step);
  }
  return all;
}
