import type { SshLink } from './log-in.ts';

export interface KeptLinks {
  readonly free: (key: string, isTaken: (link: SshLink) => boolean) => SshLink | undefined;
  readonly keep: (key: string, link: SshLink) => SshLink;
  readonly endIfSpare: (link: SshLink) => void;
}

/** The connections there are, by their target. One is kept for the next step; more than one only while they are needed. */
export function keptLinks(): KeptLinks {
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
