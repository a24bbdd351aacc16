import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { z } from 'zod';
import type { InspectAnswer, InspectRequest } from '../../../../../jobs/redis/inspect-request.ts';
import type { LostThings } from '../../../../../jobs/run/rollback/lost-things.ts';
import { countLostThings } from '../../../../../openstack/upgrade/lost-things.ts';
import * as e from '../../../../support/runs/events.ts';
import { readInspection } from '../../../../../openstack/inspect/read.ts';
import type { Inspection } from '../../../../../openstack/inspect/inspection.ts';
import { inspectionRequest } from '../../../../../openstack/inspect/questions.ts';
import { type TestMariaDb, startMariaDb } from '../../../../support/servers/mariadb.ts';
import { junoWithServices } from '../../../juno-cloud.ts';
import { knowledge } from '../../../known.ts';

let database: TestMariaDb;

beforeAll(async () => {
  database = await startMariaDb();
  database.sql(`
    CREATE DATABASE keystone; CREATE DATABASE glance; CREATE DATABASE nova; CREATE DATABASE neutron;
    CREATE TABLE keystone.migrate_version (repository_id VARCHAR(250), version INT);
    INSERT INTO keystone.migrate_version VALUES ('endpoint_filter', 2), ('keystone', 55), ('revoke', 2);
    CREATE TABLE nova.migrate_version (repository_id VARCHAR(250), version INT);
    INSERT INTO nova.migrate_version VALUES ('nova', 290);
    CREATE TABLE nova.instances (id INT, uuid VARCHAR(36), deleted INT);
    CREATE TABLE nova.shadow_instances LIKE nova.instances;
    CREATE TABLE nova.instance_system_metadata
      (id INT, instance_uuid VARCHAR(36), \`key\` VARCHAR(255), deleted INT);
    INSERT INTO nova.instances VALUES (1, 'a', 0), (2, NULL, 0), (3, 'c', 3);
    INSERT INTO nova.instance_system_metadata VALUES (1, 'a', 'instance_type_id', 0), (2, 'c', 'instance_type_id', 0);
    CREATE TABLE neutron.alembic_version (version_num VARCHAR(32));
    INSERT INTO neutron.alembic_version VALUES ('juno');
  `);
});

afterAll(() => database.stop());

/** The login of the user's own must not count. */
const run = (program: string, words: readonly string[]) =>
  spawnSync(program, words, { encoding: 'utf8', env: { ...process.env, HOME: database.dir } });

/** What the database host answers to the very commands that inspection sends. */
function inspected(defaultsFile = database.defaultsFile): Inspection {
  const cloud = junoWithServices((services) =>
    Object.assign(services, {
      database: { on: 'database', defaultsFile, backups: `${database.dir}/backups` },
    }),
  );
  const { commands = [] } = inspectionRequest(cloud, knowledge).hosts['db1'] ?? {};
  const outputs = commands.map(({ words: [program = '', ...rest] }) => {
    const { status, stdout, stderr } = run(program, rest);
    return { exit: status ?? -1, stdout, stderr };
  });
  return readInspection(
    cloud,
    knowledge,
    { db1: { outputs } },
    {
      configFiles: {},
      now: '2026-01-01T00:00:00Z',
    },
  );
}

/** What the price of a rollback is told by this database: its backup was begun on the second of May. */
async function lostSince(tables: string): Promise<readonly LostThings[] | undefined> {
  database.sql(tables);
  const { defaultsFile } = database;
  const backup = e.step('backup', { hosts: ['db1'], params: { defaultsFile } });
  const folded = e.readyRun(e.planOf(backup));
  const names = ['nova', 'nova_api', 'keystone'];
  const at = '2026-05-02T00:00:00.000Z';
  const databases = [{ names, at, step: 'backup', hosts: ['db1'] }];
  return countLostThings(folded, { databases }, answered, 'lost-1');
}

const answered = async (_id: string, { hosts }: InspectRequest): Promise<InspectAnswer> => {
  const outputs = (hosts['db1']?.commands ?? []).map(({ words: [program = '', ...rest] }) => {
    const { status, stdout, stderr } = run(program, rest);
    return { exit: status ?? -1, stdout, stderr };
  });
  return { db1: { outputs } };
};

