import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readKeyFile } from '../../../jobs/ssh/private-key.ts';
import { openSsh } from '../../../jobs/ssh/ssh.ts';
import { givenIn, testSshHosts } from '../../support/servers/ssh-hosts.ts';

const { host, refusal, afterwards } = testSshHosts();

describe('a key file', () => {
  // mscdex/ssh2#893, sshnet/SSH.NET#1090.
  const rsa = givenIn('69-pkcs8-key').trim();
  it.each([
    rsa,
    'openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out KEY',
    'openssl genpkey -algorithm ED25519 -out KEY',
  ])('69-pkcs8-key: is taken as openssl writes it: %s', async (script) => {
    const sshd = await host();
    const key = join(sshd.dir, 'pkcs8');
    execFileSync('sh', ['-c', script.replace('KEY', key)], { stdio: 'ignore' });
    chmodSync(key, 0o600);
    const read = readKeyFile(readFileSync(key, 'utf8'));
    const openSshKey = join(sshd.dir, 'same');
    writeFileSync(openSshKey, 'key' in read ? read.key : '', { mode: 0o600 });
    const half = execFileSync('ssh-keygen', ['-y', '-f', openSshKey], { encoding: 'utf8' });
    writeFileSync(join(sshd.dir, 'authorized_keys'), half);
    const ssh = openSsh();
    afterwards(() => ssh.close());

    expect(await ssh.exec(sshd.target({ key }), { command: 'true' })).toEqual({ code: 0 });
  });

  it.each([
    ['the public half', (key: string) => `${key}.pub`, 'it is the public half of a key'],
    ['a certificate', (key: string) => `${key}-cert.pub`, 'it is a certificate'],
    ['a key with a passphrase', (key: string) => `${key}.locked`, 'it has a passphrase'],
    ['a PKCS#8 key with a passphrase', (key: string) => `${key}.p8`, 'it has a passphrase'],
    ['an empty file', () => '/dev/null', 'the file is empty'],
  ])('that is %s is named', async (_what, place, says) => {
    const sshd = await host();
    const run = (line: string) =>
      execFileSync('sh', ['-c', line], { cwd: sshd.dir, stdio: 'ignore' });
    run('ssh-keygen -q -t ed25519 -N "" -f ca && ssh-keygen -q -s ca -I x -n root client.pub');
    run('ssh-keygen -q -t ed25519 -N secret -f client.locked');
    run('openssl genpkey -algorithm RSA -aes256 -pass pass:secret -out client.p8');

    const error = await refusal(sshd.target({ key: place(sshd.keyPath) }));
    expect(error).toMatchObject({ name: 'KeyFileUnusable', disposition: 'stop' });
    expect(error.message).toContain(says);
  });
});
