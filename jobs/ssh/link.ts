import { overheard } from './dial.ts';
import type { SshEnd } from './errors.ts';
import { readCredentials } from './handshake.ts';
import { loginPauses } from './pauses.ts';
import type { SshOptions, SshTarget } from './target.ts';
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
  const connecting = new Map<string, Promise<SshLink>>();
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
      let begun = connecting.get(key);
      if (begun === undefined) {
        begun = connect(target).then((link) => links.keep(key, link));
        connecting.set(key, begun);
        const forget = (): boolean => connecting.delete(key);
        begun.then(forget, forget);
      }
      await begun;
    }
  }

  async function connect({ bastion, ...hop }: SshTarget): Promise<SshLink> {
    const credentials = await readCredentials(hop);
    login.pauses.check(hop, credentials.privateKey);
    if (bastion === undefined)
      return inTurn(async () => logIn(hop, credentials, await dialHost(hop, login), login));
    const first: SshEnd = { ...hop, ...bastion, host: 'the bastion' };
    const { client } = await usable(first, () => true);
    return inTurn(async () =>
      logIn(hop, credentials, overheard(await forward(client, hop, first)), login),
    );
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
      await Promise.allSettled(connecting.values());
    },
  };
}

interface KeptLinks {
  readonly free: (key: string, isTaken: (link: SshLink) => boolean) => SshLink | undefined;
  readonly keep: (key: string, link: SshLink) => SshLink;
  readonly endIfSpare: (link: SshLink) => void;
}

/** The connections there are, by their target. One is kept for the next step; more than one only while they are needed. */
function keptLinks(): KeptLinks {
  const links = new Map<string, SshLink[]>();
  const endIfSpare = (link: SshLink): void => {
    const all = [...links.values()].find((list) => list.includes(link)) ?? [];
    link.isRetired ||= all[0] !== link && link.taken === 0;
    if (link.isRetired && link.taken === 0) link.client.end();
  };
  return {
    free: (key, isTaken) =>
      links.get(key)?.find((link) => !link.isEnded && !link.isRetired && isTaken(link)),
    keep: (key, link) => {
      links.set(key, [...(links.get(key) ?? []), link]);
      // Whoever it was opened for may have found room elsewhere meanwhile.
      setImmediate(() => endIfSpare(link));
      void link.ended.then(() => {
        const rest = (links.get(key) ?? []).filter((other) => other !== link);
        if (rest.length > 0) links.set(key, rest);
        else links.delete(key);
      });
      return link;
    },
    endIfSpare,
  };
}

/** Runs at most `max` pieces of work at a time, the rest in the order they came. */
function limiter(max: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= max) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
