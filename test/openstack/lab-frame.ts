import { Cloud } from '../../jobs/files/cloud.ts';

interface Lab {
  readonly series: string;
  /** By host. */
  readonly roles: Readonly<Record<string, readonly string[]>>;
  readonly services: unknown;
}

/** A cloud of the lab, with these hosts and services. */
export const labOf = ({ series, roles, services }: Lab): Cloud =>
  Cloud.parse({
    name: 'lab',
    environment: 'verification',
    series,
    channel: 'C012ABCDEF',
    ssh: { user: 'ops', key: '~/.ssh/lab', knownHosts: 'known_hosts', become: true },
    hosts: Object.fromEntries(
      Object.entries(roles).map(([name, own], index) => [
        name,
        { address: `192.0.2.${10 + index}`, roles: own },
      ]),
    ),
    access: { engineers: ['U012ABCDEF'], approvers: ['U034GHIJKL', 'U056MNOPQR'] },
    services,
  });
