import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, get, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { toShell, type Command } from '../../../handlers/contract/command.ts';
import { freePort } from '../../../jobs/redis/free-port.ts';
import { eventually } from '../../support/eventually.ts';
import { runHere, StepUnderTest } from '../../support/steps/step.ts';

describe('loadbalancer', () => {
  let dir: string;
  let socket: string;
  let haproxy: ChildProcess;
  let front: number;
  let open: ServerResponse[];
  let close: () => Promise<unknown>;

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'haproxy-'));
    socket = join(dir, 'admin.sock');
    open = [];
    const api = createServer((request, response) => {
      if (request.url === '/slow') open.push(response);
      else response.end('keystone');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => api.once('listening', resolve));
    close = () => new Promise((resolve) => api.close(resolve));
    const address = api.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    front = await freePort();
    const config = join(dir, 'haproxy.cfg');
    writeFileSync(
      config,
      `global
  stats socket ${socket} mode 600 level admin
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend public
  bind 127.0.0.1:${front}
  default_backend keystone_public
backend keystone_public
  server ctl1 127.0.0.1:${port} check inter 200 rise 2
  server ctl2 127.0.0.1:${port} check inter 200 rise 2
  server ctl3 127.0.0.1:${port} check inter 200 rise 2 disabled
backend other
  server ctl1 127.0.0.1:${port}
`,
    );
    haproxy = spawn('haproxy', ['-db', '-f', config], {
      stdio: 'ignore',
      env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
    });
    await eventually(() => existsSync(socket));
  });

  afterEach(async () => {
    haproxy.kill('SIGKILL');
    for (const response of open) response.end();
    await close();
    rmSync(dir, { recursive: true });
  });

  const drain = (rest: object = {}) => ({
    socket,
    backend: 'keystone_public',
    state: 'drain',
    ...rest,
  });

  const ask = (path: string) =>
    get({ port: front, path, agent: false }, (response) => response.resume()).on('error', () => {});

  const status = (): Promise<number> =>
    new Promise((resolve, reject) => {
      get({ port: front, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      }).on('error', reject);
    });

  it('takes a backend out of service and puts it back as it was', async () => {
    const step = new StepUnderTest('loadbalancer', drain({ sessions: { waitSeconds: 20 } }));
    await step.probe();
    expect(await status()).toBe(200);

    expect(await step.run()).toBe(true);
    expect(step.said).toBe(
      'keystone_public/ctl1 -> drain\nkeystone_public/ctl2 -> drain\nkeystone_public/ctl3 is in maintenance, and stays so\nkeystone_public is drain\n',
    );
    expect(await status()).toBe(503);
    expect(await step.probe()).toMatchObject({
      servers: { ctl1: { admin: 'drain' }, ctl2: { admin: 'drain' }, ctl3: { admin: 'maint' } },
    });
    expect(await step.back()).toBe(true);
    expect(await status()).toBe(200);
  });

  it('waits for open sessions to end', async () => {
    const slept = join(dir, 'slept');
    mkdirSync(join(dir, 'bin'));
    writeFileSync(join(dir, 'bin/sleep'), `#!/bin/sh\n: >${slept}\n`, { mode: 0o755 });
    const path = `PATH=${join(dir, 'bin')}:${process.env['PATH']}`;
    const step = new StepUnderTest(
      'loadbalancer',
      drain({ sessions: { waitSeconds: 3600 } }),
      (line) => runHere({ ...line, words: ['env', path, ...line.words] }),
    );
    const slow = ask('/slow');
    await eventually(() => open.length === 1);
    expect(await step.changes()).toContain('1 open session');

    let isOver = false;
    const running = step.run().finally(() => (isOver = true));
    await eventually(() => existsSync(slept));
    expect([isOver, await status()]).toEqual([false, 503]);
    open[0]?.end();

    expect(await running).toBe(true);
    expect(step.said).toMatch(/waiting for ctl[12] \(1 open\)/);
    slow.destroy();
  });

  it('says whose sessions did not end in time', async () => {
    const slow = ask('/slow');
    await eventually(() => open.length === 1);
    const step = new StepUnderTest('loadbalancer', drain({ sessions: { waitSeconds: 1 } }));

    expect(await step.fails()).toMatchObject({
      exit: 1,
      stderr: expect.stringMatching(/^loadbalancer: after 1 s not drain: ctl[12] \(1 open\)\n$/),
    });
    expect(await step.back()).toBe(true);
    slow.destroy();
  });

  it('makes servers ready, waits until they are up, and leaves those in maintenance', async () => {
    await new StepUnderTest('loadbalancer', drain()).run();
    const step = new StepUnderTest('loadbalancer', drain({ state: 'ready' }));

    expect(await step.run()).toBe(true);
    expect(step.said).toContain('keystone_public is ready\n');
    expect(await step.probe()).toMatchObject({
      servers: { ctl1: { status: 'UP' }, ctl2: { status: 'UP' }, ctl3: { admin: 'maint' } },
    });
    expect(await step.back()).toBe(true);
    expect(await step.probe()).toMatchObject({ servers: { ctl1: { admin: 'drain' } } });
  });

  it('takes a server out of maintenance that is named, and no other', async () => {
    const step = new StepUnderTest('loadbalancer', drain({ state: 'ready', servers: ['ctl3'] }));

    expect(await step.run()).toBe(true);
    expect(step.said).toMatch(/^keystone_public\/ctl3 -> ready\n[^]*keystone_public is ready\n$/);
    expect(await step.probe()).toMatchObject({
      servers: { ctl3: { status: expect.stringMatching(/^UP/) } },
    });
    expect(await step.back()).toBe(true);
    expect(await step.probe()).toMatchObject({ servers: { ctl3: { admin: 'maint' } } });
  });

  it('speaks through perl where there is no socat, and through python without both', async () => {
    for (const program of ['perl', 'python3']) {
      const path = pathWith(join(dir, program), ['sh', 'timeout', program]);
      const within = (command: Command) =>
        runHere({ ...command, words: ['env', `PATH=${path}`, ...command.words] });
      const step = new StepUnderTest('loadbalancer', drain({ backend: 'other' }), within);

      expect(await step.run()).toBe(true);
      expect(await step.back()).toBe(true);
    }
  });

  it('says what is missing on the host', async () => {
    const path = pathWith(join(dir, 'none'), ['sh', 'grep']);
    const within = (command: Command) =>
      runHere({ ...command, words: ['env', `PATH=${path}`, ...command.words] });

    expect(await within({ words: probeWords() })).toMatchObject({
      exit: 127,
      stderr: 'loadbalancer: none of socat, perl, python3 and nc -U is on this host\n',
    });
    rmSync(socket);
    expect(await runHere({ words: probeWords() })).toMatchObject({
      exit: 1,
      stderr: `loadbalancer: there is no socket ${socket}\n`,
    });
  });

  function probeWords(): string[] {
    const commands: Command[] = [];
    const spy = (command: Command) => {
      commands.push(command);
      return Promise.resolve({ exit: 0, stdout: '# pxname,svname\nkeystone_public,a', stderr: '' });
    };
    void new StepUnderTest('loadbalancer', drain(), spy).probe();
    return commands[0]?.words ?? [];
  }
});

function pathWith(path: string, programs: readonly string[]): string {
  mkdirSync(path);
  for (const name of programs) {
    const line = toShell(['command', '-v', name]);
    const found = spawnSync('/bin/sh', ['-c', line], {
      encoding: 'utf8',
      env: { PATH: '/usr/bin:/bin' },
    });
    symlinkSync(found.stdout.trim(), join(path, name));
  }
  return path;
}
