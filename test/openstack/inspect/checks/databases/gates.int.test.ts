import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { startMariaDb, type TestMariaDb } from '../../../../support/servers/mariadb.ts';
import { knowledge } from '../../../known.ts';

let db: TestMariaDb;
beforeAll(async () => {
  db = await startMariaDb();
}, 60_000);
afterAll(() => db.stop());

const alembic = {
  tables: 'CREATE TABLE migrate_version (version INT)',
  blocked: [1, 'SELECT 1'],
  clear: 'CREATE TABLE alembic_version (version_num VARCHAR(32))',
} as const;

const versions = (old: number, head: number) =>
  ({
    tables: 'CREATE TABLE migrate_version (repository_id VARCHAR(250), version INT)',
    blocked: [1, `INSERT INTO migrate_version VALUES ('own', ${old})`],
    clear: `UPDATE migrate_version SET version = ${head}`,
  }) as const;

const novaServices =
  'CREATE TABLE services (id INT AUTO_INCREMENT PRIMARY KEY, host VARCHAR(255), `binary` VARCHAR(255), uuid VARCHAR(36), version INT, forced_down BOOL, deleted INT)';

/** What a database of the release before looks like, as far as the query reads it; how many rows it has to find; a cure. */
const cases: Readonly<
  Record<
    string,
    { readonly tables: string; readonly blocked: readonly [number, string]; readonly clear: string }
  >
