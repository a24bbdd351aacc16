import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PlacedHost } from './host.ts';
import type { SandboxLan } from './lan.ts';

interface Disks {
  /** Files belong to the users of the hosts, so only in there may one read all of them. */
  readonly inside: SandboxLan['inside'];
  /** Holds a directory for each host. */
  readonly at: string;
}

/** Copies the disk of a host. What its programs have not yet written is not in the copy. */
export async function copyHostDisk(
  { name, dir }: PlacedHost,
  { inside, at }: Disks,
): Promise<void> {
  await mkdir(at, { recursive: true });
  await replace(inside, join(dir, 'root'), join(at, name));
}

/** Puts a copied disk back in the place of a host's that is down. */
export const putBackHostDisk = ({ name, dir }: PlacedHost, { inside, at }: Disks): Promise<void> =>
  replace(inside, join(at, name), join(dir, 'root'));

async function replace(inside: SandboxLan['inside'], from: string, to: string): Promise<void> {
  const [program, ...words] = inside;
  const script = 'rm -rf -- "$2" && cp -a --reflink=auto -- "$1" "$2"';
  await promisify(execFile)(program, [...words, '/bin/sh', '-c', script, 'sh', from, to]);
}
