import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { freePort } from '../../../jobs/redis/free-port.ts';
import { openSsh } from '../../../jobs/ssh/ssh.ts';
import { portOf } from '../../support/servers/cuttable-proxy.ts';
import { eventually, rejection } from '../../support/eventually.ts';
import {
  type ShellAnswer,
  type ShellRequest,
  askShell,
  remoteHost,
} from '../../support/servers/remote.ts';
import { type TestSshd, startTestSshd } from '../../support/servers/sshd.ts';

const there = remoteHost();
let few: TestSshd;

beforeAll(async () => {
  few = await startTestSshd({ config: ['MaxSessions 2'] });
});
afterAll(() => few.stop());

const run = (command: string, rest: ShellRequest = {}): Promise<ShellAnswer> =>
  askShell(there, command, rest);

describe('connections', () => {
  it('are kept and shared', async () => {
    const via = openSsh();
    const before = there.sshd.proxy.accepted();
    await Promise.all([1, 2, 3].map(() => run('sleep 0.1', { via })));
    await run('true', { via });
    expect(there.sshd.proxy.accepted()).toBe(before + 1);
    await via.close();
  });

  it('become more when a host gives no more channels on one, and fewer again', async () => {
    const via = openSsh();
    const target = few.target();
    await run('true', { via, target });
    const all = Array.from({ length: 7 }, () => run('sleep 0.2; echo x', { via, target }));
    expect((await Promise.all(all)).map(({ stdout }) => stdout)).toEqual(all.map(() => 'x\n'));
    await eventually(() => few.proxy.connections() === 1);
    expect(await run('echo y', { via, target })).toMatchObject({ stdout: 'y\n' });
    await via.close();
  });

  it('are opened anew after a loss while idle', async () => {
    await run('true');
    there.sshd.cut();
    await eventually(() => there.sshd.proxy.connections() === 0);

    expect(await run('echo back')).toMatchObject({ stdout: 'back\n' });
  });

  it('live on while sshd is down, and new ones are refused for that time', async () => {
    await run('true');
    await there.sshd.halt();
    expect(await run('echo old')).toMatchObject({ stdout: 'old\n' });
    const via = openSsh();
    expect(await rejection(run('true', { via }))).toMatchObject({
      name: 'HostUnreachable',
      disposition: 'retry',
    });
    await there.sshd.start();
    expect(await run('echo new', { via })).toMatchObject({ stdout: 'new\n' });
    await via.close();
  });

  it('are made a few at a time', async () => {
    const via = openSsh({ maxHandshakes: 2 });
    const before = there.sshd.proxy.accepted();
    there.sshd.proxy.stall();
    const all = [1, 2, 3, 4, 5].map((number) =>
      run('echo x', { via, target: there.sshd.target({ host: `cmp0${number}` }) }),
    );
    await eventually(() => there.sshd.proxy.accepted() === before + 2);
    there.sshd.proxy.resume();
    expect(await Promise.all(all)).toHaveLength(5);
    expect(there.sshd.proxy.accepted()).toBe(before + 5);
    await via.close();
  });

  it('all end with close, those being made as well', async () => {
    const quiet = createServer().listen(0, '127.0.0.1');
    await once(quiet, 'listening');
    const via = openSsh();
    await run('true', { via });
    let begun: (() => void) | undefined;
    const hasBegun = new Promise<void>((done) => (begun = done));
    const open = via
      .exec(there.sshd.target(), { command: 'echo; sleep 20', onStdout: () => begun?.() })
      .catch((error: Error) => error.name);
    await hasBegun;
    const target = there.sshd.target({ port: portOf(quiet) });
    const making = run('true', { via, target }).catch((error: Error) => error.name);
    await once(quiet, 'connection');
    await via.close();

    expect(await open).toBe('LinkLost');
    expect(await making).toBe('HostUnreachable');
    expect(await rejection(run('true', { via }))).toMatchObject({ name: 'HostUnreachable' });
    quiet.close();
  });
});

describe('a link that fails', () => {
  it('in the middle leaves the outcome open', async () => {
    const lost = run('echo here; sleep 20', { onStdout: () => there.sshd.cut() });

    expect(await rejection(lost)).toMatchObject({
      name: 'LinkLost',
      disposition: 'ask',
      message: expect.stringContaining(`cmp01 (127.0.0.1:${there.sshd.port})`),
    });
  });

  it('without a word is noticed', async () => {
    const via = openSsh({ keepaliveMs: 50 });
    const lost = run('echo here; sleep 20', { via, onStdout: () => there.sshd.proxy.stall() });

    expect(await rejection(lost)).toMatchObject({
      name: 'LinkLost',
      message: expect.stringContaining('the connection was lost: the host no longer answers'),
    });
    there.sshd.proxy.resume();
    expect(await run('echo back', { via })).toMatchObject({ stdout: 'back\n' });
    await via.close();
  });

  it('before the banner is a host that cannot be reached', async () => {
    const via = openSsh({ connectTimeoutMs: 200 });
    there.sshd.proxy.stall();
    expect(await rejection(run('true', { via }))).toMatchObject({
      name: 'HostUnreachable',
      disposition: 'retry',
      message: expect.stringContaining('no SSH handshake in time'),
    });
    there.sshd.proxy.resume();
    await via.close();
  });

  it('at once, and a port where nobody listens, are too', async () => {
    const via = openSsh();
    there.sshd.proxy.refuse();
    expect(await rejection(run('true', { via }))).toMatchObject({ name: 'HostUnreachable' });
    there.sshd.proxy.resume();
    const target = there.sshd.target({ port: await freePort() });
    expect(await rejection(run('true', { via, target }))).toMatchObject({
      name: 'HostUnreachable',
      message: expect.stringContaining('nothing listens on that port (ECONNREFUSED)'),
      hint: expect.stringContaining('Nothing was started.'),
    });
    await via.close();
  });

  it('by name says which name', async () => {
    const target = there.sshd.target({ address: 'cmp01.invalid' });

    expect(await rejection(run('true', { target }))).toMatchObject({
      name: 'HostUnreachable',
      message: expect.stringContaining('cmp01.invalid'),
    });
  });
});