> = {
  'nova-service-uuids': {
    tables: novaServices,
    // The second one is deleted: the migration passes it over.
    blocked: [
      1,
      "INSERT INTO services (host, `binary`, version, forced_down, deleted) VALUES ('a', 'nova-compute', 37, 0, 0), ('b', 'nova-compute', 37, 0, 2)",
    ],
    clear: "UPDATE services SET uuid = 'u' WHERE host = 'a'",
  },
  'nova-schema-before-train': versions(391, 402),
  'nova-api-schema-before-train': versions(62, 67),
  'nova-not-alembic': alembic,
  'cinder-not-alembic': alembic,
  'keystone-not-alembic': alembic,
  'nova-compute-floor': {
    tables: novaServices,
    // Only the first counts: the others are new enough, forced down, deleted, or no computes.
    blocked: [
      1,
      "INSERT INTO services (host, `binary`, version, forced_down, deleted) VALUES ('a', 'nova-compute', 64, 0, 0), ('b', 'nova-compute', 66, 0, 0), ('c', 'nova-compute', 61, 1, 0), ('d', 'nova-compute', 61, 0, 4), ('e', 'nova-conductor', 64, 0, 0)",
    ],
    clear: "UPDATE services SET version = 68 WHERE host = 'a'",
  },
  'nova-cells-mapped': {
    tables: 'CREATE TABLE cell_mappings (uuid VARCHAR(36), name VARCHAR(255))',
    blocked: [
      1,
      "INSERT INTO cell_mappings VALUES ('00000000-0000-0000-0000-000000000000', 'cell0')",
    ],
    clear: "INSERT INTO cell_mappings VALUES ('7c1f0ac5-6f34-4d38-8fd7-0d0a5b9b3f0e', 'cell1')",
  },
  'placement-root-providers': {
    tables: 'CREATE TABLE resource_providers (id INT, root_provider_id INT)',
    blocked: [2, 'INSERT INTO resource_providers VALUES (1, NULL), (2, NULL), (3, 3)'],
    clear: 'UPDATE resource_providers SET root_provider_id = id',
  },
  'placement-consumers': {
    tables:
      'CREATE TABLE consumers (id INT, uuid VARCHAR(36)); CREATE TABLE allocations (id INT, consumer_id VARCHAR(36))',
    blocked: [
      1,
      "INSERT INTO allocations VALUES (1, 'x'), (2, 'y'); INSERT INTO consumers VALUES (1, 'x')",
    ],
    clear: "INSERT INTO consumers VALUES (2, 'y')",
  },
  'cinder-untyped': {
    tables:
      'CREATE TABLE volumes (id INT, volume_type_id VARCHAR(36)); CREATE TABLE snapshots (id INT, volume_type_id VARCHAR(36))',
    blocked: [
      2,
      "INSERT INTO volumes VALUES (1, NULL), (2, 't'); INSERT INTO snapshots VALUES (1, NULL)",
    ],
    clear: "UPDATE volumes SET volume_type_id = 't'; UPDATE snapshots SET volume_type_id = 't'",
  },
  'cinder-use-quota': {
    tables:
      'CREATE TABLE volumes (id INT, use_quota BOOL, deleted BOOL); CREATE TABLE snapshots (id INT, use_quota BOOL, deleted BOOL)',
    // Deleted ones block as well.
    blocked: [
      2,
      'INSERT INTO volumes VALUES (1, NULL, 1), (2, 0, 0); INSERT INTO snapshots VALUES (1, NULL, 0)',
    ],
    clear: 'UPDATE volumes SET use_quota = 1 WHERE id = 1; UPDATE snapshots SET use_quota = 1',
  },
  'keystone-triggers': {
    tables: 'SELECT 1',
    blocked: [1, 'SET GLOBAL log_bin_trust_function_creators = 0'],
    clear: 'SET GLOBAL log_bin_trust_function_creators = 1',
  },
  'heat-legacy-schema': versions(80, 86),
  'neutron-duplicate-quotas': {
    tables: 'CREATE TABLE quotas (id INT, project_id VARCHAR(255), resource VARCHAR(255))',
    blocked: [
      1,
      "INSERT INTO quotas VALUES (1, 'p', 'port'), (2, 'p', 'port'), (3, 'p', 'network'), (4, 'q', 'port')",
    ],
    clear: 'DELETE FROM quotas WHERE id = 2',
  },
  'neutron-subnet-width': {
    tables:
      'CREATE TABLE externalnetworks (network_id VARCHAR(36)); CREATE TABLE subnets (id INT, network_id VARCHAR(36), ip_version INT, cidr VARCHAR(64), gateway_ip VARCHAR(64))',
    // 1 covers 2, which is right; the network of 3 and 4 is none of the external ones; 5 leaves its gateway out; 6 is IPv6.
    blocked: [
      2,
      "INSERT INTO externalnetworks VALUES ('ext'), ('ext2'), ('ext3'); INSERT INTO subnets VALUES (1, 'ext', 4, '10.0.0.0/8', '10.0.0.1'), (2, 'ext', 4, '10.1.0.0/24', '10.1.0.1'), (3, 'own', 4, '10.0.0.0/8', '10.0.0.1'), (4, 'own', 4, '10.9.0.0/24', NULL), (5, 'ext2', 4, '192.0.2.0/25', '192.0.2.200'), (6, 'ext3', 6, '2001:db8::/64', '2001:db8::1')",
    ],
    clear:
      "UPDATE subnets SET cidr = '10.0.0.0/24' WHERE id = 1; UPDATE subnets SET cidr = '192.0.2.0/24' WHERE id = 5",
  },
  'neutron-linuxbridge': {
    tables: 'CREATE TABLE agents (id INT, agent_type VARCHAR(255))',
    blocked: [1, "INSERT INTO agents VALUES (1, 'Linux bridge agent'), (2, 'Open vSwitch agent')"],
    clear: 'DELETE FROM agents WHERE id = 1',
  },
  'magnum-heat-driver': {
    tables:
      'CREATE TABLE cluster (uuid VARCHAR(36), cluster_template_id VARCHAR(255)); CREATE TABLE cluster_template (uuid VARCHAR(36), driver VARCHAR(255), cluster_distro VARCHAR(255))',
    // Until 2024.1 templates named no driver: the image told. A driver of another origin is none of this.
    blocked: [
      2,
      "INSERT INTO cluster_template VALUES ('a', 'k8s_fedora_coreos_v1', 'fedora-coreos'), ('b', NULL, 'fedora-coreos'), ('c', 'k8s_cluster_api_ubuntu', 'ubuntu'), ('d', NULL, 'ubuntu'); INSERT INTO cluster VALUES ('1', 'a'), ('2', 'b'), ('3', 'c'), ('4', 'd')",
    ],
    clear: "DELETE FROM cluster WHERE uuid IN ('1', '2')",
  },
  'ironic-drivers-gone': {
    tables: 'CREATE TABLE nodes (id INT, driver VARCHAR(255))',
    blocked: [2, "INSERT INTO nodes VALUES (1, 'redfish'), (2, 'ilo5'), (3, 'snmp')"],
    clear: "UPDATE nodes SET driver = 'redfish'",
  },
  'ironic-utf8mb4': {
    tables:
      'CREATE TABLE nodes (id INT) CHARSET utf8mb3; CREATE TABLE ports (id INT) CHARSET utf8mb4',
    blocked: [1, 'SELECT 1'],
    clear: 'ALTER TABLE nodes CONVERT TO CHARACTER SET utf8mb4',
  },
  'designate-duplicate-statuses': {
    tables:
      'CREATE TABLE service_statuses (id INT, service_name VARCHAR(40), hostname VARCHAR(255))',
    blocked: [
      1,
      "INSERT INTO service_statuses VALUES (1, 'mdns', 'a'), (2, 'mdns', 'a'), (3, 'mdns', 'b')",
    ],
    clear: 'DELETE FROM service_statuses WHERE id = 1',
  },
  'designate-duplicate-servers': {
    tables: 'CREATE TABLE pool_ns_records (id INT, pool_id VARCHAR(36), hostname VARCHAR(255))',
    blocked: [
      1,
      "INSERT INTO pool_ns_records VALUES (1, 'p', 'ns1.'), (2, 'p', 'ns1.'), (3, 'q', 'ns1.')",
    ],
    clear: 'DELETE FROM pool_ns_records WHERE id = 1',
  },
};

