import { overheard } from './dial.ts';
import type { SshEnd } from './errors.ts';
import { readCredentials } from './handshake.ts';
import { keptLinks } from './kept-links.ts';
import { loginPauses } from './pauses.ts';
import type { SshOptions, SshTarget } from './target.ts';
import { jointWork, limiter } from './turns.ts';
import {
  type LoginOptions,
  type SshLink,
  dialHost,
  forward,
  logIn,
  shuttingDown,
} from './log-in.ts';

export interface SshLinkPool {
  /** A connection with room for one more channel. To be given back with `release`. */
  take(target: SshTarget): Promise<SshLink>;
  release(this: void, link: SshLink): void;
  close(): Promise<void>;
}

export function sshLinkPool({ maxHandshakes = 20, ...options }: SshOptions): SshLinkPool {
  const links = keptLinks();
  const connecting = jointWork();
  const alive = new Set<SshLink>();
  const inTurn = limiter(maxHandshakes);
  const closing = new AbortController();
  const login: LoginOptions = {
    ...options,
    pauses: loginPauses(),
    signal: closing.signal,
    onLink: (link) => {
      alive.add(link);
      void link.ended.then(() => alive.delete(link));
    },
  };

  async function usable(target: SshTarget, isTaken: (link: SshLink) => boolean): Promise<SshLink> {
    const key = JSON.stringify(target, Object.keys({ ...target, ...target.bastion }).toSorted());
    for (;;) {
      if (closing.signal.aborted) throw shuttingDown(target);
      const free = links.free(key, isTaken);
      if (free !== undefined) return free;
      await connecting.join(key, async () => links.keep(key, await connect(target)));
    }
  }

  async function connect({ bastion, ...hop }: SshTarget): Promise<SshLink> {
    const credentials = await readCredentials(hop);
    login.pauses.check(hop, credentials.privateKey);
    if (bastion === undefined)
      return inTurn(async () => logIn(hop, credentials, () => dialHost(hop, login), login));
    const first: SshEnd = { ...hop, ...bastion, host: 'the bastion' };
    const { client } = await usable(first, () => true);
    const through = async () => overheard(await forward(client, hop, first));
    return inTurn(async () => logIn(hop, credentials, through, login));
  }

  return {
    take: (target) =>
      usable(target, (link) => {
        if (link.taken >= link.limit) return false;
        link.taken += 1;
        return true;
      }),
    release(link) {
      link.taken -= 1;
      links.endIfSpare(link);
    },
    async close() {
      closing.abort();
      const all = [...alive];
      // Not `end`: that would wait for a peer which may be gone.
      for (const { client } of all) client.destroy();
      await Promise.all(all.map(({ ended }) => ended));
      await connecting.settled();
    },
  };
}
