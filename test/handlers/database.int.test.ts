import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { LocalStep } from '../support/local-step.ts';
import { startMariaDb, type TestMariaDb } from '../support/mariadb.ts';

let db: TestMariaDb;
let tools: string;
let dumps: string;
let original: string;

beforeAll(async () => {
  db = await startMariaDb();
});
afterAll(async () => db.stop());

beforeEach(() => {
  tools = join(db.dir, 'tools');
  dumps = join(db.dir, 'dump\'s of "this" run');
  mkdirSync(tools);
  db.sql(juno);
  original = db.dumpOf('keystone', 'nova');
});
afterEach(() => {
  for (const path of [tools, dumps]) rmSync(path, { recursive: true, force: true });
  db.sql(
    'DROP DATABASE IF EXISTS keystone; DROP DATABASE IF EXISTS nova; DROP USER nova@localhost',
  );
});

describe('database-backup', () => {
  it('keeps a dump that it restored and compared, and leaves nothing else behind', async () => {
    const step = backup();

    expect(await step.apply()).toMatchObject({ exit: 0, stderr: '' });

    expect(await step.isDone()).toBe(true);
    const [journal = '', manifest = '', dump = ''] = readdirSync(dumps).toSorted();
    expect([journal, manifest, dump]).toEqual([
      expect.stringMatching(/^juno-\d{8}T\d{6}Z\.journal$/),
      expect.stringMatching(/^juno-\d{8}T\d{6}Z\.manifest$/),
      expect.stringMatching(/^juno-\d{8}T\d{6}Z\.sql$/),
    ]);
    expect(readdirSync(dumps).map((name) => statSync(join(dumps, name)).mode & 0o777)).toEqual([
      0o600, 0o600, 0o600,
    ]);
    expect(statSync(dumps).mode & 0o777).toBe(0o700);
    // The position is there because this server keeps a binary log.
    expect(readFileSync(join(dumps, dump), 'utf8')).toContain(
      '-- CHANGE MASTER TO MASTER_LOG_FILE',
    );
    expect(databases()).toEqual(['keystone', 'nova']);
    expect(db.dumpOf('keystone', 'nova')).toBe(original);
  });

  it('restores exactly, whatever was changed meanwhile', async () => {
    const step = backup();
    await step.apply();
    db.sql(
      `USE nova; ALTER TABLE instances ADD flavor TEXT; CREATE TABLE api_migrations (id INT);
       DELETE FROM odd WHERE id = 1; DROP VIEW names; DROP PROCEDURE ask; UPDATE migrate_version SET version = 290;
       ALTER DATABASE nova CHARACTER SET latin1; REVOKE INSERT ON nova.* FROM nova@localhost;
       GRANT SELECT ON keystone.* TO nova@localhost; DROP DATABASE keystone`,
    );
    expect(await step.isRestored()).toBe(false);

    expect(await step.undo()).toMatchObject({ exit: 0, stderr: '' });

    expect(await step.isRestored()).toBe(true);
    expect(db.dumpOf('keystone', 'nova')).toBe(original);
    expect(db.sql('SHOW GRANTS FOR nova@localhost')).toContain('GRANT ALL PRIVILEGES ON `nova`.*');
    expect(db.sql('SHOW GRANTS FOR nova@localhost')).not.toContain('keystone');
    expect(readdirSync(dumps)).toHaveLength(3);
  });

  it('sees a change that touches no row and no revision', async () => {
    const step = backup();
    await step.apply();
    db.sql('ALTER TABLE nova.odd ADD KEY twice (name)');

    expect(await step.isRestored()).toBe(false);
    await step.undo();
    expect(db.dumpOf('keystone', 'nova')).toBe(original);
  });

  it('has nothing to put back while the databases are as they were', async () => {
    const step = backup();
    await step.apply();

    expect(await step.after()).toEqual({ isDone: true, undo: [], isRestored: true });
  });

  it('begins a restore anew that was stopped in the middle', async () => {
    const step = backup();
    await step.apply();
    db.sql('UPDATE nova.migrate_version SET version = 290');
    const commands = await step.undoCommands();
    // What is there when a restore dies after it dropped everything and made half a database.
    db.sql(
      'DROP DATABASE keystone; DROP DATABASE nova; CREATE DATABASE nova; CREATE TABLE nova.half (id INT)',
    );

    expect(commands).toHaveLength(1);
    expect(await step.undo()).toMatchObject({ exit: 0 });
    expect(await step.isRestored()).toBe(true);
    expect(db.dumpOf('keystone', 'nova')).toBe(original);
  });

  it('takes the moment of the dump for the truth while programs go on writing', async () => {
    // Rows arrive after the snapshot has begun, and before and after they are dumped.
    stand(
      'mariadb-dump',
      `${unlessShape}
"$real" "$@" || exit; ${insert}`,
    );

    stand('sha256sum', `${insert}; exec "$real" "$@"`);
    const step = backup();

    expect(await step.apply()).toMatchObject({ exit: 0, stderr: '' });
    expect(await step.isDone()).toBe(true);
  });

  it('says who still writes when it dumps, and restores under nobody', async () => {
    const step = backup();
    await step.apply();
    db.sql('UPDATE nova.migrate_version SET version = 290');
    const busy = db.sqlLater('SELECT SLEEP(60)', 'nova');
    await busy.began;

    expect(await step.undo()).toMatchObject({
      exit: 1,
      stderr: expect.stringMatching(
        /root from localhost on nova\ndatabase-backup: programs still use these databases \(above\): stop them, then try again; nothing was touched/,
      ),
    });
    expect(db.sql('SELECT version FROM nova.migrate_version')).toBe('290\n');
    expect(await backup({ label: 'again' }).apply()).toMatchObject({
      stdout: expect.stringMatching(/^still connected, .*: root on nova\n/),
    });
    await busy.end();
    expect(await step.undo()).toMatchObject({ exit: 0 });
    expect(db.dumpOf('keystone', 'nova')).toBe(original);
  });

  it.each([
    ['a dump that is cut short', '"$real" "$@" | head -c 3000', /the dump is cut short/],
    [
      'a dump that broke off with an error',
      '"$real" "$@" | head -c 3000; echo "Lost connection" >&2; exit 2',
      /the dump ended with exit 2: .*Lost connection/s,
    ],
    [
      'a row that was lost',
      '"$real" "$@" | sed "/^(2,NULL/d"',
      /< table\tnova\todd\t3\t\d+\n> table\tnova\todd\t2\t\d+\ndatabase-backup: the restored dump is not what was dumped/,
    ],
    [
      'a value that is another one',
      '"$real" "$@" | sed "s/0x00FF/0x00FE/"',
      /the restored dump is not what was dumped/,
    ],
    [
      'a trigger that was lost',
      'exec "$real" "$@" --skip-triggers',
      /< objects\tnova\ttriggers\t1\n.*\n?> objects\tnova\ttriggers\t0/,
    ],
    [
      'statements that cannot be run',
      '"$real" "$@" | sed "s/^INSERT INTO/INSERT INTOO/"',
      /the dump cannot be restored: .*ERROR 1064/s,
    ],
    [
      'a dump of another database',
      '"$real" "$@" | sed "s/^USE .nova./USE \\`mysql\\`/"',
      /the dump holds other databases than keystone nova: USE `keystone`; USE `mysql`;/,
    ],
    [
      'a dump that leaves a database out',
      'for last; do :; done; exec "$real" --defaults-extra-file="$CNF" --databases keystone',
      /the dump holds other databases than keystone nova: USE `keystone`;/,
    ],
    [
      'a dump that would reach into a real database',
      '"$real" "$@" | sed "s/^INSERT INTO .odd./INSERT INTO \\`nova\\`.\\`odd\\`/"',
      /the dump names tables together with their database/,
    ],
    [
      'a dump of another time',
      '"$real" "$@" | sed "s/completed on .*/completed on 2015-05-01  1:00:00/"',
      /the dump is an old one: Dump completed on 2015-05-01 {2}1:00:00, and this step began at /,
    ],
  ])('keeps the gate shut for %s', async (_what, script, reason) => {
    stand('mariadb-dump', `${unlessShape}\n${script}`);
    const step = backup();

    expect(await step.apply()).toMatchObject({ exit: 1, stderr: expect.stringMatching(reason) });

    await shut(step);
  });

  it('keeps the gate shut for a full disk, before and during the dump', async () => {
    stand('df', 'echo heading; echo "disk 100 99 1 99% /"');
    const early = backup();
    expect(await early.apply()).toMatchObject({
      exit: 1,
      stderr: expect.stringMatching(/has room for 0 MiB, and \d+ MiB are needed/),
    });
    await shut(early);

    stand('mariadb-dump', `${unlessShape}\nexec "$real" "$@" >/dev/full`);
    rmSync(join(tools, 'df'));
    const late = backup();
    expect(await late.apply()).toMatchObject({
      exit: 1,
      stderr: expect.stringMatching(/the dump ended with exit \d+: .*(errno:? 28|No space left)/s),
    });
    await shut(late);
  });

  it('keeps the gate shut for a database that is not there', async () => {
    const step = backup({ databases: ['nova', 'glance'] });

    expect(await step.apply()).toMatchObject({
      exit: 1,
      stderr: 'database-backup: there is no database glance on this server\n',
    });
    await shut(step);
  });

  it('takes no dump of an earlier time for its own', async () => {
    await backup().apply();
    db.sql('UPDATE nova.migrate_version SET version = 280');
    stand('mariadb-dump', `${unlessShape}\nexit 3`);
    const step = backup();

    expect(await step.apply()).toMatchObject({ exit: 1 });
    db.sql('UPDATE nova.migrate_version SET version = 290');
    expect(await step.after()).toEqual({ isDone: false, undo: [], isRestored: false });
  });

  it('restores no dump that was changed after it was verified', async () => {
    const step = backup();
    await step.apply();
    const dump = readdirSync(dumps).find((name) => name.endsWith('.sql')) ?? '';
    db.sql('UPDATE nova.migrate_version SET version = 290');
    const commands = await step.undoCommands();
    appendFileSync(join(dumps, dump), 'DROP DATABASE nova;\n');

    expect(await step.isDone()).toBe(false);
    await expect(step.undoCommands()).rejects.toThrow(/its SHA-256 is another one/);
    expect(await step.run(commands)).toMatchObject({
      exit: 1,
      stderr: expect.stringMatching(/is not the one that was verified: nothing was touched/),
    });
    expect(db.sql('SELECT version FROM nova.migrate_version')).toBe('290\n');
  });

  it('drops the copy that a killed attempt left, and no database of anybody else', async () => {
    mkdirSync(dumps, { mode: 0o700 });
    db.sql('CREATE DATABASE hopscotch_check_nova');
    expect(await backup().apply()).toMatchObject({
      exit: 1,
      stderr:
        'database-backup: there is a database hopscotch_check_nova already, and this step did not make it\n',
    });
    expect(databases()).toContain('hopscotch_check_nova');

    writeFileSync(join(dumps, '.scratch'), 'hopscotch_check_nova\n');
    expect(await backup().apply()).toMatchObject({ exit: 0 });
    expect(databases()).toEqual(['keystone', 'nova']);
  });

  it('speaks to nobody with a login that others may read, and dumps into no open directory', async () => {
    chmodSync(db.defaultsFile, 0o640);
    await expect(backup().probe()).rejects.toThrow(/others may read the option file .*: chmod 600/);
    chmodSync(db.defaultsFile, 0o600);
    mkdirSync(dumps, { mode: 0o755 });
    expect(await backup().apply()).toMatchObject({
      exit: 1,
      stderr: expect.stringMatching(/others may look into .*: chmod 700/),
    });
  });
});

