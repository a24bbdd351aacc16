import type { CommandOutput } from '../../handlers/contract/command.ts';
import type { Cloud } from '../../jobs/files/cloud.ts';
import type { InspectAnswer } from '../../jobs/redis/inspect-request.ts';
import { inspectionRequest } from '../../openstack/inspect/questions.ts';
import { readInspection } from '../../openstack/inspect/read.ts';
import type { Inspection } from '../../openstack/inspect/inspection.ts';
import { junoCloud as juno } from './juno-cloud.ts';
import { knowledge } from './known.ts';

/** What a host says to a command line, given as one text; undefined: what it usually says. */
export type HostSays = (host: string, line: string) => Partial<CommandOutput> | undefined;

/** The answers of a Juno cloud in which all is well, but for what `says` has otherwise. */
export function inspectAnswers(
  says: HostSays = () => undefined,
  cloud: Cloud = juno,
): InspectAnswer {
  const { hosts } = inspectionRequest(cloud, knowledge);
  return Object.fromEntries(
    Object.entries(hosts).map(([host, { commands }]) => [
      host,
      {
        outputs: commands.map(({ words }) => {
          const line = words.join(' ');
          return { exit: 0, stdout: '', stderr: '', ...(says(host, line) ?? usually(host, line)) };
        }),
      },
    ]),
  );
}

export const inspectedCloud = (says?: HostSays, cloud: Cloud = juno): Inspection =>
  readInspection(cloud, knowledge, inspectAnswers(says, cloud), besideAnswers());

/** What goes with the answers: the operator's files, and the time. */
export const besideAnswers = (configFiles: Readonly<Record<string, string>> = {}) => ({
  configFiles,
  now: '2026-01-01T00:00:00Z',
});

/** Rows of dpkg-query on the hosts of a Juno cloud on Ubuntu 14.04. */
export const junoPackageRows: Readonly<Record<string, string>> = {
  lb1: 'ii \thaproxy\t1.4.24-2\thaproxy\n',
  db1: 'ii \tmysql-server\t5.5.62-0ubuntu0.14.04.1\tmysql-5.5\n',
  ctl1: [
    'ii \tapache2\t2.4.7-1ubuntu4.22\tapache2',
    'ii \tglance-api\t1:2014.2.4-0ubuntu1~cloud0\tglance',
    'ii \tkeystone\t1:2014.2.4-0ubuntu1~cloud0\tkeystone',
    'ii \tneutron-server\t1:2014.2.4-0ubuntu1~cloud2\tneutron',
    'ii \tnova-api\t1:2014.2.4-0ubuntu1~cloud1.2\tnova',
    'ii \tnova-conductor\t1:2014.2.4-0ubuntu1~cloud1.2\tnova',
    'ii \topenstack-dashboard\t1:2014.2.4-0ubuntu1~cloud0\thorizon',
    'ii \tpython-novaclient\t1:2.19.0-0ubuntu1~cloud0\tpython-novaclient',
    'rc \tnova-cells\t1:2014.1.5-0ubuntu1.7\tnova',
    '',
  ].join('\n'),
  net1: 'ii \tneutron-l3-agent\t1:2014.2.4-0ubuntu1~cloud2\tneutron\n',
  cmp1: 'hi \tnova-compute\t1:2014.2.4-0ubuntu1~cloud1.2\tnova\n',
  cmp2: 'ii \tnova-compute\t1:2014.2.4-0ubuntu1~cloud1.2\tnova\n',
};

const revisions: Readonly<Record<string, string>> = {
  keystone: '1\tendpoint_filter\n55\tkeystone\n2\trevoke\n',
  glance: '36\tGlance Migrations\n',
  nova: '254\tnova\n',
};

const stat = `# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight
keystone_public,FRONTEND,,,3,9,2000,91,0,0,0,0,0,,,,,OPEN,
keystone_public,ctl1,0,0,3,9,,91,0,0,,0,,0,0,0,0,UP,1
keystone_public,BACKEND,0,0,3,9,200,91,0,0,0,0,,0,0,0,0,UP,1
nova_api,ctl1,0,0,0,4,,12,0,0,,0,,0,0,0,0,MAINT,1
`;

function usually(host: string, line: string): Partial<CommandOutput> {
  if (line.includes('os-release'))
    return { stdout: 'NAME="Ubuntu"\nPRETTY_NAME="Ubuntu 14.04.6 LTS"\nID=ubuntu\n' };
  if (line.startsWith('dpkg-query')) return { stdout: junoPackageRows[host] ?? '' };
  if (line.endsWith('-api status') || line.endsWith('apache2 status')) return { exit: 3 };
  if (line.includes('@@datadir'))
    return { stdout: 'backups\t40000000\t/dev/sdb1\ndata\t20000000\t/dev/sda1\n' };
  if (line.includes('table_schema IN'))
    return { stdout: 'glance\t1048576\t19\nkeystone\t20971520\t33\nnova\t1073741824\t109\n' };
  const [, of] = /\.cnf (\S+) SELECT version, repository_id/.exec(line) ?? [];
  if (of !== undefined && of !== 'neutron') return { stdout: revisions[of] ?? '' };
  if (line.includes('neutron SELECT version_num')) return { stdout: 'juno\n' };
  if (line.includes('SELECT version')) return missing;
  if (line.includes('uuid IS NULL')) return { stdout: '2\n' };
  if (line.includes('instance_system_metadata')) return { stdout: '41\n' };
  if (line.includes('show stat')) return { stdout: stat };
  if (line.includes('/dev/tcp')) return { stdout: 'VERSION 1.4.14\n' };
  if (line.startsWith('crontab'))
    return {
      stdout:
        '# keystone-manage token_flush was here\n@hourly /usr/bin/keystone-manage token_flush >/dev/null\n5 0 * * * true\n',
    };
  if (line.startsWith('grep')) return { exit: 1 };
  return {};
}

const missing = {
  exit: 1,
  stderr: "ERROR 1146 (42S02) at line 1: Table 'x.alembic_version' doesn't exist",
};
