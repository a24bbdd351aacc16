import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, lstat, mkdir, readlink, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { namespaceUp } from './holder.ts';
import type { SandboxLan } from './lan.ts';
import { installedByRole } from './packages.ts';
import { layOutUsr } from './usr.ts';

export interface HostSpec {
  readonly name: string;
  readonly roles: readonly string[];
  /** Gives /root a file system of its own of this size, so that it can be filled. */
  readonly homeSizeBytes?: number;
  /** Gives it a /usr that can be written to. */
  readonly ownUsr?: boolean;
  /** Its files and processes belong to users other than root too. */
  readonly hasUsers?: boolean;
  /** Files of its disk before anything is installed: path below / → content; of one that ends in /, a directory. */
  readonly files?: Readonly<Record<string, string | { content: string; mode?: number }>>;
  /** A shell script for its first boot, in place of the packages of its roles. */
  readonly install?: string;
}

export interface PlacedHost extends HostSpec {
  readonly address: string;
  /** Holds the `pid` of the running host and everything of its own under `root`. */
  readonly dir: string;
}

/** Own directories of a host; /usr, /proc and the devices are the machine's. */
const own = ['etc', 'var', 'opt', 'srv', 'root', 'run', 'home', 'tmp'];

const furniture = [
  'etc/alternatives',
  'etc/apt/apt.conf.d',
  'etc/apt/preferences.d',
  'etc/apt/sources.list.d',
  'etc/apt/trusted.gpg.d',
  'etc/default',
  'etc/dpkg/dpkg.cfg.d',
  'etc/init.d',
  'srv/mirror',
  'var/cache/apt/archives/partial',
  'var/lib/apt/lists/partial',
  'var/lib/dpkg/info',
  'var/lib/dpkg/triggers',
  'var/lib/dpkg/updates',
  'var/log/apt',
  'var/tmp',
];

const runLevels = [0, 1, 2, 3, 4, 5, 6, 'S'].map((level) => `etc/rc${level}.d`);

/** Makes the disk of a freshly installed host, all but what packages bring; one that is there already stays. */
export async function layOutHost(host: PlacedHost, all: readonly PlacedHost[]): Promise<void> {
  const root = join(host.dir, 'root');
  if (!existsSync(join(root, 'etc/hostname'))) await install(host, root);
  const lines = all.map(
    ({ address, name }) => `${address} ${name}${name === host.name ? ' self' : ''}\n`,
  );
  await writeFile(join(root, 'etc/hosts'), lines.join(''));
}

async function install({ name, ownUsr, files: given }: PlacedHost, root: string): Promise<void> {
  if (ownUsr) await layOutUsr(join(root, 'usr'));
  for (const path of [...own, ...furniture, ...runLevels]) {
    await mkdir(join(root, path), { recursive: true, mode: 0o755 });
  }
  for (const path of ['tmp', 'var/tmp']) await chmod(join(root, path), 0o1777);
  const files: NonNullable<HostSpec['files']> = {
    'etc/hostname': `${name}\n`,
    'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
    'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/nonexistent:/bin/false\n',
    'etc/group': 'root:x:0:\nnogroup:x:65534:\n',
    'etc/apt/sources.list': 'deb [trusted=yes] file:/srv/mirror/2024.1 ./\n',
    // Only root's id exists inside, so apt cannot change to its own user.
    'etc/apt/apt.conf.d/sandbox': 'APT::Sandbox::User "root";\nDpkg::Use-Pty "false";\n',
    'etc/dpkg/dpkg.cfg.d/sandbox': 'force-unsafe-io\n',
    'var/lib/dpkg/status': '',
    'var/lib/dpkg/available': '',
    ...given,
  };
  for (const [path, file] of Object.entries(files)) {
    const target = join(root, path);
    await mkdir(path.endsWith('/') ? target : dirname(target), { recursive: true, mode: 0o755 });
    if (path.endsWith('/')) continue;
    const { content, mode = 0o644 } = typeof file === 'string' ? { content: file } : file;
    await rm(target, { force: true }); // it may be a link to the machine's program
    await writeFile(target, content, { mode });
  }
}

/**
 * Boots a host as far as its namespaces, which one process holds. Every boot has its own boot id and an empty /run. Sessions
 * enter the namespaces and can leave, and what they leave behind stays. Answers the host name's namespace, as
 * /proc/PID/ns/uts names it: shared by all processes of this boot, and by nothing else.
 */
