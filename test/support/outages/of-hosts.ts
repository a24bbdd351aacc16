import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestSshd, newKey } from '../servers/sshd.ts';
import type { EdgeProduct } from './edge-product.ts';
import type { Outages } from './outage.ts';

const host =
  (make: (sshd: TestSshd) => unknown) =>
  ({ sshd }: EdgeProduct): unknown => {
    if (sshd === undefined) throw new Error('the product has no host');
    return make(sshd);
  };

export const hostOutages: Outages = {
  'a host refuses connections': {
    make: host(async (sshd) => {
      await sshd.halt();
      await sshd.proxy.stop();
    }),
    says: /nothing listens on that port/,
  },
  'a host hangs': {
    make: host(({ proxy }) => proxy.stall()),
    says: /the host no longer answers/,
  },
  'a host hangs up': {
    make: host((sshd) => {
      sshd.proxy.refuse();
      sshd.cut();
    }),
    says: /hung up before it said its version/,
  },
  'a host refuses the login': {
    make: host((sshd) => {
      writeFileSync(join(sshd.dir, 'authorized_keys'), '');
      sshd.cut();
    }),
    says: /it refused the key/,
  },
  'a host has another key': {
    make: host(async (sshd) => {
      await sshd.halt();
      const path = join(sshd.dir, 'host_ed25519');
      for (const file of [path, `${path}.pub`]) rmSync(file);
      newKey(path, 'ed25519');
      sshd.cut();
      await sshd.start();
    }),
    says: /its host key changed/,
  },
  'a host has a full disk': {
    make: host(async ({ port, user, keyPath, knownHostsPath }) => {
      const options = ['BatchMode=yes', `UserKnownHostsFile=${knownHostsPath}`].flatMap(
        (option) => ['-o', option],
      );
      const words = [...options, '-i', keyPath, '-p', String(port), `${user}@127.0.0.1`];
      // It ends when nothing more is taken.
      await once(
        spawn('ssh', [...words, 'dd if=/dev/zero of="$HOME/filler" bs=4k'], { stdio: 'ignore' }),
        'exit',
      );
    }),
    says: /the disk is full/,
    needs: { homeBytes: 24_000_000 },
  },
};
