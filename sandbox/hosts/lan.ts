import { execFile, spawn } from 'node:child_process';
import { readFile, readlink, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { Writable } from 'node:stream';
import { promisify } from 'node:util';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { sweeperOf } from './janitor.ts';
import { namespaceUp } from './holder.ts';

export interface SandboxLan {
  /** Words that make a command line run with the users and the network of the pretend hosts. */
  readonly inside: readonly [string, ...string[]];
  /** Whether hosts can have processes of their own, with an init. */
  readonly hasInit: boolean;
  /** Whether there are users beside root. */
  readonly hasUsers: boolean;
  readonly stop: () => Promise<void>;
}

/**
 * What the hosts of a sandbox share: users and groups other than root, and a network of their own, in which every port is
 * free and 127.0.0.0/8 is all there is.
 */
export async function startSandboxLan(): Promise<SandboxLan> {
  const maps = await idMaps();
  const holder = spawn(
    'bwrap',
    [
      '--unshare-user',
      '--unshare-net',
      '--uid',
      '0',
      '--gid',
      '0',
      '--cap-add',
      'ALL',
      ...(maps === undefined ? [] : ['--userns-block-fd', '4']),
      '--dev-bind',
      '/',
      '/',
      '--info-fd',
      '3',
      '/bin/sh',
      '-c',
      'echo up; exec sleep infinity',
    ],
    { detached: true, stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'] },
  );
  const { pid, up } = await namespaceUp("the hosts' network", holder);
  if (maps !== undefined) await mapIds(pid, maps);
  const go = holder.stdio[4];
  if (!(go instanceof Writable)) throw new Error('bwrap was started without a pipe to wait on');
  go.on('error', () => {}); // bwrap closes it as soon as it has read enough
  go.end('go');
  await up;
  const sweep = sweeperOf(await readlink(`/proc/${pid}/ns/user`));
  const inside = [
    'nsenter',
    '--target',
    pid,
    '--user',
    '--net',
    '--preserve-credentials',
    '--',
  ] as const;
  return {
    inside,
    hasUsers: maps !== undefined,
    hasInit: await canMountProc(inside),
    stop: sweep,
  };
}

type Maps = Readonly<Record<'uid' | 'gid', readonly string[]>>;

/** Lines of uid_map as lists of words: all ids of root, or those that /etc/subuid gives to somebody else, if any. */
async function idMaps(): Promise<Maps | undefined> {
  if (process.getuid?.() === 0) {
    const size = Math.min(65_536, await idsOf('uid'), await idsOf('gid'));
    const all = ['0', '0', String(size)];
    return size < 1_000 ? undefined : { uid: all, gid: all };
  }
  const { username, uid, gid } = userInfo();
  const [users, groups] = await Promise.all(
    ['/etc/subuid', '/etc/subgid'].map(async (path) => {
      const lines = (await readFile(path, 'utf8').catch(() => '')).split('\n');
      return lines
        .map((line) => line.split(':'))
        .find(([name]) => name === username || name === String(uid));
    }),
  );
  if (users === undefined || groups === undefined) return undefined;
  return { uid: mapped(uid, users), gid: mapped(gid, groups) };
}

/** How many ids there are from 0 on. */
async function idsOf(kind: 'uid' | 'gid'): Promise<number> {
  const [inside, , size] = (await readFile(`/proc/self/${kind}_map`, 'utf8')).trim().split(/\s+/);
  return inside === '0' ? Number(size) : 0;
}

async function mapIds(pid: string, maps: Maps): Promise<void> {
  for (const kind of ['uid', 'gid'] as const) {
    if (process.getuid?.() === 0) {
      await writeFile(`/proc/${pid}/${kind}_map`, `${maps[kind].join(' ')}\n`);
      continue;
    }
    await promisify(execFile)(`new${kind}map`, [pid, ...maps[kind]]).catch((cause: unknown) => {
      throw new OperatorError(`giving the pretend hosts users: new${kind}map: ${String(cause)}`, {
        name: 'NamespaceRefused',
        hint: 'Run `npm run setup`, which installs uidmap or says how.',
        cause,
      });
    });
  }
}

const mapped = (own: number, [, from = '', size = '']: readonly string[]): readonly string[] => [
  '0',
  String(own),
  '1',
  '1',
  from,
  size,
];

/**
 * With a process namespace of its own a host has an init that takes in orphans, as real hosts do. Inside some containers
 * nobody may mount a /proc for it; then the host sees the machine's processes, and all else is the same.
 */
async function canMountProc(inside: SandboxLan['inside']): Promise<boolean> {
  const [program, ...words] = inside;
  const trial = ['bwrap', '--cap-add', 'ALL', '--ro-bind', '/', '/', '--unshare-pid'];
  return new Promise((done) => {
    execFile(program, [...words, ...trial, '--proc', '/proc', 'true'], (error) =>
      done(error === null),
    );
  });
}
