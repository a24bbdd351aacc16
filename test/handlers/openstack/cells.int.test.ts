import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { StepUnderTest } from '../../support/steps/step.ts';
import { startMariaDb, type TestMariaDb } from '../../support/servers/mariadb.ts';

let db: TestMariaDb;
let queue: Server;
beforeAll(async () => {
  db = await startMariaDb();
  queue = createServer().listen(0, '127.0.0.1');
  await once(queue, 'listening');
});
afterAll(async () => {
  queue.close();
  await db.stop();
});

const notAsked = { isDisabled: false, queue: 'not asked', computes: '', unmapped: [] };

const cell0 = '00000000-0000-0000-0000-000000000000';

/** Two cells and cell0 by the port of a queue that answers, one of two computes mapped. */
const cellsAt = (
  port: number,
): string => `CREATE DATABASE nova_api; CREATE DATABASE nova; CREATE DATABASE nova_cell0; USE nova_api;
    CREATE TABLE cell_mappings (id INT PRIMARY KEY, uuid VARCHAR(36), name VARCHAR(255), transport_url TEXT, database_connection TEXT, disabled TINYINT(1));
    CREATE TABLE host_mappings (id INT PRIMARY KEY, cell_id INT, host VARCHAR(255));
    INSERT INTO cell_mappings VALUES
      (1, '${cell0}', 'cell0', 'none:///', 'mysql+pymysql://nova:s3cret@127.0.0.1:1/nova_cell0?charset=utf8', 0),
      (2, 'u2', NULL, 'rabbit://nova:s3cret@127.0.0.1:${port},nova:s3cret@127.0.0.1:1/', 'mysql+pymysql://nova:s3cret@127.0.0.1:${port}/nova', 0),
      (3, 'u3', 'cell3', '{scheme}://{username}:{password}@{hostname}', 'mysql+pymysql://nova:s3cret@/nova3?unix_socket=/run/x', 1);
    INSERT INTO host_mappings VALUES (1, 2, 'cmp1');
    CREATE TABLE nova.services (host VARCHAR(255), topic VARCHAR(255), deleted INT);
    INSERT INTO nova.services VALUES ('cmp1', 'compute', 0), ('cmp2', 'compute', 0), ('cmp3', 'compute', 7), ('ctl1', 'scheduler', 0);`;

it("looks at nova's cells: what is mapped, what answers, which computes are not mapped", async () => {
  // A cast: a server that listens on TCP has such an address.
  const { port } = queue.address() as AddressInfo;
  const step = new StepUnderTest('cells', { defaultsFile: db.defaultsFile });
  expect(await step.probe()).toEqual({ cells: [] });
  await expect(step.apply()).rejects.toThrow(
    /cell0 is not mapped; no cell besides cell0 is mapped/,
  );

  db.sql(cellsAt(port));
  const found = await step.probe();
  expect(found).toEqual({
    cells: [
      {
        uuid: cell0,
        name: 'cell0',
        database: 'nova_cell0',
        place: '127.0.0.1:1 does not answer',
        ...notAsked,
      },
      {
        uuid: 'u2',
        name: '-',
        isDisabled: false,
        database: 'nova',
        place: `127.0.0.1:${port} answers`,
        queue: `127.0.0.1:${port} answers, 127.0.0.1:1 does not answer`,
        computes: '2',
        unmapped: ['cmp2'],
      },
      {
        uuid: 'u3',
        name: 'cell3',
        database: 'nova3',
        place: 'not asked',
        ...notAsked,
        isDisabled: true,
      },
    ],
  });
  await expect(step.apply()).rejects.toThrow(
    /cell0: 127\.0\.0\.1:1 does not answer; -: 127\.0\.0\.1:1 does not answer$/,
  );

  db.sql(`UPDATE nova_api.cell_mappings SET database_connection = REPLACE(database_connection, ':1/', ':${port}/'),
    transport_url = REPLACE(transport_url, ',nova:s3cret@127.0.0.1:1', '')`);
  const ran = await step.apply();
  expect(ran).toMatchObject({
    isOk: true,
    stderr: '',
    stdout: [
      `cell0: database nova_cell0 (127.0.0.1:${port} answers), messages: not asked`,
      `-: database nova (127.0.0.1:${port} answers), messages: 127.0.0.1:${port} answers, computes: 2, not mapped: cmp2`,
      'cell3 (disabled): database nova3 (not asked), messages: not asked\n',
    ].join('\n'),
  });
  expect(await step.isDone()).toBe(true);
  expect(JSON.stringify([found, ran])).not.toContain('s3cret');
});
