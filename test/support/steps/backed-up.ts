import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { locally, StepUnderTest } from './step.ts';
import { startMariaDb, type TestMariaDb } from '../servers/mariadb.ts';

/** Two databases of a small Juno on a real server, anew for each test, and a step that dumps them. */
export interface BackedUp {
  readonly db: () => TestMariaDb;
  /** Where the step keeps its dumps. */
  readonly dumps: () => string;
  /** Both databases as text, as they were. */
  readonly original: () => string;
  readonly backup: (rest?: object) => StepUnderTest;
  /** A program that is found before the real one, which it finds in $real. */
  readonly stand: (name: string, script: string) => string;
  /** The databases that do not belong to the server. */
  readonly databases: () => string[];
}

export function backedUp(): BackedUp {
  let db: TestMariaDb;
  let original: string;
  const at = (name: string): string => join(db.dir, name);
  const tools = (): string => at('tools');
  const dumps = (): string => at('dump\'s of "this" run');

  beforeAll(async () => {
    db = await startMariaDb();
  });
  afterAll(async () => db.stop());
  const stand = (name: string, script: string): string => {
    const path = join(tools(), name);
    writeFileSync(path, `#!/bin/sh\nreal=/usr/bin/${name}\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  };
  beforeEach(() => {
    mkdirSync(tools());
    // It would wait for whatever else this machine writes.
    stand('sync', '');
    db.sql(juno);
    original = db.dumpOf('keystone', 'nova');
  });
  afterEach(() => {
    for (const path of [tools(), dumps()]) rmSync(path, { recursive: true, force: true });
    db.sql(
      'DROP DATABASE IF EXISTS keystone; DROP DATABASE IF EXISTS nova; DROP USER nova@localhost',
    );
  });

  return {
    db: () => db,
    dumps,
    original: () => original,
    backup: (rest = {}) =>
      new StepUnderTest(
        'database-backup',
        {
          defaultsFile: db.defaultsFile,
          databases: ['keystone', 'nova'],
          directory: dumps(),
          label: 'juno',
          scratchPrefix: 'hopscotch_check_',
          ...rest,
        },
        locally({ PATH: `${tools()}:${process.env['PATH']}`, CNF: db.defaultsFile, HOME: db.dir }),
      ),
    stand,
    databases: () =>
      db
        .sql('SHOW DATABASES')
        .trim()
        .split('\n')
        .filter((name) => !ofServer.includes(name)),
  };
}

const ofServer = ['information_schema', 'mysql', 'performance_schema', 'sys'];

/** For a stand-in of the dump program: definitions are asked for with the same program. */
export const unlessShape = 'case "$*" in *--no-data*) exec "$real" "$@" ;; esac';

/** Shell: a row that some program writes. */
export const insert =
  'mariadb --defaults-file="$CNF" -e "INSERT INTO nova.instances (uuid) VALUES (UUID())"';

const juno = `
CREATE DATABASE keystone CHARACTER SET utf8;
CREATE TABLE keystone.migrate_version (repository_id VARCHAR(250) PRIMARY KEY, repository_path TEXT, version INT);
INSERT INTO keystone.migrate_version VALUES ('keystone', '/x', 55), ('endpoint_filter', '/y', 2);
CREATE DATABASE nova CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE USER nova@localhost IDENTIFIED BY 'secret';
GRANT ALL PRIVILEGES ON nova.* TO nova@localhost;
USE nova;
CREATE TABLE migrate_version (repository_id VARCHAR(250) PRIMARY KEY, repository_path TEXT, version INT);
INSERT INTO migrate_version VALUES ('nova', '/usr/lib/nova', 254);
CREATE TABLE instances (id INT PRIMARY KEY AUTO_INCREMENT, uuid VARCHAR(36), deleted INT NOT NULL DEFAULT 0);
INSERT INTO instances (uuid) VALUES ('a'), ('b'), (NULL);
CREATE TABLE odd (id INT PRIMARY KEY, name VARCHAR(99), \`it\`\`s\` BLOB, f DOUBLE, t TIMESTAMP NULL, e ENUM('x', 'y'));
INSERT INTO odd VALUES (1, 'it''s \\\\ a\\nline', 0x00FF0A27, 0.1, '2015-04-30 12:00:00', 'x'), (2, NULL, NULL, NULL, NULL, NULL),
  (3, '\u{1f600}', '', 1e300, NULL, 'y');
CREATE TABLE empty_one (id INT PRIMARY KEY, instance INT, CONSTRAINT fk FOREIGN KEY (instance) REFERENCES instances (id));
CREATE VIEW names AS SELECT name FROM odd;
CREATE TRIGGER lower_it BEFORE INSERT ON odd FOR EACH ROW SET NEW.name = LOWER(NEW.name);
CREATE PROCEDURE ask() SELECT COUNT(*) FROM odd;
`;
