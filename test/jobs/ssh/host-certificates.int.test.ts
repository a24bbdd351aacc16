import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { afterEach, describe, expect, it } from '@jest/globals';
import { keyFingerprint } from '../../../jobs/ssh/known-hosts.ts';
import { openSsh } from '../../../jobs/ssh/ssh.ts';
import type { SshTarget } from '../../../jobs/ssh/target.ts';
import { portOf } from '../../support/servers/cuttable-proxy.ts';
import { rejection } from '../../support/eventually.ts';
import {
  type SshdOptions,
  type TestSshd,
  newKey,
  publicKey,
  startTestSshd,
} from '../../support/servers/sshd.ts';

const given = readFileSync(
  join(import.meta.dirname, '../../cases/67-host-certificate-only.txt'),
  'utf8',
);
/** As the case has it: for every port of the network that tests run in. */
const pattern = (/^(@cert-authority \S+)/m.exec(given)?.[1] ?? '').replace(
  '127.0.4.*',
  '127.0.0.*',
);

let ending: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ending.toReversed()) await end();
  ending = [];
});

interface Signing {
  readonly keys?: SshdOptions['hostKeys'];
  /** Of the authority. */
  readonly by?: 'ed25519' | 'ecdsa' | 'rsa';
  /** Options of ssh-keygen; `-h` makes it a certificate for hosts. */
  readonly words?: readonly string[];
}

/** An sshd whose keys an authority has signed, and the line that names that authority. */
async function certifiedHost({ keys = ['ed25519'], by = 'ed25519', words }: Signing = {}) {
  const sshd = await startTestSshd({ hostKeys: keys });
  ending.push(() => sshd.stop());
  const authority = newKey(join(sshd.dir, 'authority'), by);
  for (const type of keys) {
    const key = join(sshd.dir, `host_${type}`);
    const options = words ?? ['-h', '-n', '127.0.0.1'];
    execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'cmp01', ...options, `${key}.pub`]);
    appendFileSync(join(sshd.dir, 'sshd_config'), `HostCertificate ${key}-cert.pub\n`);
  }
  await sshd.restart();
  return { sshd, authority, line: lineOf(sshd, publicKey(authority)) };
}

const lineOf = (sshd: TestSshd, key: string): string =>
  `${pattern.replace('PORT', String(sshd.port))} ${key}\n`;

function knowing(sshd: TestSshd, text: string): SshTarget {
  const knownHosts = join(sshd.dir, 'known_hosts.ca');
  writeFileSync(knownHosts, text);
  return sshd.target({ knownHosts });
}

async function logIn(target: SshTarget): Promise<unknown> {
  const ssh = openSsh();
  ending.push(() => ssh.close());
  return ssh.exec(target, { command: 'true' });
}

describe('a host that an authority vouches for', () => {
  // net-ssh/net-ssh#613, libssh2/libssh2#508, sandbox-quantum/switch#396.
  it.each([
    ['ed25519', 'ed25519'],
    ['ecdsa', 'ed25519'],
    ['rsa', 'rsa'],
    ['ed25519', 'ecdsa'],
  ] as const)('67-host-certificate-only: its %s key is taken, signed by %s', async (key, by) => {
    const { sshd, line } = await certifiedHost({ keys: [key], by });

    expect(await logIn(knowing(sshd, line))).toEqual({ code: 0 });
  });

  it('is taken by the one of its keys that is signed, over a line that is out of date', async () => {
    const { sshd, line, authority } = await certifiedHost({ keys: ['ed25519', 'ecdsa'] });
    const stale = `[127.0.0.1]:${sshd.port} ${publicKey(authority)}\n`;
    renameSync(join(sshd.dir, 'host_ed25519-cert.pub'), join(sshd.dir, 'gone'));
    await sshd.restart();

    expect(await logIn(knowing(sshd, line + stale))).toEqual({ code: 0 });
  });

  it('is taken for any name where its certificate names none, and by a wildcard', async () => {
    const any = await certifiedHost({ words: ['-h'] });
    const wild = await certifiedHost({ words: ['-h', '-n', 'other,127.0.*'] });

    expect(await logIn(knowing(any.sshd, any.line))).toEqual({ code: 0 });
    expect(await logIn(knowing(wild.sshd, wild.line))).toEqual({ code: 0 });
  });

  it('is reached through a bastion', async () => {
    const inner = await certifiedHost();
    const bastion = await startTestSshd();
    ending.push(() => bastion.stop());
    const { port, user, keyPath: key } = bastion;
    const target = knowing(inner.sshd, `${inner.line}[127.0.0.1]:${port} ${bastion.hostKeys[0]}\n`);

    expect(await logIn({ ...target, bastion: { address: '127.0.0.1', port, user, key } })).toEqual({
      code: 0,
    });
  });
});

