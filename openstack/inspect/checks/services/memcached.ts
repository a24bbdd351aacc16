import { memcachedVersionCommand } from '../../commands.ts';
import { checkAbout } from '../check.ts';

interface Place {
  readonly address: string;
  readonly port: number;
}

/** Whether memcached answers where keystone runs: that is who has to reach it. */
export const memcachedCheck = checkAbout<Place>({
  id: 'memcached',
  ask: ({ cloud, services, chosen }) => {
    const keystone = chosen.find(({ known }) => known.name === 'keystone');
    if (keystone === undefined) return [];
    return keystone.mainHosts.flatMap((host) =>
      services.memcached.flatMap(({ on, port }) =>
        on.map((name) => {
          const address = cloud.hosts[name]?.address ?? name;
          return {
            host,
            about: { address, port },
            commands: [memcachedVersionCommand(address, port)],
          };
        }),
      ),
    );
  },
  read: (said) => ({
    found: {
      memcached: said.map(({ host, about: { address, port }, outputs: [out] }) => ({
        from: host,
        address: `${address}:${port}`,
        ...(out?.exit === 0 && { answer: out.stdout.trim() }),
      })),
    },
  }),
});
