import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { HostPlace } from './host.ts';
import type { Lan } from './lan.ts';

interface Disks {
  /** Files belong to the users of the hosts, so only in there may one read all of them. */
  readonly inside: Lan['inside'];
  /** Holds a directory for each host. */
  readonly at: string;
}

/** Copies the disk of a host. What its programs have not yet written is not in the copy. */
export async function copyDisk({ name, dir }: HostPlace, { inside, at }: Disks): Promise<void> {
  await mkdir(at, { recursive: true });
  await replace(inside, join(dir, 'root'), join(at, name));
}

/** Puts a copied disk back in the place of a host's that is down. */
export const putBackDisk = ({ name, dir }: HostPlace, { inside, at }: Disks): Promise<void> =>
  replace(inside, join(at, name), join(dir, 'root'));

async function replace(inside: Lan['inside'], from: string, to: string): Promise<void> {
  const [program, ...words] = inside;
  const script = 'rm -rf -- "$2" && cp -a --reflink=auto -- "$1" "$2"';
  await promisify(execFile)(program, [...words, '/bin/sh', '-c', script, 'sh', from, to]);
}
