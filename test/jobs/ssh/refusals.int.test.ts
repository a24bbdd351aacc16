import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { freePort } from '../../../jobs/redis/free-port.ts';
import { openSsh } from '../../../jobs/ssh/ssh.ts';
import { eventually, rejection } from '../../support/eventually.ts';
import { portOf } from '../../support/servers/cuttable-proxy.ts';
import { newKey } from '../../support/servers/sshd.ts';
import { givenIn, testSshHosts } from '../../support/servers/ssh-hosts.ts';

const { host, refusal, afterwards } = testSshHosts();
const lines = (name: string): string[] => givenIn(name).trim().split('\n');

describe('a login', () => {
  // PowerShell/Win32-OpenSSH#1175, jawj/IKEv2-setup#146, jtesta/ssh-audit#349.
  it('59-too-many-authentication-failures: is refused once, and not tried again at once', async () => {
    const sshd = await host({ config: lines('59-too-many-authentication-failures') });
    const ssh = openSsh();
    afterwards(() => ssh.close());
    const ask = () => rejection(ssh.exec(sshd.target(), { command: 'true' }));

    expect(await ask()).toMatchObject({
      name: 'AuthenticationRefused',
      disposition: 'stop',
      message: expect.stringContaining(`it refused the key ${sshd.keyPath} for user ${sshd.user}`),
      hint: expect.stringContaining('authorized keys'),
    });
    for (let time = 0; time < 5; time += 1)
      expect(await ask()).toMatchObject({
        name: 'AuthenticationRefused',
        message: expect.stringContaining('the host is left alone for'),
      });
    expect(sshd.proxy.accepted()).toBe(1);
  });

  // mscdex/ssh2#231, #754 and #977, paramiko/paramiko#467.
  it('61-second-factor-called-a-refused-key: the key was accepted, and more is asked for', async () => {
    const sshd = await host({ config: lines('61-second-factor-called-a-refused-key') });

    expect(await refusal(sshd.target())).toMatchObject({
      name: 'AuthenticationRefused',
      disposition: 'stop',
      message: expect.stringContaining(
        `it accepted the key ${sshd.keyPath} for user ${sshd.user} and also asks for password`,
      ),
      hint: expect.stringContaining('AuthenticationMethods publickey'),
    });
  });

  it('is told from one that takes no keys at all', async () => {
    const config = ['PubkeyAuthentication no', 'PasswordAuthentication yes'];
    const sshd = await host({ config });

    expect(await refusal(sshd.target())).toMatchObject({
      name: 'AuthenticationRefused',
      message: expect.stringContaining(`it takes no keys for user ${sshd.user}, only password`),
    });
  });

  it('names the certificate beside the key that is not shown', async () => {
    const sshd = await host({ config: ['AuthorizedKeysFile none'] });
    const authority = newKey(join(sshd.dir, 'ca'), 'ed25519');
    const words = ['-q', '-s', authority, '-I', 'x', '-n', sshd.user, `${sshd.keyPath}.pub`];
    execFileSync('ssh-keygen', words);

    expect((await refusal(sshd.target())).message).toContain(
      `the certificate ${sshd.keyPath}-cert.pub beside it was not shown, as user certificates are not supported here`,
    );
  });

  // linux-pam/linux-pam#489, dev-sec/ansible-collection-hardening#681.
  it('62-account-expired: is closed by PAM after the key was accepted', async () => {
    const sshd = await host({ config: ['UsePAM yes'] });
    const user = 'hop-expired';
    const script = /^.*chage -E 1 USER/.exec(givenIn('62-account-expired'))?.[0] ?? '';
    execFileSync('sh', ['-c', script.replaceAll('USER', user)]);
    afterwards(() => void execFileSync('userdel', [user], { stdio: 'ignore' }));
    chmodSync(sshd.dir, 0o755);
    chmodSync(join(sshd.dir, 'authorized_keys'), 0o644);

    const error = await refusal(sshd.target({ user }));
    expect(error).toMatchObject({
      name: 'AuthenticationRefused',
      disposition: 'stop',
      message: expect.stringContaining(`it closed the link during the login of ${user}`),
      hint: expect.stringContaining(`chage -l ${user}`),
    });
    expect(sshd.log()).toContain('by PAM account configuration');
  });
});

