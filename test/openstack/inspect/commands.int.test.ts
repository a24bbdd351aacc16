import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type Server, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from '../../../handlers/contract/command.ts';
import * as ask from '../../../openstack/inspect/commands.ts';

let dir: string;
const servers: Server[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'inspect-'));
  const client = join(dir, 'mariadb');
  await writeFile(client, '#!/bin/sh\nfor one; do echo "[$one]"; done >&2\necho /var/lib\n');
  await chmod(client, 0o755);
});

afterAll(async () => {
  for (const server of servers) server.close();
  await rm(dir, { recursive: true });
});

interface Said {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

const said = ({ words: [program = '', ...rest] }: Command, path = process.env['PATH']) =>
  new Promise<Said>((done) => {
    execFile(program, rest, { env: { PATH: path } }, (error, stdout, stderr) =>
      done({ exit: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });

/** Answers whatever it is asked. */
async function answering(answer: string, at?: string): Promise<number> {
  const server = createServer((socket) => {
    socket.once('data', () => socket.end(answer));
  });
  servers.push(server);
  await new Promise<void>((done) => {
    if (at === undefined) server.listen(0, '127.0.0.1', done);
    else server.listen(at, done);
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('the commands of inspection', () => {
  it('log in to the database with a file, and pass the query whole', async () => {
    const { stderr } = await said(
      ask.sqlQueryCommand('/root/it.cnf', 'nova', 'SELECT `a` FROM b WHERE c = "d e"'),
      `${dir}:${process.env['PATH']}`,
    );

    expect(stderr.split('\n').filter((line) => line !== '')).toEqual([
      '[--defaults-file=/root/it.cnf]',
      '[--batch]',
      '[--skip-column-names]',
      '[--execute]',
      '[SELECT `a` FROM b WHERE c = "d e"]',
      '[nova]',
    ]);
  });

  it('find the room of a directory that is still to be made', async () => {
    const { stdout } = await said(
      ask.freeSpaceCommand('/root/it.cnf', join(dir, 'not', 'yet')),
      `${dir}:${process.env['PATH']}`,
    );

    expect(stdout).toMatch(/^backups\t\d+\t\S+\ndata\t\d+\t\S+\n$/);
  });

  it("read HAProxy's table from its socket", async () => {
    const socket = join(dir, 'admin.sock');
    await answering('# pxname,svname\nnova_api,ctl1\n', socket);

    expect(await said(ask.haproxyStatCommand(socket))).toEqual({
      exit: 0,
      stdout: '# pxname,svname\nnova_api,ctl1\n',
      stderr: '',
    });
  });

  it('tell a memcached from another server, and from none', async () => {
    const there = await answering('VERSION 1.4.14\r\n');
    const other = await answering('HTTP/1.1 400 Bad Request\r\n');

    expect(await said(ask.memcachedVersionCommand('127.0.0.1', there))).toMatchObject({
      exit: 0,
      stdout: 'VERSION 1.4.14\n',
    });
    expect((await said(ask.memcachedVersionCommand('127.0.0.1', other))).exit).toBe(1);
    expect((await said(ask.memcachedVersionCommand('127.0.0.1', 1))).exit).toBe(1);
  });

  it('list packages with their sources', async () => {
    const { stdout } = await said(ask.listPackagesCommand);

    expect(stdout).toMatch(/^ii \tdpkg\t[^\t]+\tdpkg$/m);
  });
});
