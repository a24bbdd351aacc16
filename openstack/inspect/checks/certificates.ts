import { command } from '../../../handlers/contract/command.ts';
import { hostsOnCloud } from '../../../jobs/files/runbook.ts';
import { hostsOfPart } from '../../plan/context.ts';
import { type Finding, type InspectionCheck, type CheckAnswer, taggedRows } from './check.ts';

const day = 86_400_000;
const soonDays = 30;

/** How long the certificates last that HAProxy and Apache serve. */
export const certificatesCheck: InspectionCheck = {
  id: 'certificates',
  ask: (subject) => {
    const { cloud, services, chosen } = subject;
    const balancers =
      services.loadBalancer === undefined ? [] : hostsOnCloud(cloud, services.loadBalancer.on);
    const servers = chosen.flatMap((one) => hostsOfPart(subject, one, one.known.main));
    return [...new Set([...balancers, ...servers])].map((host) => ({
      host,
      commands: [command(['timeout', '20', 'sh', '-c', script, 'sh'])],
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

const script = `{
  sed -n "s/.*[[:space:]]crt[[:space:]]\\{1,\\}\\([^[:space:]]*\\).*/\\1/p" /etc/haproxy/haproxy.cfg
  grep -Rhsi "^[[:space:]]*SSLCertificateFile" /etc/apache2/sites-enabled /etc/apache2/conf-enabled | awk "{ print \\$2 }"
} 2>/dev/null | sort -u | while read -r path; do
  if [ -d "$path" ]; then find "$path" -maxdepth 1 -type f; else echo "$path"; fi
done | while read -r path; do
  printf "certificate\\t%s\\t%s\\n" "$path" "$(openssl x509 -noout -enddate -in "$path" 2>/dev/null | sed "s/^notAfter=//")"
done`;
