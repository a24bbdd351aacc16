import { once } from 'node:events';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';

/** A way to a host, and what it says on it before its version. */
export interface SshLine {
  readonly sock: Duplex;
  /** Whether its version line came, and what it said before that, or in the place of it. */
  readonly greeting: () => { readonly isSsh: boolean; readonly said: string };
}

/** Connects over TCP. Rejects with an error whose `code` says why; of a name with several addresses, with that of each. */
export async function dial(
  { address: host, port }: { readonly address: string; readonly port: number },
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<SshLine> {
  // A handshake is small packets one after the other: each would wait for the answer to the one before, 40 ms of it.
  const sock = connect({ host, port, noDelay: true });
  const late = setTimeout(() => sock.destroy(timedOut()), timeoutMs);
  try {
    await once(sock, 'connect', { signal });
    return overheard(sock);
  } catch (error) {
    sock.on('error', () => {}).destroy();
    throw error;
  } finally {
    clearTimeout(late);
  }
}

const timedOut = (): Error => Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT' });

/** Longer than any line that an sshd says in the place of its version. */
const longest = 512;

/** Listens along until the version line, without taking anything from who reads it. */
export function overheard(sock: Duplex): SshLine {
  let said = '';
  const hear = (chunk: Buffer): void => {
    said = (said + chunk.toString('latin1')).slice(0, longest);
    if (/^SSH-/m.test(said) || said.length === longest) sock.off('data', hear);
  };
  // Before ssh2 listens nothing arrives: a stream begins to flow in the next tick.
  sock.on('data', hear);
  return {
    sock,
    greeting: () => ({ isSsh: /^SSH-/m.test(said), said: said.replace(/^SSH-.*/ms, '').trim() }),
  };
}
