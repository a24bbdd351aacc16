import { spawnSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';

/** Root alone can give a directory a disk of its own that all processes see. */
export const canMountDisks = userInfo().uid === 0;

export interface OwnDisk {
  readonly fill: () => void;
  /** Makes room again. */
  readonly clear: () => void;
  readonly stop: () => void;
}

/** Gives an empty directory a disk of its own of this size. Undefined where that is not allowed. */
export function ownDisk(path: string, bytes: number): OwnDisk | undefined {
  if (!canMountDisks) return undefined;
  const words = ['-t', 'tmpfs', '-o', `size=${bytes},mode=700`, 'tmpfs', path];
  if (spawnSync('mount', words).status !== 0) return undefined;
  const filler = join(path, 'filler');
  return {
    fill: () => fill(filler),
    clear: () => rmSync(filler, { force: true }),
    stop: () => void spawnSync('umount', ['--lazy', path]),
  };
}

/** Up to the last byte that it takes. */
function fill(filler: string): void {
  const file = openSync(filler, 'a');
  try {
    for (const piece of [Buffer.alloc(65_536), Buffer.alloc(512), Buffer.alloc(1)])
      while (takes(file, piece));
  } finally {
    closeSync(file);
  }
}

function takes(file: number, piece: Buffer): boolean {
  try {
    return writeSync(file, piece) === piece.length;
  } catch {
    return false;
  }
}
