import { drainPart } from './drain.ts';
import { drillParts } from './drills.ts';
import { errorsPart } from './errors.ts';
import { linksPart } from './links.ts';
import type { LabPart } from './part.ts';
import { inspectPart, refusedPart, upgradePart } from './upgrade.ts';

/** In the order in which they are played. */
export const labParts: readonly LabPart[] = [
  inspectPart,
  refusedPart,
  upgradePart,
  ...drillParts,
  linksPart,
  errorsPart,
  drainPart,
];
