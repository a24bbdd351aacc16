import { drainPart } from './drain.ts';
import { drillParts } from './drills.ts';
import { errorsPart } from './errors.ts';
import { cloudName } from './lab.ts';
import { linksPart } from './links.ts';
import type { LabPart } from './part.ts';
import { inspectPart, refusedPart, upgradePart } from './upgrade.ts';
import { backParts } from './warm/back.ts';
import { hopPart, pingsPart, plannedPart, servesPart } from './warm/hop.ts';

/** What the cloud of this run shows, in the order in which it is played. */
export const labParts: readonly LabPart[] =
  cloudName === 'warm'
    ? [servesPart, plannedPart, pingsPart, hopPart, ...backParts]
    : [inspectPart, refusedPart, upgradePart, ...drillParts, linksPart, errorsPart, drainPart];
