import { compareVersions } from '../../../../handlers/packages/release-of-version.ts';
import { sqlQueryCommand } from '../../commands.ts';
import { type CheckAnswer, type CheckContext, type InspectionCheck, taggedRows } from '../check.ts';
import type { Finding } from '../../finding.ts';
import { hostDistribution } from '../../../plan/context.ts';

/** The database servers: their versions beside the one that the distribution's next release carries, and whether Galera is whole. */
export const databaseServerCheck: InspectionCheck = {
  id: 'database-server',
  ask: ({ services: { database } }) =>
    database.on.map((host) => ({
      host,
      commands: [
        sqlQueryCommand(
          database.defaultsFile,
          'information_schema',
          "SELECT 'version', VERSION(); SHOW GLOBAL STATUS LIKE 'wsrep%'",
        ),
      ],
    })),
  read: (said, context) => {
    const nodes = said.flatMap((one) => nodeOf(one) ?? []);
    return {
      findings: [
        ...nodes.flatMap((node) => notSynced(node)),
        ...mixed(nodes),
        ...missing(nodes, said.length),
        ...nodes.flatMap((node) => next(node, context)),
      ],
    };
  },
};

interface Node {
  readonly host: string;
  /** As `10.6.18`, with what it calls itself. */
  readonly version: string;
  readonly product: 'MariaDB' | 'MySQL';
  /** Unset where Galera is not loaded. */
  readonly galera?: {
    readonly state: string;
    readonly size: number;
    /** `3` or `4`, before the series of its provider: 25.3 is Galera 3, 26.4 Galera 4. */
    readonly generation: string;
  };
}

function nodeOf({ host, outputs: [out] }: CheckAnswer): Node | undefined {
  const [text = ''] = taggedRows(out, 'version').flat();
  const [version] = /^\d+(?:\.\d+)+/.exec(text.replace(/^5\.5\.5-(?=1\d\.)/, '')) ?? [];
  if (version === undefined) return undefined;
  const status = (name: string): string => taggedRows(out, `wsrep_${name}`).flat()[0] ?? '';
  const provider = status('provider_version');
  return {
    host,
    version,
    product: text.includes('MariaDB') ? 'MariaDB' : 'MySQL',
    ...(/^\d/.test(provider) && {
      galera: {
        state: status('local_state_comment'),
        size: Number(status('cluster_size')),
        generation: /^2[56]\.(\d)/.exec(provider)?.[1] ?? provider,
      },
    }),
  };
}

const notSynced = ({ host, galera }: Node): Finding[] =>
  galera === undefined || galera.state === 'Synced'
    ? []
    : [
        {
          level: 'bad',
          host,
          what: `this node of Galera is ${galera.state === '' ? 'in an unknown state' : galera.state} and not Synced`,
          hint: 'A schema sync waits for every node or fails on some: let it catch up, or look into its log.',
          source: 'https://galeracluster.com/library/documentation/monitoring-cluster.html',
        },
      ];

function mixed(nodes: readonly Node[]): Finding[] {
  const members = nodes.filter(({ galera }) => galera !== undefined);
  const versions = [...new Set(members.map(({ version }) => version))].toSorted(compareVersions);
  const minors = new Set(versions.map(minor));
  if (minors.size < 2) return [];
  return members.map(({ host }): Finding => ({
    level: 'bad',
    host,
    what: `Galera's nodes are of several versions: MariaDB ${versions.join(', ')}`,
    hint: 'Finish their upgrade, with mariadb-upgrade on each, before schemas are synced.',
    source: 'https://mariadb.com/kb/en/upgrading-galera-cluster',
  }));
}

function missing(nodes: readonly Node[], expected: number): Finding[] {
  const members = nodes.filter(({ galera }) => galera !== undefined);
  return members.flatMap(({ host, galera }): Finding[] =>
    galera === undefined || galera.size >= expected
      ? []
      : [
          {
            level: 'warn',
            host,
            what: `Galera has ${galera.size} of the ${expected} nodes that the cloud's file names`,
            hint: 'A node that is away gets a whole copy when it comes back: bring it back first.',
            source: 'https://galeracluster.com/library/documentation/monitoring-cluster.html',
          },
        ],
  );
}

/** What the distribution's next release would make of it. */
function next({ host, version, product, galera }: Node, context: CheckContext): Finding[] {
  const { mariadb } = context.knowledge.infrastructure;
  const codename = hostDistribution(context)?.next;
  const carries = codename === undefined ? undefined : mariadb.carried[codename];
  if (product !== 'MariaDB' || carries === undefined) return [];
  if (compareVersions(carries, minor(version)) <= 0) return [];
  const rule = mariadb.rules.find(({ id }) => id === 'mariadb-galera-versions');
  const crosses = galera?.generation === '3' && compareVersions(carries, '10.5') >= 0;
  return [
    {
      level: crosses ? 'warn' : 'note',
      host,
      what: crosses
        ? `MariaDB ${version} has Galera 3, and the ${carries} of ${codename ?? ''} Galera 4: a rolling upgrade goes through 10.4`
        : `is MariaDB ${version}${galera === undefined ? '' : ` with Galera ${galera.generation}`}; ${codename ?? ''} carries ${carries}`,
      hint:
        galera === undefined
          ? 'It does not go back to an older version: dump before its host gets another release of the distribution, and run mariadb-upgrade after.'
          : 'One node after the other, before or after the services and not in between, with mariadb-upgrade on each.',
      source: rule?.source ?? mariadb.source,
    },
  ];
}

const minor = (version: string): string => version.split('.').slice(0, 2).join('.');
