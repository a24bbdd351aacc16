import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The clock of a process and of all that it starts, which can be put forward and back while they run. */
export interface JumpingClock {
  readonly env: Readonly<Record<string, string>>;
  /** From the time of this machine, in ms. */
  readonly jumpTo: (offsetMs: number) => void;
}

export function jumpingClock(dir: string, name: string): JumpingClock {
  const file = join(dir, `${name}.clock`);
  const jumpTo = (offsetMs: number): void => writeFileSync(file, String(offsetMs));
  jumpTo(0);
  return {
    env: {
      NODE_OPTIONS: `--import ${join(import.meta.dirname, 'jumping-clock.js')}`,
      CHAOS_CLOCK: file,
    },
    jumpTo,
  };
}
