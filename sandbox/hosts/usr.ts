import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Where packages put files: directories of their own, which hold links to what the machine has there. */
const own = ['bin', 'sbin', 'share'];

/**
 * Left out: systemd's tools, which without systemd only confuse Debian's service scripts, and who refuses to start services
 * on the machine.
 */
const left = /^(systemctl|deb-systemd-\w+|policy-rc\.d)$/;

/** Names of MariaDB's programs that newer systems have left behind. */
const formerly = { mysql: 'mariadb', mysqldump: 'mariadb-dump', mysqladmin: 'mariadb-admin' };

/** Makes a /usr that can be written to from links to the machine's, which the host sees as /machine. */
export async function layOutUsr(usr: string): Promise<void> {
  mkdirSync(usr, { recursive: true });
  for (const name of readdirSync('/usr')) {
    if (name === 'local') continue;
    if (!own.includes(name)) symlinkSync(`/machine/${name}`, join(usr, name));
  }
  for (const name of own) {
    mkdirSync(join(usr, name));
    for (const entry of readdirSync(join('/usr', name))) {
      if (!left.test(entry)) symlinkSync(`/machine/${name}/${entry}`, join(usr, name, entry));
    }
  }
  for (const [name, program] of Object.entries(formerly)) {
    if (existsSync(join('/usr/bin', name)) || !existsSync(join('/usr/bin', program))) continue;
    symlinkSync(`/machine/bin/${program}`, join(usr, 'bin', name));
  }
  for (const name of own) {
    mkdirSync(join(usr, 'local', name), { recursive: true });
  }
}
