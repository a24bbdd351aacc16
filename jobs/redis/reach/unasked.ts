import { createConnection } from 'node:net';
import type { RedisOptions } from 'ioredis';
import { type RedisRefusal, redisRefusalOf } from './refusals.ts';

/** Longer than a server on the next continent takes for one word. */
const waitMs = 1000;

type Address = Pick<RedisOptions, 'host' | 'port' | 'path' | 'tls' | 'sentinels'>;

/**
 * Why Redis ends connections, from one that listens before it speaks: a server that has too many says so at once and hangs
 * up (src/networking.c, acceptCommonHandler), and who has sent something by then reads no more than that the connection is
 * gone. Undefined where it says nothing, and behind TLS or Sentinel. Never rejects.
 */
export async function saidUnasked(address: Address): Promise<RedisRefusal | undefined> {
  const { host = '127.0.0.1', port = 6379, path, tls, sentinels } = address;
  if (tls != null || sentinels != null) return undefined;
  const said = await new Promise<string>((done) => {
    const socket = createConnection(path == null ? { host, port } : { path });
    const end = (text: string): void => {
      socket.destroy();
      done(text);
    };
    socket.setTimeout(waitMs, () => end(''));
    socket.on('data', (chunk: Buffer) => end(chunk.toString('utf8', 0, 500)));
    socket.on('error', () => end(''));
    socket.on('close', () => end(''));
  });
  return redisRefusalOf(new Error(said));
}