export async function bootHost(host: PlacedHost, mirror: string, lan: SandboxLan): Promise<string> {
  const root = join(host.dir, 'root');
  await rm(join(root, 'run'), { recursive: true, force: true });
  await mkdir(join(root, 'run'));
  const bootId = join(host.dir, 'boot_id');
  await writeFile(bootId, `${randomUUID()}\n`);
  const holding = [
    ...lan.inside.slice(1),
    'bwrap',
    ...words({ 'unshare-uts': [], hostname: [host.name], 'cap-add': ['ALL'], dev: ['/dev'] }),
    ...(host.ownUsr
      ? words({ 'ro-bind': ['/usr', '/machine'], bind: [join(root, 'usr'), '/usr'] })
      : words({ 'ro-bind': ['/usr', '/usr'] })),
    ...(await machineDirectories()),
    ...own.flatMap((name) => words({ bind: [join(root, name), `/${name}`] })),
    // Debian's awk, which and others in /usr/bin are links through here.
    ...words({ 'ro-bind': ['/etc/alternatives', '/etc/alternatives'] }),
    ...words({ 'ro-bind': [mirror, '/srv/mirror'] }),
    ...(host.homeSizeBytes === undefined
      ? []
      : words({ size: [String(host.homeSizeBytes)], tmpfs: ['/root'] })),
    // The machine's own units are no part of the host: update-rc.d would enable one that has the name of a service here.
    ...(existsSync('/usr/lib/systemd/system')
      ? words({ tmpfs: [`${host.ownUsr ? '/machine' : '/usr'}/lib/systemd/system`] })
      : []),
    // Without systemd running, its tools would only confuse Debian's service scripts.
    ...(existsSync('/usr/bin/systemctl') && !host.ownUsr
      ? words({ 'ro-bind': ['/dev/null', '/usr/bin/systemctl'] })
      : []),
    ...(lan.hasInit
      ? words({ 'unshare-pid': [], proc: ['/proc'] })
      : words({ bind: ['/proc', '/proc'] })),
    ...words({ 'ro-bind': [bootId, '/proc/sys/kernel/random/boot_id'] }),
    ...words({ 'info-fd': ['3'] }),
    '/bin/sh',
    '-c',
    'echo up; exec sleep infinity',
  ];
  const holder = spawn(lan.inside[0], holding, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const { pid, up } = await namespaceUp(`the pretend host ${host.name}`, holder);
  await up;
  const namespace = await readlink(`/proc/${pid}/ns/uts`);
  const file = join(host.dir, 'pid');
  await writeFile(`${file}.new`, `${pid} ${lan.hasInit ? '--pid' : ''}\n`);
  await rename(`${file}.new`, file);
  return namespace;
}

/** What runs inside after the namespaces are there, the first time: its packages; later: its services. */
export const bootScript = ({ roles, install: given }: HostSpec): string => {
  const packages = roles.flatMap((role) => installedByRole[role] ?? []).join(' ');
  return `set -e
if [ -e /var/lib/installed ]; then
  for script in /etc/rc2.d/S*; do [ ! -x "$script" ] || "$script" start; done
else
  ${given ?? `apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -y install ${packages}`}
  : >/var/lib/installed
fi`;
};

/**
 * A script that goes into the host whose directory is its first argument and runs what SSH_ORIGINAL_COMMAND says there, as
 * sshd itself would: by root's shell, with a clean environment.
 */
export const enterScript = `#!/bin/sh
read -r pid processes 2>/dev/null <"$1/pid" || { echo "\${1##*/} is down" >&2; exit 255; }
exec nsenter --target "$pid" --user --mount --uts --net $processes --preserve-credentials -- /usr/bin/env -i \\
  HOME=/root USER=root LOGNAME=root SHELL=/bin/sh LANG=C.UTF-8 \\
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \\
  SSH_CONNECTION="$SSH_CONNECTION" \\
  /bin/sh -c 'cd && if [ -n "$1" ]; then exec /bin/sh -c "$1"; else exec /bin/sh -l; fi' sh "$SSH_ORIGINAL_COMMAND"
`;

export interface ScriptResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a shell script inside, without SSH. */
export function runInHost(
  script: string,
  dir: string,
  command: string,
  stdin = '',
): Promise<ScriptResult> {
  const env = { PATH: process.env['PATH'], SSH_ORIGINAL_COMMAND: command };
  return new Promise((done, fail) => {
    const child = execFile(
      script,
      [dir],
      { env, maxBuffer: 64 * 2 ** 20 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code;
        if (typeof code === 'number') done({ code, stdout, stderr });
        else fail(error ?? new Error(`no exit code from ${dir}`));
      },
    );
    child.stdin?.on('error', () => {}); // it need not read all
    child.stdin?.end(stdin);
  });
}

/** /bin and the like: links into /usr on today's systems, directories on older ones. */
async function machineDirectories(): Promise<string[]> {
  const found = await Promise.all(
    ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'].map(async (path) => {
      const stats = await lstat(path).catch(() => undefined);
      if (stats === undefined) return [];
      return stats.isSymbolicLink()
        ? words({ symlink: [await readlink(path), path] })
        : words({ 'ro-bind': [path, path] });
    }),
  );
  return found.flat();
}

const words = (flags: Readonly<Record<string, readonly string[]>>): string[] =>
  Object.entries(flags).flatMap(([name, values]) => [`--${name}`, ...values]);