const gates = knowledge.gates.filter(({ rows }) => rows !== undefined);

function made(name: string, tables: string): string {
  const database = name.replaceAll('-', '_');
  db.sql(`CREATE DATABASE ${database}`);
  db.sql(tables, database);
  return database;
}

describe('the query of a gate', () => {
  it.each(gates.map((gate) => [gate.id, gate] as const))('%s', (id, { rows }) => {
    const one = cases[id];
    if (one === undefined || rows === undefined) throw new Error(`there is no case for ${id}`);
    const database = made(id, one.tables);
    const count = (): string =>
      db
        .sql(
          rows.query.replaceAll('$floor', () => '66'),
          database,
        )
        .trim();
    const [many, block] = one.blocked;
    db.sql(block, database);
    expect(count()).toBe(String(many));
    db.sql(one.clear, database);
    expect(count()).toBe('0');
  });

  it('has no case for a gate that is not there', () => {
    expect(Object.keys(cases).toSorted()).toEqual(gates.map(({ id }) => id).toSorted());
  });
});

const Run = z.looseObject({ run: z.array(z.string()) });
const Runs = z.union([Run, z.looseObject({ command: Run }).transform(({ command }) => command)]);

/** Runs what a step template runs, with its placeholders filled in. */
function run(id: string, words: Readonly<Record<string, string>>): string {
  const [program = '', ...args] = Runs.parse(knowledge.steps[id]?.params).run.map(
    (word) => words[word] ?? word,
  );
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

describe('what runs at a gate', () => {
  it('sets use_quota on every row, and nothing else', () => {
    const database = made('quota-step', cases['cinder-use-quota']?.tables ?? '');
    db.sql(cases['cinder-use-quota']?.blocked[1] ?? '', database);

    run('cinder-use-quota', { $defaultsFile: db.defaultsFile, '$database.cinder': database });

    expect(db.sql('SELECT * FROM volumes ORDER BY id', database)).toBe('1\t1\t1\n2\t0\t0\n');
    expect(db.sql('SELECT * FROM snapshots', database)).toBe('1\t1\t0\n');
  });

  it('waits for the last old compute, and not for those that are forced down', () => {
    const database = made('floor-step', novaServices);
    db.sql(cases['nova-compute-floor']?.blocked[1] ?? '', database);
    const words = {
      $defaultsFile: db.defaultsFile,
      '$database.nova': database,
      $floor: '66',
    };

    expect(() => run('nova-floor-reached', words)).toThrow(
      expect.objectContaining({ status: 1, stdout: 'oldest nova-compute: 64, floor: 66\n' }),
    );
    db.sql(cases['nova-compute-floor']?.clear ?? '', database);
    expect(run('nova-floor-reached', words)).toBe('oldest nova-compute: 66, floor: 66\n');
    db.sql('DELETE FROM services', database);
    expect(run('nova-floor-reached', words)).toBe('oldest nova-compute: 0, floor: 66\n');
  });

  it('says that the database did not answer', () => {
    expect(() =>
      run('nova-floor-reached', {
        $defaultsFile: db.defaultsFile,
        '$database.nova': 'nowhere',
        $floor: '66',
      }),
    ).toThrow(expect.objectContaining({ status: 2 }));
  });
});

it('counts old computes and names their hosts', () => {
  const { queries } = knowledge.floors.compute;
  const database = made('floors', novaServices);
  const ask = (query: string): string =>
    db
      .sql(
        query.replaceAll('$floor', () => '66'),
        database,
      )
      .trim();

  expect([ask(queries.oldest), ask(queries.below), ask(queries.hosts)]).toEqual(['0', '0', '']);
  db.sql(cases['nova-compute-floor']?.blocked[1] ?? '', database);
  expect([ask(queries.oldest), ask(queries.below), ask(queries.hosts)]).toEqual(['64', '1', 'a']);
});
