import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { Agent, createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isAnswered } from './api-watch.ts';

const dir = mkdtempSync(join(tmpdir(), 'api-answer-'));
const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
let answer: (response: ServerResponse) => void;
let server: Server;
let agent: Agent;

beforeAll(async () => {
  const words = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=api.lab -addext subjectAltName=DNS:api.lab -keyout ${key} -out ${cert}`;
  execFileSync('openssl', words.split(' '), { stdio: 'ignore' });
  server = createServer(
    { key: readFileSync(key), cert: readFileSync(cert) },
    (_request, response) => answer(response),
  );
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  agent = new Agent({ ca: readFileSync(cert), keepAlive: true, servername: 'api.lab' });
});

afterAll(() => {
  agent.destroy();
  server.close();
  rmSync(dir, { recursive: true });
});

describe('whether an API behind TLS answers', () => {
  const begin = (response: ServerResponse) =>
    response.writeHead(300, { 'content-length': 100 }).write('{"versions"');

  it.each<[string, boolean, (response: ServerResponse) => void]>([
    ['with its versions', true, (response) => response.writeHead(300).end('{"versions": []}')],
    ['with a failure', false, (response) => response.writeHead(503).end()],
    ['not at all', false, (response) => response.socket?.destroy()],
    [
      'with something that breaks off in the middle',
      false,
      (response) => {
        begin(response);
        setImmediate(() => response.socket?.destroy());
      },
    ],
    [
      'with something that the other side ends in the middle',
      false,
      (response) => {
        begin(response);
        setImmediate(() => response.socket?.end());
      },
    ],
  ])('%s', async (_how, isThere, how) => {
    answer = how;
    const { port } = server.address() as AddressInfo;

    expect(await isAnswered(agent, '127.0.0.1', port)).toBe(isThere);
  });
});
