import { readFileSync, readdirSync } from 'node:fs';

interface ProcessTime {
  readonly pid: number;
  readonly parent: number;
  /** Of the process itself, and of all its children that have ended and were waited for. */
  readonly seconds: number;
}

/** Linux counts in hundredths of a second (proc(5), sysconf(_SC_CLK_TCK)). */
const ticksASecond = 100;

/**
 * What `/proc/PID/stat` says of a process's times. It says them in whole hundredths, which is all that many a process of a host
 * takes: `firstThread` is what its first thread ran, as `/proc/PID/schedstat` has it to the nanosecond.
 */
export function parseProcessTime(stat: string, firstThread = 0): ProcessTime {
  const rest = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const secondsAt = (from: number): number =>
    rest.slice(from, from + 2).reduce((sum, text) => sum + Number(text), 0) / ticksASecond;
  const seconds = Math.max(secondsAt(11), firstThread) + secondsAt(13);
  return { pid: Number.parseInt(stat, 10), parent: Number(rest[1]), seconds };
}

function allProcesses(): ProcessTime[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const ran = Number.parseInt(readFileSync(`/proc/${name}/schedstat`, 'utf8'), 10) / 1e9;
      return [parseProcessTime(readFileSync(`/proc/${name}/stat`, 'utf8'), ran)];
    } catch {
      // It ended meanwhile.
      return [];
    }
  });
}

/** A process and all below it, as they are now. */
export function treeOf(root: number): readonly ProcessTime[] {
  const all = allProcesses();
  const found = all.filter(({ pid }) => pid === root);
  // It grows while it is walked.
  for (const { pid } of found) found.push(...all.filter(({ parent }) => parent === pid));
  return found;
}

/** Processor seconds of a process and of all that is, or was, below it. */
export const timeOfTree = (root: number): number =>
  treeOf(root).reduce((sum, { seconds }) => sum + seconds, 0);

/** The most memory that a process ever had at once, in MB. */
export function peakMemory(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}

export const commandLine = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
};
