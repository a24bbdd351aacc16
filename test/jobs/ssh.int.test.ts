import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { ExecRequest, Ssh, Target } from '../../jobs/ssh.ts';
import { openSsh } from '../../jobs/ssh.ts';
import { portOf } from '../support/cuttable-proxy.ts';
import { eventually, rejection } from '../support/eventually.ts';
import type { Sshd } from '../support/sshd.ts';
import { freePort, startSshd } from '../support/sshd.ts';

let sshd: Sshd;
let ssh: Ssh;
let few: Sshd;

beforeAll(async () => {
  sshd = await startSshd();
  few = await startSshd({ config: ['MaxSessions 2'] });
  ssh = openSsh();
});
afterAll(async () => {
  await ssh.close();
  await sshd.stop();
  await few.stop();
});

interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(
  command: string,
  rest: Partial<ExecRequest> & { via?: Ssh; target?: Target } = {},
): Promise<Answer> {
  const { via = ssh, target = sshd.target(), ...request } = rest;
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  const { code } = await via.exec(target, {
    command,
    onStdout: (chunk) => void out.push(chunk),
    onStderr: (chunk) => void err.push(chunk),
    ...request,
  });
  return { code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
}

describe('running a line', () => {
  it('keeps the two outputs and the exit code apart', async () => {
    expect(await run('echo out; echo err >&2; exit 3')).toEqual({
      code: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  it('is no failure for a warning, and no success for silence', async () => {
    expect(await run('echo careful >&2')).toMatchObject({ code: 0 });
    expect(await run('exit 1')).toMatchObject({ code: 1, stderr: '' });
  });

  it('says 128 + n for a signal', async () => {
    expect(await run('kill -TERM $$')).toMatchObject({ code: 143 });
  });

  it('feeds standard input and ends it', async () => {
    const stdin = Buffer.from([0, 255, 10, 128, 13]);
    let seen = Buffer.alloc(0);
    await run('cat', { stdin, onStdout: (chunk) => void (seen = Buffer.concat([seen, chunk])) });

    expect(seen.equals(stdin)).toBe(true);
    expect(await run('cat')).toMatchObject({ stdout: '' });
  });

  it('misses no exit code, however quick the command', async () => {
    for (let count = 0; count < 100; count += 1) {
      expect(await run('exit 7')).toEqual({ code: 7, stdout: '', stderr: '' });
    }
  });

  it('gives the host no agent', async () => {
    expect(await run('echo "agent: $SSH_AUTH_SOCK"')).toMatchObject({ stdout: 'agent: \n' });
  });

  it('passes on what a receiver throws, and goes on working', async () => {
    const broken = run('echo x', {
      onStdout: () => {
        throw new Error('receiver');
      },
    });

    expect((await rejection(broken)).message).toBe('receiver');
    expect(await run('echo y')).toMatchObject({ stdout: 'y\n' });
  });
});

describe('connections', () => {
  it('are kept and shared', async () => {
    const via = openSsh();
    const before = sshd.proxy.accepted();
    await Promise.all([1, 2, 3].map(() => run('sleep 0.1', { via })));
    await run('true', { via });
    expect(sshd.proxy.accepted()).toBe(before + 1);
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
    sshd.cut();
    await eventually(() => sshd.proxy.connections() === 0);

    expect(await run('echo back')).toMatchObject({ stdout: 'back\n' });
  });

  it('live on while sshd is down, and new ones are refused for that time', async () => {
    await run('true');
    await sshd.halt();
    expect(await run('echo old')).toMatchObject({ stdout: 'old\n' });
    const via = openSsh();
    expect(await rejection(run('true', { via }))).toMatchObject({
      name: 'HostUnreachable',
      disposition: 'retry',
    });
    await sshd.start();
    expect(await run('echo new', { via })).toMatchObject({ stdout: 'new\n' });
    await via.close();
  });

  it('are made a few at a time', async () => {
    const via = openSsh({ maxHandshakes: 2 });
    const before = sshd.proxy.accepted();
    sshd.proxy.stall();
    const all = [1, 2, 3, 4, 5].map((number) =>
      run('echo x', { via, target: sshd.target({ host: `cmp0${number}` }) }),
    );
    await eventually(() => sshd.proxy.accepted() === before + 2);
    sshd.proxy.resume();
    expect(await Promise.all(all)).toHaveLength(5);
    expect(sshd.proxy.accepted()).toBe(before + 5);
    await via.close();
  });

  it('all end with close, those being made as well', async () => {
    const quiet = createServer().listen(0, '127.0.0.1');
    await once(quiet, 'listening');
    const via = openSsh();
    await run('true', { via });
    const open = run('sleep 20', { via }).catch((error: Error) => error.name);
    const target = sshd.target({ port: portOf(quiet) });
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
    const lost = run('echo here; sleep 20', { onStdout: () => sshd.cut() });

    expect(await rejection(lost)).toMatchObject({
      name: 'LinkLost',
      disposition: 'ask',
      message: expect.stringContaining(`cmp01 (127.0.0.1:${sshd.port})`),
    });
  });

  it('without a word is noticed', async () => {
    const via = openSsh({ keepaliveMs: 50 });
    const lost = run('echo here; sleep 20', { via, onStdout: () => sshd.proxy.stall() });

    expect(await rejection(lost)).toMatchObject({
      name: 'LinkLost',
      message: expect.stringContaining('Keepalive timeout'),
    });
    sshd.proxy.resume();
    expect(await run('echo back', { via })).toMatchObject({ stdout: 'back\n' });
    await via.close();
  });

  it('before the banner is a host that cannot be reached', async () => {
    const via = openSsh({ connectTimeoutMs: 200 });
    sshd.proxy.stall();
    expect(await rejection(run('true', { via }))).toMatchObject({
      name: 'HostUnreachable',
      disposition: 'retry',
      message: expect.stringContaining('no SSH handshake in time'),
    });
    sshd.proxy.resume();
    await via.close();
  });

  it('at once, and a port where nobody listens, are too', async () => {
    const via = openSsh();
    sshd.proxy.refuse();
    expect(await rejection(run('true', { via }))).toMatchObject({ name: 'HostUnreachable' });
    sshd.proxy.resume();
    const target = sshd.target({ port: await freePort() });
    expect(await rejection(run('true', { via, target }))).toMatchObject({
      name: 'HostUnreachable',
      message: expect.stringContaining('nothing listens on that port (ECONNREFUSED)'),
      hint: expect.stringContaining('Nothing was started.'),
    });
    await via.close();
  });

  it('by name says which name', async () => {
    const target = sshd.target({ address: 'cmp01.invalid' });

    expect(await rejection(run('true', { target }))).toMatchObject({
      name: 'HostUnreachable',
      message: expect.stringContaining('cmp01.invalid'),
    });
  });
});

describe('who may stop it', () => {
  it('the caller, with the reason', async () => {
    const stop = new AbortController();
    const stopped = run('echo here; sleep 20', {
      signal: stop.signal,
      onStdout: () => stop.abort(new Error('enough')),
    });

    expect((await rejection(stopped)).message).toBe('enough');
    expect((await rejection(run('true', { signal: stop.signal }))).message).toBe('enough');
    expect(await run('echo on')).toMatchObject({ stdout: 'on\n' });
  });

  it('the clock', async () => {
    expect(await rejection(run('sleep 20', { timeoutMs: 100 }))).toMatchObject({
      name: 'TimedOut',
      disposition: 'ask',
      message: expect.stringContaining('no answer within 0.1 s'),
    });
  });
});

it('reads no further than a busy receiver, and then all of it', async () => {
  const size = 50 * 1024 * 1024;
  let bytes = 0;
  let release: (() => void) | undefined;
  const before = sshd.proxy.received();
  const answer = ssh.exec(sshd.target(), {
    command: `head -c ${size} /dev/zero`,
    onStdout: ({ length }) => {
      bytes += length;
      return bytes === length ? new Promise<void>((resolve) => (release = resolve)) : undefined;
    },
  });
  await eventually(() => bytes > 0);
  // The window of the channel is 2 MiB: the host must come to rest about there.
  const passed = await atRest(() => sshd.proxy.received() - before);
  release?.();

  expect(await answer).toEqual({ code: 0 });
  expect(bytes).toBe(size);
  expect(passed).toBeLessThan(8 * 1024 * 1024);
}, 60_000);

async function atRest(value: () => number): Promise<number> {
  let last = -1;
  await eventually(() => {
    const now = value();
    const rests = now === last;
    last = now;
    return new Promise<boolean>((resolve) => setTimeout(() => resolve(rests), 100));
  });
  return last;
}

describe('a key', () => {
  it('that is not there', async () => {
    const target = sshd.target({ key: join(sshd.dir, 'none') });

    expect(await rejection(run('true', { target }))).toMatchObject({
      name: 'KeyFileMissing',
      disposition: 'stop',
      message: `connecting to cmp01 (127.0.0.1:${sshd.port}): reading the key ${target.key}: there is no such file`,
    });
  });

  it('that is no key', async () => {
    const target = sshd.target({ key: join(sshd.dir, 'broken') });
    writeFileSync(target.key, 'not a key\n');

    expect(await rejection(run('true', { target }))).toMatchObject({ name: 'KeyFileUnusable' });
  });

  it('or a user that the host refuses', async () => {
    const target = sshd.target({ user: 'no-such-user' });

    expect(await rejection(run('true', { target }))).toMatchObject({
      name: 'AuthenticationRefused',
      disposition: 'stop',
      message: expect.stringContaining('for user no-such-user'),
    });
  });
});
