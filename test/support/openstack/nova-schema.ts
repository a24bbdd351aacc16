import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { OperatorError } from '../../../handlers/contract/errors.ts';
import { type TestMariaDb, startMariaDb } from '../servers/mariadb.ts';
import { StepUnderTest, locally } from '../steps/step.ts';

/** A small nova of Juno on a real server, anew for each test, and a nova-manage that changes it. */
export interface NovaSchema {
  readonly db: TestMariaDb;
  /** Where the program is found. What it was asked stands in `asked` there. */
  readonly tools: string;
  /** Makes it the program of a release, which changes the database as its command does. */
  readonly release: (version: string, sql: string, then?: string) => void;
  readonly sync: (rest: object) => StepUnderTest;
  readonly migration: (rest?: object) => StepUnderTest;
}

export const flavors = {
  database: 'nova',
  query: 'SELECT COUNT(*) FROM flavors',
  what: 'unmigrated flavors',
  missing: 'Move flavors',
};

/** What a round of the migration does. */
export const moveOne = 'DELETE FROM flavors LIMIT 1';

export function novaSchema(): NovaSchema {
  let db: TestMariaDb;
  const tools = (): string => join(db.dir, 'tools');

  beforeAll(async () => {
    db = await startMariaDb();
  });
  afterAll(async () => db.stop());
  beforeEach(() => {
    mkdirSync(tools());
    db.sql(juno);
  });
  afterEach(() => {
    rmSync(tools(), { recursive: true });
    db.sql('DROP DATABASE nova; DROP DATABASE IF EXISTS nova_cell0');
  });

  const stepOf = (kind: string, params: object): StepUnderTest =>
    new StepUnderTest(
      kind,
      { defaultsFile: db.defaultsFile, service: 'nova', user: userInfo().username, ...params },
      locally({ PATH: `${tools()}:${process.env['PATH']}`, CNF: db.defaultsFile, HOME: db.dir }),
    );
  return {
    get db() {
      return db;
    },
    get tools() {
      return tools();
    },
    release: (version, sql, then = '') => {
      const script = `#!/bin/sh
echo "$*" >>${JSON.stringify(join(tools(), 'asked'))}
[ "$1" != --version ] || { echo ${version} >&2; exit 0; }
mariadb --defaults-file="$CNF" -e '${sql}' nova${then}
`;
      writeFileSync(join(tools(), 'nova-manage'), script, { mode: 0o755 });
    },
    sync: (rest) =>
      stepOf('schema-sync', { database: 'nova', run: ['nova-manage', 'db', 'sync'], ...rest }),
    migration: (rest = {}) =>
      stepOf('data-migration', {
        run: ['nova-manage', 'db', 'migrate_flavor_data'],
        series: 'kilo',
        remaining: { database: flavors.database, query: flavors.query, what: flavors.what },
        maxRounds: 9,
        ...rest,
      }),
  };
}

/** Why a step refused, with what to do next. */
export async function messageOf(refused: Promise<unknown>): Promise<string> {
  try {
    return `it did not refuse: ${JSON.stringify(await refused)}`;
  } catch (error) {
    if (error instanceof OperatorError) return `${error.message}\n${error.hint}`;
    throw error;
  }
}

const juno = `CREATE DATABASE nova; USE nova;
  CREATE TABLE migrate_version (repository_id VARCHAR(250) PRIMARY KEY, repository_path TEXT, version INT);
  INSERT INTO migrate_version VALUES ('nova', '/usr/lib/nova', 254);
  CREATE TABLE instances (uuid VARCHAR(36)); INSERT INTO instances VALUES ('a');
  CREATE TABLE flavors (id INT PRIMARY KEY); INSERT INTO flavors VALUES (1);`;
