import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readInspection } from '../../../jobs/openstack/inspect-read.ts';
import { type Inspection, inspection } from '../../../jobs/openstack/inspection.ts';
import { type TestMariaDb, startMariaDb } from '../../support/mariadb.ts';
import { withServices } from './juno-cloud.ts';
import { knowledge } from './known.ts';

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

/** What the database host answers to the very commands that inspection sends. */
function inspected(defaultsFile = database.defaultsFile): Inspection {
  const cloud = withServices((services) =>
    Object.assign(services, {
      database: { on: 'database', defaultsFile, backups: `${database.dir}/backups` },
    }),
  );
  const { commands = [] } = inspection(cloud, knowledge).hosts['db1'] ?? {};
  const outputs = commands.map(({ words: [program = '', ...rest] }) => {
    const { status, stdout, stderr } = spawnSync(program, rest, { encoding: 'utf8' });
    return { exit: status ?? -1, stdout, stderr };
  });
  return readInspection(cloud, knowledge, { db1: { outputs } }, {});
}

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