describe('a host that an authority does not vouch for', () => {
  it.each([
    [['-h', '-n', 'cmp9'], 'its host certificate is for cmp9, not for 127.0.0.1'],
    [['-h', '-V', '20200101:20200102'], 'its host certificate expired at 2020-01-0'],
    [['-h', '-V', '20700101:20710101'], 'its host certificate is valid from 20'],
    [['-n', '127.0.0.1'], 'the certificate that it shows is for users, not for hosts'],
  ])('is refused where it was signed with %j', async (words, why) => {
    const { sshd, line } = await certifiedHost({ words });
    const target = knowing(sshd, line);
    const error = await rejection(logIn(target));

    expect(error).toMatchObject({ name: 'HostKeyUnknown', disposition: 'stop' });
    expect(error.message).toContain(
      `${target.knownHosts} has only a certificate authority for it (@cert-authority), and ${why}`,
    );
  });

  it('is refused where another authority signed it, or one that is revoked', async () => {
    const { sshd, authority } = await certifiedHost();
    const other = publicKey(newKey(join(sshd.dir, 'other'), 'ed25519'));
    const print = keyFingerprint(Buffer.from(publicKey(authority).split(' ')[1] ?? '', 'base64'));
    const revoked = `@revoked * ${publicKey(authority)}\n`;

    expect((await rejection(logIn(knowing(sshd, lineOf(sshd, other))))).message).toContain(
      `is signed by another authority (ssh-ed25519 ${print})`,
    );
    expect(
      (await rejection(logIn(knowing(sshd, lineOf(sshd, publicKey(authority)) + revoked)))).message,
    ).toContain('is marked as revoked');
  });

  it('is refused where it has no certificate', async () => {
    const plain = await startTestSshd();
    ending.push(() => plain.stop());
    const authority = newKey(join(plain.dir, 'authority'), 'ed25519');
    const target = knowing(plain, lineOf(plain, publicKey(authority)));
    expect(await rejection(logIn(target))).toMatchObject({
      message: expect.stringContaining('and it shows no host certificate'),
      hint: expect.stringContaining('HostCertificate'),
    });
  });

  it('is refused where it shows the certificate of another', async () => {
    const { sshd, line } = await certifiedHost();
    const impostor = await startTestSshd();
    ending.push(() => impostor.stop());
    // The first connection asks for the certificate, the second one logs in.
    let count = 0;
    const between = createServer((socket) => {
      count += 1;
      const to = connect((count === 1 ? sshd : impostor).directPort, '127.0.0.1');
      pipeline(socket, to, () => {});
      pipeline(to, socket, () => {});
    }).listen(0, '127.0.0.1');
    await once(between, 'listening');
    ending.push(async () => void between.close());
    const port = portOf(between);
    const target = knowing(sshd, line.replace(`:${sshd.port} `, `:${port} `));

    const error = await rejection(logIn({ ...target, port }));
    expect(error).toMatchObject({ name: 'HostKeyUnknown' });
    expect(error.message).toContain('and its host certificate is for another key');
  });
});
