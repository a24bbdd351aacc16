import type { SimulatedCore } from './core.ts';

/** The core with one thing wrong, and the promise that breaks by it. */
export interface Mutant {
  readonly wrong: string;
  readonly core: SimulatedCore;
  readonly breaks: RegExp;
}
