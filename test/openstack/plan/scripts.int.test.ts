import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server as TcpServer,
} from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { knowledge } from '../known.ts';

const Run = z.looseObject({ run: z.array(z.string()) });
const Params = z.union([z.looseObject({ command: Run }).transform(({ command }) => command), Run]);

interface Answer {
  readonly exit: number;
  readonly output: string;
}

/** Runs the command of a step template, with its placeholders (words that begin with $) replaced. */
function run(id: string, ...values: string[]): Promise<Answer> {
  const [program = '', ...words] = Params.parse(knowledge.steps[id]?.params).run;
  const args = words.flatMap((word) => (/^\$[a-z]+$/.test(word) ? values : [word]));
  return new Promise((resolve) => {
    execFile(program, args, (error, stdout, stderr) => {
      resolve({ exit: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}

const servers: (Server | TcpServer)[] = [];
afterEach(async () => {
  for (const server of servers.splice(0))
    await new Promise((resolve) => {
      server.close(resolve);
      if ('closeAllConnections' in server) server.closeAllConnections();
    });
});

async function listening(server: Server | TcpServer): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  const address: string | AddressInfo | null = server.address();
  return typeof address === 'object' && address !== null ? `127.0.0.1:${address.port}` : '';
}

/** As much of memcached as the check talks to. `forgets`: it says STORED and keeps nothing. */
function memcached({ forgets = false } = {}): TcpServer {
  return createTcpServer((socket) => {
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk.toString();
      if (!heard.endsWith('quit\r\n')) return;
      expect(heard).toBe('set hopscotch-check 0 60 2\r\nok\r\nget hopscotch-check\r\nquit\r\n');
      socket.end(
        forgets ? 'STORED\r\nEND\r\n' : 'STORED\r\nVALUE hopscotch-check 0 2\r\nok\r\nEND\r\n',
      );
    });
  });
}

describe('the check of memcached', () => {
  it('passes when each one returns what it was given', async () => {
    const all = [await listening(memcached()), await listening(memcached())];

    expect(await run('keystone-memcached', ...all)).toEqual({
      exit: 0,
      output: all.map((at) => `${at}: stores and returns\n`).join(''),
    });
  });

  it('fails when one forgets', async () => {
    const [good, bad] = [
      await listening(memcached()),
      await listening(memcached({ forgets: true })),
    ];

    expect(await run('keystone-memcached', good, bad)).toEqual({
      exit: 1,
      output: expect.stringContaining(`${bad}: did not return what was stored`),
    });
  });

  it('fails when nobody listens', async () => {
    expect(await run('keystone-memcached', '127.0.0.1:1')).toMatchObject({ exit: 1 });
  });
});

/** As much of memcached as emptying it talks to. */
const emptied = (answer: string): TcpServer =>
  createTcpServer((socket) => {
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk.toString();
      if (heard === 'flush_all\r\nquit\r\n') socket.end(answer);
    });
  });

describe('emptying memcached', () => {
  it('empties each one', async () => {
    const all = [await listening(emptied('OK\r\n')), await listening(emptied('OK\r\n'))];

    expect(await run('keystone-cache-emptied', ...all)).toEqual({
      exit: 0,
      output: all.map((at) => `${at}: emptied\n`).join(''),
    });
  });

  it('fails when one refuses, and says what it answered', async () => {
    const at = await listening(emptied('CLIENT_ERROR flush_all not allowed\r\n'));

    expect(await run('keystone-cache-emptied', at)).toEqual({
      exit: 1,
      output: expect.stringContaining(`${at}: did not empty itself: CLIENT_ERROR`),
    });
  });
});

const dashboard = (pages: Readonly<Record<string, string>>): Promise<string> =>
  listening(
    createServer(({ url = '' }, response) => {
      const page = pages[url];
      response.writeHead(page === undefined ? 404 : 200).end(page);
    }),
  );

describe('the check of the dashboard', () => {
  const login =
    '<link href="/static/a.css" rel="stylesheet"><link rel="stylesheet" href="/static/b.css?v=2">';

  it('passes when every style sheet of the login page loads', async () => {
    const at = await dashboard({
      '/horizon/auth/login/': login,
      '/static/a.css': 'a {}',
      '/static/b.css?v=2': 'b {}',
    });

    expect(await run('horizon-styles', `http://${at}/horizon`)).toEqual({
      exit: 0,
      output: `http://${at}/static/a.css: 200\nhttp://${at}/static/b.css?v=2: 200\n`,
    });
  });

  it('names the style sheet that does not', async () => {
    const at = await dashboard({ '/horizon/auth/login/': login, '/static/a.css': 'a {}' });

    expect(await run('horizon-styles', `http://${at}/horizon`)).toEqual({
      exit: 1,
      output: expect.stringContaining(
        `style sheet http://${at}/static/b.css?v=2 answered with status 404`,
      ),
    });
  });

  it('fails when the page has none', async () => {
    const at = await dashboard({ '/horizon/auth/login/': '<h1>Log in</h1>' });

    expect(await run('horizon-styles', `http://${at}/horizon`)).toMatchObject({
      exit: 1,
      output: expect.stringContaining('the page names none'),
    });
  });

  it('fails when there is no page', async () => {
    expect(await run('horizon-styles', `http://${await dashboard({})}/horizon`)).toMatchObject({
      exit: 1,
    });
  });
});
