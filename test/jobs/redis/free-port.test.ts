import { createServer } from 'node:net';
import { expect, it } from '@jest/globals';
import { freePort } from '../../../jobs/redis/free-port.ts';

it('is a port that one can listen on, and none that an outgoing connection may have', async () => {
  const port = await freePort();

  expect(port).toBeLessThan(32_768);
  await new Promise<void>((done, fail) => {
    const server = createServer().once('error', fail);
    server.listen(port, '127.0.0.1', () => server.close(() => done()));
  });
});

it('is refused for an address of another machine', async () => {
  await expect(freePort('192.0.2.1')).rejects.toThrow('EADDRNOTAVAIL');
});
