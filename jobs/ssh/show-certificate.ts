import { createECDH, randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { wireReader, wireString } from './wire.ts';

const certificateTypes = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
].map((type) => `${type}-cert-v01@openssh.com`);

/** What begins each key exchange. No secret comes of it, so what fits the form is enough. */
const beginnings: Readonly<Record<string, () => Buffer>> = {
  'curve25519-sha256': () => randomBytes(32),
  'curve25519-sha256@libssh.org': () => randomBytes(32),
  'ecdh-sha2-nistp256': () => createECDH('prime256v1').generateKeys(),
  'diffie-hellman-group14-sha256': () => Buffer.concat([Buffer.from([1]), randomBytes(254)]),
  'diffie-hellman-group16-sha512': () => Buffer.concat([Buffer.from([1]), randomBytes(510)]),
};

const ciphers =
  'aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,aes128-cbc,aes256-cbc';
const macs =
  'hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,umac-128-etm@openssh.com,umac-64-etm@openssh.com,hmac-sha1-etm@openssh.com,hmac-sha2-256,hmac-sha2-512,umac-128@openssh.com,umac-64@openssh.com,hmac-sha1';

/**
 * Asks a host for its certificate, which ssh2 cannot: goes as far into a key exchange (RFC 4253, RFC 5656) as the host
 * shows it, still in the clear, and hangs up. That it has the key as well is proved by the login that follows. Undefined
 * where the host shows none.
 */
export async function shownCertificate(
  sock: Duplex,
  timeoutMs: number,
): Promise<Buffer | undefined> {
  try {
    return await new Promise<Buffer | undefined>((resolve) => {
      const late = setTimeout(() => resolve(undefined), timeoutMs);
      const end = (certificate?: Buffer): void => {
        clearTimeout(late);
        resolve(certificate);
      };
      sock.on('error', () => end()).on('close', () => end());
      sock.on(
        'data',
        exchange((bytes) => sock.write(bytes), end),
      );
      sock.write(`SSH-2.0-Hopscotch\r\n`);
      sock.write(packet(offer()));
    });
  } finally {
    sock.destroy();
  }
}

const [kexInit, disconnect, exchangeInit, exchangeReply] = [20, 1, 30, 31] as const;

/** Takes what a host sends. Calls `end` with the certificate, or without one where there is none to come. */
function exchange(
  send: (bytes: Buffer) => void,
  end: (certificate?: Buffer) => void,
): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  let isPastVersion = false;
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    if (!isPastVersion) {
      const line = /^SSH-[^\n]*\n/m.exec(rest.toString('latin1'));
      if (line === null) return rest.length > 10_000 ? end() : undefined;
      rest = rest.subarray(line.index + line[0].length);
      isPastVersion = true;
    }
    while (rest.length >= 5 && rest.length >= 4 + rest.readUInt32BE()) {
      const length = rest.readUInt32BE();
      const payload = rest.subarray(5, 4 + length - rest.readUInt8(4));
      rest = rest.subarray(4 + length);
      try {
        answer(payload, send, end);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        end();
      }
    }
  };
}

function answer(
  payload: Buffer,
  send: (bytes: Buffer) => void,
  end: (certificate?: Buffer) => void,
): void {
  const [kind] = payload;
  if (kind === disconnect) return end();
  if (kind === exchangeReply) return end(wireReader(payload, 1).string());
  if (kind !== kexInit) return;
  const theirs = new Set(wireReader(payload, 17).string().toString('latin1').split(','));
  const ours = Object.keys(beginnings).find((name) => theirs.has(name)) ?? '';
  const begin = beginnings[ours];
  if (begin === undefined) return end();
  send(packet(Buffer.concat([Buffer.from([exchangeInit]), wireString(begin())])));
}

function offer(): Buffer {
  const lists = [Object.keys(beginnings).join(','), certificateTypes.join(',')];
  const all = [...lists, ciphers, ciphers, macs, macs, 'none', 'none', '', ''];
  return Buffer.concat([
    Buffer.from([kexInit]),
    randomBytes(16),
    ...all.map((list) => wireString(list)),
    Buffer.alloc(5), // no guess follows, and a reserved number
  ]);
}

/** A packet before there are keys (RFC 4253, section 6). */
function packet(payload: Buffer): Buffer {
  const padding = 4 + ((8 - ((payload.length + 9) % 8)) % 8);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(payload.length + padding + 1);
  head.writeUInt8(padding, 4);
  return Buffer.concat([head, payload, Buffer.alloc(padding)]);
}
