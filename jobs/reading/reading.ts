// What people read of a plan before they approve it: derived from its exact words, with every command of every host counted.
// Pure; imports jobs/run and handlers. Others take readingOf and what it answers, and the comparisons of plans.
import type { Plan } from '../run/plan.ts';
import { type PlanStage, planStages } from './stages.ts';
import { type ReadStep, readSteps } from './steps.ts';
import { turnBlocks } from './turns.ts';

/** Steps in a row, or the turns of hosts that do the same one after the other. */
export interface ReadBlock {
  /** How many times in a row, on other hosts each time; 1 for what comes once. */
  readonly turns: number;
  /** Numbers of its first and last step on the card. */
  readonly from: number;
  readonly to: number;
  readonly hosts: readonly string[];
  readonly stages: readonly PlanStage[];
}

/** What one approval lets run: from its step up to the next that asks. */
export interface ReadPart {
  readonly from: number;
  readonly to: number;
  /** How many approvals it takes. */
  readonly needed: number;
  readonly steps: readonly ReadStep[];
  readonly blocks: readonly ReadBlock[];
  /** Command lines, each counted on every host that it runs on. */
  readonly commands: number;
}

/** A plan as people read it. */
export interface PlanReading {
  readonly parts: readonly ReadPart[];
  readonly steps: readonly ReadStep[];
  readonly commands: number;
}

export function readPlan(plan: Plan): PlanReading {
  const steps = readSteps(plan);
  const starts = steps.flatMap(({ step, number }) =>
    number === 1 || step.gate !== undefined ? [number] : [],
  );
  const parts = starts.map((from, index) =>
    readPart(steps.slice(from - 1, (starts[index + 1] ?? steps.length + 1) - 1)),
  );
  return { parts, steps, commands: sum(parts.map(({ commands }) => commands)) };
}

/** The reading of steps that stand in a row. */
export function readPart(steps: readonly ReadStep[]): ReadPart {
  const blocks = turnBlocks(steps, ({ shape }) => shape).map(({ turns, units }): ReadBlock => {
    const members = units.flatMap((unit) => unit.members);
    const numbers = members.map(({ number }) => number);
    return {
      turns,
      from: Math.min(...numbers),
      to: Math.max(...numbers),
      hosts: [...new Set(members.flatMap(({ step }) => step.hosts))],
      stages: planStages(units),
    };
  });
  return {
    from: steps[0]?.number ?? 1,
    to: steps.at(-1)?.number ?? 1,
    needed: steps[0]?.step.gate ?? 0,
    steps,
    blocks,
    commands: sum(steps.map(({ commands }) => commands)),
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
