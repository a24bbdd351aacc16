import type { RealLab } from './lab.ts';
import type { LabWorld } from './world.ts';

/** One thing that the lab shows, from a snapshot on. */
export interface LabPart {
  readonly id: string;
  readonly title: string;
  /** The snapshot that the hosts are put back to before; absent: they stay as the part before has left them. */
  readonly from?: string;
  /** A folder with the product's files of the same moment; absent: it begins with none. */
  readonly files?: string;
  /** The part that has to be green for this one to make sense. */
  readonly after?: string;
  readonly play: (stage: PartStage) => Promise<void>;
}

export interface PartStage {
  readonly lab: RealLab;
  readonly world: LabWorld;
  readonly say: (line: string) => void;
  /** A tick when it holds, else a cross with what was found instead; the part goes on. */
  readonly expect: (what: string, holds: boolean, instead?: unknown) => void;
  /** A figure for the report. */
  readonly note: (what: string, figure: string | number) => void;
}

export const areSameLists = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  JSON.stringify(a) === JSON.stringify(b);

/** Lines that only one of two lists has, as a diff would show them. */
export function lineDifferences(before: readonly string[], after: readonly string[]): string[] {
  const [old, now] = [new Set(before), new Set(after)];
  return [
    ...before.filter((line) => !now.has(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !old.has(line)).map((line) => `+ ${line}`),
  ];
}
