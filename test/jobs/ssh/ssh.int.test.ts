import { describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, rejection } from '../../support/eventually.ts';
import {
  type ShellAnswer,
  type ShellRequest,
  askShell,
  remoteHost,
} from '../../support/servers/remote.ts';

const there = remoteHost();
const run = (command: string, rest: ShellRequest = {}): Promise<ShellAnswer> =>
  askShell(there, command, rest);

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
  const before = there.sshd.proxy.received();
  const answer = there.ssh.exec(there.sshd.target(), {
    command: `head -c ${size} /dev/zero`,
    onStdout: ({ length }) => {
      bytes += length;
      return bytes === length ? new Promise<void>((resolve) => (release = resolve)) : undefined;
    },
  });
  await eventually(() => bytes > 0);
  // The window of the channel is 2 MiB: the host must come to rest about there.
  const passed = await atRest(() => there.sshd.proxy.received() - before);
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
    const target = there.sshd.target({ key: join(there.sshd.dir, 'none') });

    expect(await rejection(run('true', { target }))).toMatchObject({
      name: 'KeyFileMissing',
      disposition: 'stop',
      message: `connecting to cmp01 (127.0.0.1:${there.sshd.port}): reading the key ${target.key}: there is no such file`,
    });
  });

  it('that is no key', async () => {
    const target = there.sshd.target({ key: join(there.sshd.dir, 'broken') });
    writeFileSync(target.key, 'not a key\n');

    expect(await rejection(run('true', { target }))).toMatchObject({ name: 'KeyFileUnusable' });
  });

  it('or a user that the host refuses', async () => {
    const target = there.sshd.target({ user: 'no-such-user' });

    expect(await rejection(run('true', { target }))).toMatchObject({
      name: 'AuthenticationRefused',
      disposition: 'stop',
      message: expect.stringContaining('for user no-such-user'),
    });
  });
});
