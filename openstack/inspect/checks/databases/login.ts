import { command } from '../../../../handlers/contract/command.ts';
import * as commands from '../../commands.ts';
import { type InspectionCheck, type CheckAnswer, taggedRows } from '../check.ts';
import type { Finding } from '../../finding.ts';
import { databaseLoginShell } from './scripts/embedded.ts';

/** Whether the logins for dumps and schema syncs go on working with the clients that an upgrade brings. */
export const databaseLoginCheck: InspectionCheck = {
  id: 'database-login',
  ask: (subject) => {
    const { services, chosen } = subject;
    const { on, defaultsFile } = services.database;
    const [host] = on;
    if (host === undefined) return [];
    const clients = chosen.flatMap((one) => one.mainHosts.slice(0, 1));
    return [
      {
        host,
        about: 'server',
        commands: [
          commands.sqlQueryCommand(defaultsFile, 'information_schema', "SELECT 'tls', @@have_ssl"),
        ],
      },
      ...[...new Set([host, ...clients])].map((client) => ({
        host: client,
        about: 'client',
        commands: [command(['sh', '-c', databaseLoginShell, 'sh', defaultsFile])],
      })),
    ];
  },
  read: (said) => {
    const server = said.find(({ about }) => about === 'server');
    const [tls = ''] = taggedRows(server?.outputs[0], 'tls').flat();
    const clients = said.filter(({ about }) => about === 'client');
    const isPlain = tls === 'DISABLED' || tls === 'NO';
    return {
      findings: [...clients.flatMap(shut), ...(isPlain ? clients.flatMap(withoutTls) : [])],
    };
  },
};

/** A sync looks at its database from the host where it runs, and that is inside the outage. */
function shut({ host, outputs: [out] }: CheckAnswer): Finding[] {
  const [why] = taggedRows(out, 'no-login');
  if (why === undefined && taggedRows(out, 'no-client').length === 0) return [];
  return [
    {
      level: 'bad',
      host,
      what:
        why === undefined
          ? 'there is no client of MariaDB or MySQL, and this host looks at its databases before and after their schemas are synced'
          : `the database login of this host lets nobody in: ${why[0] ?? ''}`,
      hint:
        why === undefined
          ? 'Install mariadb-client here before the window.'
          : 'Correct its option file before the window: schemas are synced from here.',
      source: 'an image host without a client, observed',
    },
  ];
}

function withoutTls({ host, outputs: [out] }: CheckAnswer): Finding[] {
  const [[path = '', says = ''] = []] = taggedRows(out, 'option-file');
  if (path === '' || says === 'yes') return [];
  return [
    {
      level: 'warn',
      host,
      what: `the database server offers no TLS, and the clients of MariaDB 11.4 and later (trixie has 11.8) refuse such a server`,
      hint: `Turn TLS on at the server; or, where its network is trusted, write skip-ssl under [client] in ${path}.`,
      source: 'MariaDB 11.8 of Debian 13: ERROR 2026 (HY000), observed',
    },
  ];
}
