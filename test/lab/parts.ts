import type { Part } from './part.ts';
import { inspectPart, refusedPart, upgradePart } from './upgrade.ts';

/** In the order in which they are played. */
export const parts: readonly Part[] = [inspectPart, refusedPart, upgradePart];