/** The gate is shut, nothing was touched, and nothing is left behind. */
async function shut(step: LocalStep): Promise<void> {
  expect(await step.after()).toEqual({ isDone: false, undo: [], isRestored: true });
  expect(existsSync(dumps) ? readdirSync(dumps) : []).toEqual([]);
  expect(databases()).toEqual(['keystone', 'nova']);
  expect(db.dumpOf('keystone', 'nova')).toBe(original);
}

function backup(rest: object = {}): LocalStep {
  const params = {
    defaultsFile: db.defaultsFile,
    databases: ['keystone', 'nova'],
    directory: dumps,
    label: 'juno',
    scratchPrefix: 'hopscotch_check_',
    ...rest,
  };
  return new LocalStep('database-backup', params, {
    PATH: `${tools}:${process.env['PATH']}`,
    CNF: db.defaultsFile,
  });
}

/** A program that is found before the real one, which it finds in $real. */
function stand(name: string, script: string): void {
  const path = join(tools, name);
  writeFileSync(path, `#!/bin/sh\nreal=/usr/bin/${name}\n${script}\n`, { mode: 0o755 });
  chmodSync(path, 0o755);
}

// Definitions are asked for with the same program.
const unlessShape = 'case "$*" in *--no-data*) exec "$real" "$@" ;; esac';

const insert =
  'mariadb --defaults-extra-file="$CNF" -e "INSERT INTO nova.instances (uuid) VALUES (UUID())"';

const databases = (): string[] =>
  db
    .sql('SHOW DATABASES')
    .trim()
    .split('\n')
    .filter((name) => !['information_schema', 'mysql', 'performance_schema', 'sys'].includes(name));

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
