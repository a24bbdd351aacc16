import { command } from '../../../../handlers/contract/command.ts';
import { type InspectionCheck, type CheckAnswer, taggedRows } from '../check.ts';
import type { Finding } from '../../finding.ts';
import { certificatesShell } from './scripts/embedded.ts';

const day = 86_400_000;
const soonDays = 30;

/** How long the certificates last that HAProxy and Apache serve. */
export const certificatesCheck: InspectionCheck = {
  id: 'certificates',
  ask: (subject) => {
    const { services, chosen } = subject;
    const balancers = services.loadBalancer === undefined ? [] : services.loadBalancer.on;
    const servers = chosen.flatMap((one) => one.mainHosts);
    return [...new Set([...balancers, ...servers])].map((host) => ({
      host,
      commands: [command(['timeout', '20', 'sh', '-c', certificatesShell, 'sh'])],
    }));
  },
  read: (said, { now }) => ({ findings: said.flatMap((one) => ending(one, Date.parse(now))) }),
};

function ending({ host, outputs: [out] }: CheckAnswer, now: number): Finding[] {
  return taggedRows(out, 'certificate').flatMap(([path = '', until = '']): Finding[] => {
    const end = Date.parse(until);
    if (Number.isNaN(end))
      return [
        {
          level: 'warn',
          host,
          what: `${path} is named as a certificate and cannot be read as one`,
          hint: 'A server that restarts may refuse to start with it.',
        },
      ];
    const days = Math.floor((end - now) / day);
    if (days > soonDays) return [];
    return [
      days < 0
        ? {
            level: 'bad',
            host,
            what: `the certificate ${path} ended ${-days} days ago`,
            hint: 'Renew it first: clients with new libraries refuse what old ones let pass.',
          }
        : {
            level: 'warn',
            host,
            what: `the certificate ${path} ends in ${days} days`,
            hint: 'Renew it before the window, not in it.',
          },
    ];
  });
}

// A line of a crt-list begins with a path, which crt-base is put before too. Where a name is not there, files of a key's
// kind each may be. What a folder holds beside certificates, HAProxy passes over.