describe('a host that says something else than its version', () => {
  // NixOS/infra#352, go-gitea/gitea#21732, ansible/ansible#86325, mscdex/ssh2#1192.
  const said = lines('63-throttled-before-the-version-line').map(
    (line) => line.split('\\r\\n')[0] ?? '',
  );
  it.each([
    [said[0] ?? '', 'it penalises this machine for a while'],
    [said[1] ?? '', 'too many logins at once'],
  ])('63-throttled-before-the-version-line: %s', async (line, meaning) => {
    const server = createServer((socket) => socket.end(`${line}\r\n`));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const sshd = await host();
    afterwards(() => void server.close());

    expect(await refusal(sshd.target({ port: portOf(server) }))).toMatchObject({
      name: 'HostThrottled',
      disposition: 'retry',
      message: expect.stringContaining(`it says "${line}": ${meaning}`),
    });
  });

  it('has as many logins under way as it takes', async () => {
    const sshd = await host({ config: ['MaxStartups 1'] });
    // The one that saw sshd listen may be under way still: then this one is turned away itself.
    const first = await eventually(async () => {
      const login = connect(sshd.directPort, '127.0.0.1');
      const [greeting] = await once(login, 'data');
      return String(greeting).startsWith('SSH-') && login;
    });
    afterwards(() => void first.destroy());

    expect(await refusal(sshd.target())).toMatchObject({
      name: 'HostThrottled',
      message: expect.stringContaining('too many logins at once'),
    });
  });

  it('is no sshd', async () => {
    const server = createServer((socket) => socket.end('220 mail ESMTP\r\n'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const sshd = await host();
    afterwards(() => void server.close());

    expect((await refusal(sshd.target({ port: portOf(server) }))).message).toContain(
      'what answers there is no sshd: it says "220 mail ESMTP"',
    );
  });
});

describe('algorithms', () => {
  it.each([
    ['KexAlgorithms sntrup761x25519-sha512@openssh.com', 'key exchange', 'KexAlgorithms'],
    ['Ciphers aes192-cbc', 'cipher', 'Ciphers'],
    ['MACs umac-64@openssh.com', 'MAC', 'MACs'],
  ])('that only the host has are named: %s', async (line, what, option) => {
    // A cipher of its own kind needs no MAC: then none is missing.
    const config = [line, ...(what === 'MAC' ? ['Ciphers aes128-ctr'] : [])];
    const sshd = await host({ config });

    expect(await refusal(sshd.target())).toMatchObject({
      name: 'NoCommonAlgorithm',
      disposition: 'stop',
      message: expect.stringContaining(`no ${what} in common`),
      hint: expect.stringContaining(`Let ${option} in its sshd_config`),
    });
  });
});

describe('a host key', () => {
  // libssh2/libssh2#1398 and #2568, curl/curl#13811.
  it('66-ipv6-address-in-its-long-form: is found under the short form', async () => {
    const text = givenIn('66-ipv6-address-in-its-long-form');
    const [, address = ''] = /address: '([^']+)'/.exec(text) ?? [];
    const sshd = await host({ config: ['ListenAddress 127.0.0.1', 'ListenAddress ::1'] });
    const [, pattern = ''] = /^(\[::1\]:PORT) /m.exec(text) ?? [];
    const knownHosts = join(sshd.dir, 'known_hosts.v6');
    const line = `${pattern.replace('PORT', String(sshd.directPort))} ${sshd.hostKeys[0]}\n`;
    writeFileSync(knownHosts, line);
    const ssh = openSsh();
    afterwards(() => ssh.close());

    const target = sshd.target({ address, port: sshd.directPort, knownHosts });
    expect(await ssh.exec(target, { command: 'true' })).toEqual({ code: 0 });
  });
});

describe('a bastion', () => {
  // mscdex/ssh2#946, Guimove/terraform-aws-bastion#32.
  it('70-bastion-does-not-forward: is named as the one that forbids it', async () => {
    const inner = await host();
    const bastion = await host({ config: lines('70-bastion-does-not-forward') });
    const knownHosts = join(inner.dir, 'both');
    const known = [inner, bastion].map(
      ({ port, hostKeys }) => `[127.0.0.1]:${port} ${hostKeys[0]}\n`,
    );
    writeFileSync(knownHosts, known.join(''));
    const { port, user, keyPath: key } = bastion;
    const target = {
      ...inner.target({ knownHosts }),
      bastion: { address: '127.0.0.1', port, user, key },
    };

    expect(await refusal(target)).toMatchObject({
      name: 'ForwardingRefused',
      disposition: 'stop',
      message: expect.stringContaining(
        `the bastion (127.0.0.1:${port}) forbids the way on from there`,
      ),
      hint: expect.stringContaining('AllowTcpForwarding'),
    });
  });
});

describe('a name', () => {
  it('with several addresses says what each of them said', async () => {
    const sshd = await host();
    const port = await freePort();

    const error = await refusal(sshd.target({ address: 'localhost', port }));
    expect(error.message).toMatch(/localhost:\d+\): nothing listens on that port \(ECONNREFUSED\)/);
  });
});
