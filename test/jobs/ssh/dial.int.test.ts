import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from '@jest/globals';
import { dial } from '../../../jobs/ssh/dial.ts';

it('sends each packet of a handshake at once, and waits for no answer to the one before', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const { sock } = await dial(
    { address: '127.0.0.1', port },
    { timeoutMs: 5000, signal: new AbortController().signal },
  );

  // Node says it nowhere else.
  const asked = Object.getOwnPropertySymbols(sock).find(
    ({ description }) => description === 'kSetNoDelay',
  );
  expect(asked && Reflect.get(sock, asked)).toBe(true);
  sock.destroy();
  server.close();
});
