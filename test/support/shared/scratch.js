import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const stem = 'hopscotch-tests-';

/**
 * A folder in memory for what tests write, or undefined where there is none to be had. On ext4 without a journal whoever makes a
 * file passes over all inodes nearby that were given up in the last five minutes (`recently_deleted` in
 * https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/fs/ext4/ialloc.c): tests that copy whole hosts and take
 * them away again spent half of their processor time there.
 */
export async function mountScratch() {
  if (process.getuid?.() !== 0 || (await availableKiB()) < 6 * 1024 * 1024) return undefined;
  await unmountLeft();
  const dir = await mkdtemp(join(tmpdir(), `${stem}${process.pid}-`));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'mode=1777,size=50%', 'hopscotch-tests', dir]);
    return dir;
  } catch {
    await rmdir(dir);
    return undefined;
  }
}

/** Hosts' namespaces may hold it a moment longer. */
export async function unmountScratch(dir) {
  await run('umount', ['--lazy', dir]).catch(() => {});
  await rmdir(dir).catch(() => {});
}

/** Those of runs that were killed. */
async function unmountLeft() {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(stem));
  for (const name of names) {
    const [pid] = name.slice(stem.length).split('-');
    if (!isAlive(Number(pid))) await unmountScratch(join(tmpdir(), name));
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function availableKiB() {
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => '');
  return Number(/^MemAvailable: +(\d+) kB/m.exec(text)?.[1] ?? 0);
}
