import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { backedUp, insert, unlessShape } from '../../support/steps/backed-up.ts';

const { db, dumps, original, backup, stand, databases } = backedUp();

describe('database-backup', () => {
  it('keeps a dump that it restored and compared, and leaves nothing else behind', async () => {
    const step = backup();

    expect(await step.apply()).toMatchObject({ exit: 0, stderr: '' });

    expect(await step.isDone()).toBe(true);
    const [journal = '', manifest = '', dump = ''] = readdirSync(dumps()).toSorted();
    expect([journal, manifest, dump]).toEqual([
      expect.stringMatching(/^juno-\d{8}T\d{6}Z\.journal$/),
      expect.stringMatching(/^juno-\d{8}T\d{6}Z\.manifest$/),
      expect.stringMatching(/^juno-\d{8}T\d{6}Z\.sql$/),
    ]);
    expect(readdirSync(dumps()).map((name) => statSync(join(dumps(), name)).mode & 0o777)).toEqual([
      0o600, 0o600, 0o600,
    ]);
    expect(statSync(dumps()).mode & 0o777).toBe(0o700);
    // The position is there because this server keeps a binary log.
    expect(readFileSync(join(dumps(), dump), 'utf8')).toContain(
      '-- CHANGE MASTER TO MASTER_LOG_FILE',
    );
    expect(databases()).toEqual(['keystone', 'nova']);
    expect(db().dumpOf('keystone', 'nova')).toBe(original());
  });

  it('restores exactly, whatever was changed meanwhile', async () => {
    const step = backup();
    await step.apply();
    db().sql(
      `USE nova; ALTER TABLE instances ADD flavor TEXT; CREATE TABLE api_migrations (id INT);
       DELETE FROM odd WHERE id = 1; DROP VIEW names; DROP PROCEDURE ask; UPDATE migrate_version SET version = 290;
       ALTER DATABASE nova CHARACTER SET latin1; REVOKE INSERT ON nova.* FROM nova@localhost;
       GRANT SELECT ON keystone.* TO nova@localhost; DROP DATABASE keystone`,
    );
    expect(await step.isRestored()).toBe(false);

    expect(await step.undo()).toMatchObject({ exit: 0, stderr: '' });

    expect(await step.isRestored()).toBe(true);
    expect(db().dumpOf('keystone', 'nova')).toBe(original());
    expect(db().sql('SHOW GRANTS FOR nova@localhost')).toContain(
      'GRANT ALL PRIVILEGES ON `nova`.*',
    );
    expect(db().sql('SHOW GRANTS FOR nova@localhost')).not.toContain('keystone');
    expect(readdirSync(dumps())).toHaveLength(3);
  });

  it('sees a change that touches no row and no revision', async () => {
    const step = backup();
    await step.apply();
    db().sql('ALTER TABLE nova.odd ADD KEY twice (name)');

    expect(await step.isRestored()).toBe(false);
    await step.undo();
    expect(db().dumpOf('keystone', 'nova')).toBe(original());
  });

  it('has nothing to put back while the databases are as they were', async () => {
    const step = backup();
    await step.apply();

    expect(await step.after()).toEqual({ isDone: true, undo: [], isRestored: true });
  });

  it('begins a restore anew that was stopped in the middle', async () => {
    const step = backup();
    await step.apply();
    db().sql('UPDATE nova.migrate_version SET version = 290');
    const commands = await step.undoCommands();
    // What is there when a restore dies after it dropped everything and made half a database.
    db().sql(
      'DROP DATABASE keystone; DROP DATABASE nova; CREATE DATABASE nova; CREATE TABLE nova.half (id INT)',
    );

    expect(commands).toHaveLength(1);
    expect(await step.undo()).toMatchObject({ exit: 0 });
    expect(await step.isRestored()).toBe(true);
    expect(db().dumpOf('keystone', 'nova')).toBe(original());
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

  it('says who still writes when it dumps(), and restores under nobody', async () => {
    const step = backup();
    await step.apply();
    db().sql('UPDATE nova.migrate_version SET version = 290');
    const busy = db().sqlLater('SELECT SLEEP(60)', 'nova');
    await busy.began;

    expect(await step.undo()).toMatchObject({
      exit: 1,
      stderr: expect.stringMatching(
        /root from localhost on nova\ndatabase-backup: programs still use these databases \(above\): stop them, then try again; nothing was touched/,
      ),
    });
    expect(db().sql('SELECT version FROM nova.migrate_version')).toBe('290\n');
    expect(await backup({ label: 'again' }).apply()).toMatchObject({
      stdout: expect.stringMatching(/^still connected, .*: root on nova\n/),
    });
    await busy.end();
    expect(await step.undo()).toMatchObject({ exit: 0 });
    expect(db().dumpOf('keystone', 'nova')).toBe(original());
  });

  it('takes no dump of an earlier time for its own', async () => {
    await backup().apply();
    db().sql('UPDATE nova.migrate_version SET version = 280');
    stand('mariadb-dump', `${unlessShape}\nexit 3`);
    const step = backup();

    expect(await step.apply()).toMatchObject({ exit: 1 });
    db().sql('UPDATE nova.migrate_version SET version = 290');
    expect(await step.after()).toEqual({ isDone: false, undo: [], isRestored: false });
  });

  it('restores no dump that was changed after it was verified', async () => {
    const step = backup();
    await step.apply();
    const dump = readdirSync(dumps()).find((name) => name.endsWith('.sql')) ?? '';
    db().sql('UPDATE nova.migrate_version SET version = 290');
    const commands = await step.undoCommands();
    appendFileSync(join(dumps(), dump), 'DROP DATABASE nova;\n');

    expect(await step.isDone()).toBe(false);
    await expect(step.undoCommands()).rejects.toThrow(/its SHA-256 is another one/);
    expect(await step.does(commands)).toMatchObject({
      exit: 1,
      stderr: expect.stringMatching(/is not the one that was verified: nothing was touched/),
    });
    expect(db().sql('SELECT version FROM nova.migrate_version')).toBe('290\n');
  });

  it('drops the copy that a killed attempt left, and no database of anybody else', async () => {
    mkdirSync(dumps(), { mode: 0o700 });
    db().sql('CREATE DATABASE hopscotch_check_nova');
    expect(await backup().apply()).toMatchObject({
      exit: 1,
      stderr:
        'database-backup: there is a database hopscotch_check_nova already, and this step did not make it\n',
    });
    expect(databases()).toContain('hopscotch_check_nova');

    writeFileSync(join(dumps(), '.scratch'), 'hopscotch_check_nova\n');
    expect(await backup().apply()).toMatchObject({ exit: 0 });
    expect(databases()).toEqual(['keystone', 'nova']);
  });

  it('speaks to nobody with a login that others may read, and dumps() into no open directory', async () => {
    chmodSync(db().defaultsFile, 0o640);
    await expect(backup().probe()).rejects.toThrow(/others may read the option file .*: chmod 600/);
    chmodSync(db().defaultsFile, 0o600);
    mkdirSync(dumps(), { mode: 0o755 });
    expect(await backup().apply()).toMatchObject({
      exit: 1,
      stderr: expect.stringMatching(/others may look into .*: chmod 700/),
    });
  });
});
