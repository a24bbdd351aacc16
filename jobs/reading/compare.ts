import type { Plan } from '../run/plan.ts';
import type { PlanOddity, ComparedWith } from '../run/review.ts';
import { longestCommonPairs } from './likeness.ts';
import { hostNeutraliser } from './neutral.ts';
import { isContentSetting, settingsOfCloud, stepSettings } from './settings.ts';
import { type ReadStep, readSteps } from './steps.ts';
import { turnBlocks } from './turns.ts';

/** Steps with the settings of each, comparable with those of other plans. */
export interface ComparablePlan {
  readonly steps: readonly ComparedStep[];
}

interface ComparedStep {
  readonly read: ReadStep;
  /** The same for steps that do the same, with whatever settings. */
  readonly subject: string;
  readonly settings: ReadonlyMap<string, string>;
}

export function comparablePlan(
  plan: Plan,
  read: readonly ReadStep[] = readSteps(plan),
): ComparablePlan {
  const neutral = hostNeutraliser(plan);
  return {
    steps: read.map((one) => ({
      read: one,
      subject: `${one.step.kind} ${one.says}`,
      settings: stepSettings(one.step, neutral),
    })),
  };
}

/**
 * How steps differ from earlier ones: what is new, missing, elsewhere in the order, or done with other settings. Hosts, and
 * how many of them take the same turn, make no difference.
 */
export function planDifferences(
  now: ComparablePlan,
  then: ComparablePlan,
  than: ComparedWith,
): PlanOddity[] {
  return [...inOrder(now, then, than), ...inSettings(now, then, than)];
}

/** One entry for each thing in a row, turns once. */
interface Entry {
  readonly subject: string;
  readonly turns: number;
  readonly steps: readonly ComparedStep[];
}

const entriesOf = ({ steps }: ComparablePlan): Entry[] =>
  turnBlocks(steps, ({ subject }) => subject).flatMap(({ turns, units }) =>
    units.map(({ key, members }) => ({ subject: key, turns, steps: members })),
  );

function inOrder(now: ComparablePlan, then: ComparablePlan, than: ComparedWith): PlanOddity[] {
  const [ours, theirs] = [entriesOf(now), entriesOf(then)];
  const pairs = longestCommonPairs(
    ours.map(({ subject }) => subject),
    theirs.map(({ subject }) => subject),
  );
  const [kept, met] = [new Set(pairs.map(([a]) => a)), new Set(pairs.map(([, b]) => b))];
  const [known, still] = [subjectsOf(then), subjectsOf(now)];
  const extra = ours.filter((_entry, index) => !kept.has(index));
  const left = theirs.filter((_entry, index) => !met.has(index));
  return [
    ...extra.map(({ subject, steps }): PlanOddity => {
      const isMoved = left.some((entry) => entry.subject === subject);
      const code = known.has(subject) && isMoved ? 'moved' : 'added';
      return { code, steps: numbersOf(steps), says: saysOf(steps), than };
    }),
    ...left
      .filter(({ subject }) => !still.has(subject) || !extra.some((one) => one.subject === subject))
      .map(({ steps }): PlanOddity => ({ code: 'missing', says: saysOf(steps), than })),
    ...pairs.flatMap(([a, b]) => {
      const [one, other] = [ours[a], theirs[b]];
      return one === undefined || other === undefined
        ? []
        : [...lessAsked(one, other), ...faster(one, other)].map((odd) => ({ ...odd, than }));
    }),
  ];
}

type Odd = Omit<Extract<PlanOddity, { code: 'changed' }>, 'than'>;

const oddly = (steps: readonly ComparedStep[], how: Pick<Odd, 'setting' | 'was' | 'is'>): Odd => ({
  code: 'changed',
  steps: numbersOf(steps),
  says: saysOf(steps),
  ...how,
});

/** People were asked before each turn, and now before fewer or none. */
function lessAsked(now: Entry, then: Entry): Odd[] {
  const asked = ({ steps }: Entry): number =>
    steps.filter(({ read }) => read.step.gate !== undefined).length;
  if (asked(then) === 0 || asked(now) >= now.turns) return [];
  if (asked(now) > 0 && asked(then) < then.turns) return [];
  const steps = now.steps.filter(({ read }) => read.step.gate === undefined);
  return [oddly(steps, { setting: 'approval', was: 'asked', is: 'not asked' })];
}

/** More hosts at a time than before. */
function faster(now: Entry, then: Entry): Odd[] {
  const limits = then.steps.map(({ read: { step } }) =>
    step.batch < step.hosts.length ? step.batch : Infinity,
  );
  const isAlike = now.steps.length === then.steps.length;
  return now.steps.flatMap((one, index) => {
    const { batch, hosts } = one.read.step;
    const [is, was] = [
      Math.min(batch, hosts.length),
      (isAlike ? limits[index] : undefined) ?? Math.max(...limits),
    ];
    return is > was
      ? [oddly([one], { setting: 'hosts at a time', was: `${was}`, is: `${is}` })]
      : [];
  });
}

function inSettings(now: ComparablePlan, then: ComparablePlan, than: ComparedWith): PlanOddity[] {
  const earlier = new Map<string, ComparedStep[]>();
  for (const step of then.steps)
    earlier.set(step.subject, [...(earlier.get(step.subject) ?? []), step]);
  const bySubject = new Map<string, ComparedStep[]>();
  for (const step of now.steps)
    bySubject.set(step.subject, [...(bySubject.get(step.subject) ?? []), step]);
  return [...bySubject].flatMap(([subject, steps]) => {
    const known = earlier.get(subject);
    return known === undefined ? [] : changed(steps, known, than);
  });
}

/** A setting with a value that no earlier step of the same subject had. */
function changed(
  steps: readonly ComparedStep[],
  known: readonly ComparedStep[],
  than: ComparedWith,
): PlanOddity[] {
  const names = new Set([...steps, ...known].flatMap(({ settings }) => [...settings.keys()]));
  return [...names].flatMap((name): PlanOddity[] => {
    if (than === 'rehearsal' && settingsOfCloud.has(name.split('.').at(-1) ?? '')) return [];
    const were = new Set(known.map(({ settings }) => settings.get(name) ?? NONE));
    const others = steps.filter(({ settings }) => !were.has(settings.get(name) ?? NONE));
    const [first] = others;
    if (first === undefined || (isContentSetting(name) && name === 'sha256')) return [];
    const numbers = numbersOf(others);
    if (isContentSetting(name)) {
      const path = first.settings.get('path') ?? first.read.says;
      return [{ code: 'content', steps: numbers, path, than }];
    }
    const [was = NONE] = were;
    const is = first.settings.get(name) ?? NONE;
    return [
      { code: 'changed', steps: numbers, says: first.read.says, setting: name, was, is, than },
    ];
  });
}

const NONE = 'unset';

const subjectsOf = ({ steps }: ComparablePlan): ReadonlySet<string> =>
  new Set(steps.map(({ subject }) => subject));

const numbersOf = (steps: readonly ComparedStep[]): number[] =>
  steps.map(({ read }) => read.number);

const saysOf = (steps: readonly ComparedStep[]): string => steps[0]?.read.says ?? '';