const Params = z.looseObject({ command: z.object({ run: z.array(z.string()) }) });

/** What neutron's check of subnets answers on the real database. */
function checked(): { exit: number | null; said: string } {
  const { command } = Params.parse(knowledge.steps['neutron-subnets']?.params);
  const values: Record<string, string> = {
    $defaultsFile: database.defaultsFile,
    '$database.neutron': 'neutron',
  };
  const [program = '', ...words] = command.run.map((word) => values[word] ?? word);
  const { status, stdout, stderr } = run(program, words);
  return { exit: status, said: stdout + stderr };
}

describe('the check of external subnets', () => {
  it('passes, and names the subnet that covers more than its own addresses', () => {
    database.sql(
      `CREATE TABLE subnets (id VARCHAR(36), network_id VARCHAR(36), cidr VARCHAR(64), gateway_ip VARCHAR(64), ip_version INT);
      CREATE TABLE externalnetworks (network_id VARCHAR(36));
      INSERT INTO externalnetworks VALUES ('ext');
      INSERT INTO subnets VALUES ('a', 'ext', '192.0.2.0/25', '192.0.2.1', 4), ('b', 'ext', '192.0.2.128/25', '192.0.2.129', 4),
        ('own', 'tenant', '10.0.0.0/8', '192.0.2.1', 4);`,
      'neutron',
    );
    expect(checked()).toEqual({ exit: 0, said: '' });

    database.sql("UPDATE subnets SET cidr = '192.0.2.0/24' WHERE id = 'a'", 'neutron');

    expect(checked()).toEqual({
      exit: 1,
      said: `subnet, network, CIDR, gateway, wrong because:\na\text\t192.0.2.0/24\t192.0.2.1\tcovers 192.0.2.128/25 of subnet b\n`,
    });
    database.sql('DROP TABLE subnets; DROP TABLE externalnetworks', 'neutron');
  });
});

describe('inspection of a real database', () => {
  it('tells revisions, sizes and rows, and changes nothing', () => {
    const before = database.dumpOf('keystone', 'nova', 'neutron');

    const { databases, room } = inspected();

    expect(databases).toMatchObject([
      { name: 'keystone', revision: '55', tables: 1, truth: { name: 'Juno' } },
      { name: 'glance', problem: 'it has no version table: never synced' },
      {
        name: 'nova',
        revision: '290',
        tables: 4,
        truth: { name: 'between Kilo and Liberty: stopped at 290' },
        rows: [
          { count: 1, blocksNext: false },
          { count: 1, blocksNext: true },
        ],
      },
      { name: 'neutron', revision: 'juno', truth: { name: 'Juno' } },
    ]);
    expect(databases[2]?.sizeBytes).toBeGreaterThan(0);
    expect(room).toMatchObject({ host: 'db1', isEnough: true });
    expect(database.dumpOf('keystone', 'nova', 'neutron')).toBe(before);
  });

  it('says why it cannot be read', () => {
    const { databases, problems } = inspected('/nowhere/login.cnf');

    expect(databases[0]?.problem).toMatch(/nowhere/);
    expect(problems).toContainEqual({
      host: 'db1',
      what: 'the sizes of the databases',
      why: expect.stringMatching(/nowhere/),
    });
  });
});

describe('what a rollback loses', () => {
  it('is not counted where the tables do not tell', async () => {
    expect(await lostSince('SELECT 1')).toBeUndefined();
  });

  it('is counted by when things were made and deleted, as far as the tables tell', async () => {
    const lost = await lostSince(`
      ALTER TABLE nova.instances ADD created_at DATETIME, ADD deleted_at DATETIME;
      UPDATE nova.instances SET created_at = '2026-05-01', deleted_at = IF(id = 3, '2026-05-02 10:00:00', NULL);
      INSERT INTO nova.instances VALUES (4, 'd', 0, '2026-05-02 09:00:00', NULL), (5, 'e', 0, '2026-05-03', NULL);
      CREATE TABLE keystone.user (id VARCHAR(64), created_at DATETIME);
      INSERT INTO keystone.user VALUES ('a', '2026-05-01'), ('b', '2026-05-02 00:00:01');
    `);

    expect(lost).toEqual([
      { what: 'servers', made: 2, deleted: 1 },
      { what: 'users', made: 1 },
    ]);
  });
});
