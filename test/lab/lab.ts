import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const program = join(import.meta.dirname, '..', '..', 'lab', 'lab');
/** Which cloud of `lab/clouds` this is. */
export const cloudName = process.env['LAB_CLOUD'] ?? 'zed-epoxy';
export const labDir = process.env['LAB_DIR'] ?? join('/var/tmp/hopscotch-lab', cloudName);
const cache = join(
  process.env['LAB_CACHE'] ??
    join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'hopscotch'),
  `${cloudName}.tar.zst`,
);

/** Real OpenStack on a few hosts of this machine, besides what Hopscotch does to it. */
export interface RealLab {
  /** Runs a command as root on a host, without SSH. Answers what it printed; throws with its words when it fails. */
  readonly exec: (host: string, ...words: string[]) => Promise<string>;
  /** The same, through a shell. */
  readonly sh: (host: string, script: string) => Promise<string>;
  readonly fault: (name: string, ...words: string[]) => Promise<void>;
  readonly snap: (name: string, ...hosts: string[]) => Promise<void>;
  readonly restore: (name: string, ...hosts: string[]) => Promise<void>;
  readonly snaps: () => Promise<string[]>;
  readonly forget: (snapshot: string) => Promise<void>;
  /** A snapshot of all hosts, and of a folder of this machine at the same moment. */
  readonly keep: (name: string, folder: string) => Promise<void>;
  /** Stops hosts as their own `poweroff` does, and starts them. */
  readonly reboot: (...hosts: string[]) => Promise<void>;
}

/** A lab that is up. Comes from the cache where there is one, else it is built, which takes some minutes, and cached. */
export async function openRealLab(say: (line: string) => void): Promise<RealLab> {
  if (process.getuid?.() !== 0)
    throw new Error('the lab makes network namespaces and mounts: be root');
  const lab = (...words: string[]) => told(program, words, say);
  if (!existsSync(join(labDir, 'layers', 'done'))) {
    if (existsSync(cache)) await lab('unpack', cache);
    else {
      say('building the lab: some minutes');
      await lab('build');
      await mkdir(dirname(cache), { recursive: true });
      await lab('pack', cache);
    }
  }
  await lab('up');
  const exec: RealLab['exec'] = async (host, ...words) => {
    const { stdout } = await run(program, ['exec', host, ...words], { maxBuffer: 64 << 20 });
    return stdout;
  };
  return {
    exec,
    sh: (host, script) => exec(host, 'bash', '-c', script),
    fault: (name, ...words) => lab('fault', name, ...words),
    snap: (name, ...hosts) => lab('snap', name, ...hosts),
    restore: (name, ...hosts) => lab('restore', name, ...hosts),
    forget: (snapshot) => lab('snap-rm', snapshot),
    keep: (name, folder) => lab('keep', name, folder),
    reboot: async (...hosts) => {
      await lab('down', ...hosts);
      await lab('up', ...hosts);
    },
    snaps: async () =>
      (await run(program, ['snaps'])).stdout.split('\n').filter((one) => one !== ''),
  };
}

/** The hosts are child processes of who starts them, so they are given to a session of its own to outlive us. */
function told(file: string, words: readonly string[], say: (line: string) => void): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn('setsid', ['--wait', file, ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let last = '';
    const hear = (chunk: Buffer): void => {
      for (const line of chunk
        .toString()
        .split('\n')
        .filter((one) => one.trim() !== '')) {
        last = line;
        if (line.includes(' lab: ')) say(line);
      }
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', fail);
    // The hosts keep the pipes, so `close` never comes.
    child.on('exit', (code) =>
      code === 0
        ? done()
        : fail(new Error(`lab ${words.join(' ')}: exit ${String(code)}: ${last}`)),
    );
  });
}
