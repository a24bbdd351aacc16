import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyFingerprint } from '../../../jobs/ssh/known-hosts.ts';
import { openSsh } from '../../../jobs/ssh/ssh.ts';
import { rejection } from '../../support/eventually.ts';
import { type TestSshd, newKey, publicKey, startTestSshd } from '../../support/servers/sshd.ts';
import type { SshTarget } from '../../../jobs/ssh/target.ts';

let sshd: TestSshd;
let other: string;
let files = 0;

beforeAll(async () => {
  sshd = await startTestSshd({ hostKeys: ['ed25519', 'ecdsa', 'rsa'] });
  other = publicKey(newKey(join(sshd.dir, 'other'), 'ed25519'));
});
afterAll(() => sshd.stop());

const key = (type: 'ed25519' | 'ecdsa' | 'rsa'): string =>
  sshd.hostKeys[['ed25519', 'ecdsa', 'rsa'].indexOf(type)] ?? '';
const name = (): string => `[127.0.0.1]:${sshd.port}`;
const print = (line: string): string =>
  keyFingerprint(Buffer.from(line.split(' ')[1] ?? '', 'base64'));

function knowing(text: string): SshTarget {
  files += 1;
  const knownHosts = join(sshd.dir, `known_hosts.${files}`);
  writeFileSync(knownHosts, text);
  return sshd.target({ knownHosts });
}

async function connect(target: SshTarget): Promise<void> {
  const ssh = openSsh();
  try {
    await ssh.exec(target, { command: 'true' });
  } finally {
    await ssh.close();
  }
}

describe('a host', () => {
  it.each(['ed25519', 'ecdsa', 'rsa'] as const)(
    'with keys of three types is known by its %s key alone',
    async (type) => {
      await connect(knowing(`${name()} ${key(type)}\n`));
    },
  );

  it('is known by a hashed name', async () => {
    const target = knowing(`${name()} ${key('ecdsa')}\n`);
    execFileSync('ssh-keygen', ['-H', '-f', target.knownHosts], { stdio: 'ignore' });

    await connect(target);
  });

  it('that the file does not know is refused, with its fingerprint', async () => {
    const target = knowing(`[127.0.0.1]:1 ${key('ed25519')}x\n`);

    expect(await rejection(connect(target))).toMatchObject({
      name: 'HostKeyUnknown',
      disposition: 'stop',
      message: `connecting to cmp01 (127.0.0.1:${sshd.port}): it shows ssh-ed25519 ${print(key('ed25519'))}, and ${target.knownHosts} holds no key for it`,
      hint: expect.stringContaining(`ssh-keyscan -p ${sshd.port} 127.0.0.1`),
    });
  });

  it('that shows another key than before is refused, with both fingerprints', async () => {
    const target = knowing(`${name()} ${other}\n`);

    expect(await rejection(connect(target))).toMatchObject({
      name: 'HostKeyChanged',
      disposition: 'stop',
      message: `connecting to cmp01 (127.0.0.1:${sshd.port}): its host key changed: it shows ssh-ed25519 ${print(key('ed25519'))}, ${target.knownHosts} has ssh-ed25519 ${print(other)}`,
    });
  });

  it('that shows a revoked key is refused', async () => {
    const target = knowing(`${name()} ${key('ed25519')}\n@revoked * ${key('ed25519')}\n`);

    expect(await rejection(connect(target))).toMatchObject({ name: 'HostKeyRevoked' });
  });

  it('is refused when the file cannot be read', async () => {
    const target = sshd.target({ knownHosts: join(sshd.dir, 'none') });

    expect(await rejection(connect(target))).toMatchObject({
      name: 'KnownHostsUnreadable',
      message: expect.stringContaining('there is no such file'),
    });
  });

  it('is taken as soon as the file knows it', async () => {
    const target = knowing('');
    const ssh = openSsh();
    expect(await rejection(ssh.exec(target, { command: 'true' }))).toMatchObject({
      name: 'HostKeyUnknown',
    });
    writeFileSync(target.knownHosts, `${name()} ${key('rsa')}\n`);
    expect(await ssh.exec(target, { command: 'true' })).toEqual({ code: 0 });
    await ssh.close();
  });
});

describe('a host behind a bastion', () => {
  let bastion: TestSshd;

  beforeAll(async () => {
    bastion = await startTestSshd();
  });
  afterAll(() => bastion.stop());

  const behind = (text: string): SshTarget => ({
    ...knowing(text),
    bastion: { address: '127.0.0.1', port: bastion.port, user: bastion.user, key: bastion.keyPath },
  });
  const gate = (): string => `[127.0.0.1]:${bastion.port}`;
  const bastionKey = (): string => bastion.hostKeys[0] ?? '';

  it('is reached through it, and others share the way', async () => {
    const ssh = openSsh();
    const target = behind(`${name()} ${key('ed25519')}\n${gate()} ${bastionKey()}\n`);
    const before = bastion.proxy.accepted();
    const hosts = ['cmp01', 'cmp02', 'cmp03'].map((host) => ({ ...target, host }));
    const answers = await Promise.all(
      hosts.map((host) => ssh.exec(host, { command: 'cat', stdin: 'x'.repeat(300_000) })),
    );

    expect(answers).toEqual([{ code: 0 }, { code: 0 }, { code: 0 }]);
    expect(bastion.proxy.accepted()).toBe(before + 1);
    await ssh.close();
  });

  it('is refused when the bastion is not the one we know', async () => {
    const target = behind(`${name()} ${key('ed25519')}\n${gate()} ${other}\n`);

    expect(await rejection(connect(target))).toMatchObject({
      name: 'HostKeyChanged',
      message: expect.stringContaining(`the bastion (127.0.0.1:${bastion.port})`),
    });
  });

  it('is refused when it is not the one we know itself', async () => {
    const target = behind(`${name()} ${other}\n${gate()} ${bastionKey()}\n`);

    expect(await rejection(connect(target))).toMatchObject({
      name: 'HostKeyChanged',
      message: expect.stringContaining(`connecting to cmp01 (127.0.0.1:${sshd.port})`),
    });
  });

  it('cannot be reached when the bastion finds nobody there', async () => {
    const target = { ...behind(`${gate()} ${bastionKey()}\n`), port: 1 };

    expect(await rejection(connect(target))).toMatchObject({
      name: 'HostUnreachable',
      disposition: 'retry',
      message: expect.stringContaining('from the bastion'),
    });
  });

  it('is lost with the bastion, and found again', async () => {
    const ssh = openSsh();
    const target = behind(`${name()} ${key('ed25519')}\n${gate()} ${bastionKey()}\n`);
    const lost = ssh.exec(target, {
      command: 'echo here; sleep 20',
      onStdout: () => bastion.cut(),
    });

    expect(await rejection(lost)).toMatchObject({ name: 'LinkLost' });
    expect(await ssh.exec(target, { command: 'true' })).toEqual({ code: 0 });
    await ssh.close();
  });
});
