import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { flavors, messageOf, moveOne, novaSchema } from '../../support/openstack/nova-schema.ts';

const nova = novaSchema();

const kilo = {
  series: 'kilo',
  from: [['254']],
  resume: { from: 255, to: 279 },
  to: ['280'],
  blocking: [],
};

const liberty = {
  series: 'liberty',
  from: [['280']],
  resume: { from: 281, to: 301 },
  to: ['302'],
  blocking: [flavors],
};

const spoil = `CREATE FUNCTION spoil() RETURNS INT DETERMINISTIC
  BEGIN UPDATE migrate_version SET version = 1; RETURN 0; END`;

describe('schema-sync', () => {
  it('syncs from where it may, as its user alone, and believes the version table', async () => {
    nova.release('2015.1.4', 'UPDATE migrate_version SET version = 280');
    const step = nova.sync(kilo);

    expect(await step.apply()).toMatchObject({ exit: 0 });

    expect(await step.after()).toMatchObject({ isDone: true });
    expect(readFileSync(join(nova.tools, 'asked'), 'utf8')).toBe('--version\ndb sync\n--version\n');
  });

  it.each([
    [
      'a straight jump',
      '12.0.6',
      254,
      liberty,
      /the sync of a release in between is missing\n.* to 280, .* Then: Move flavors/,
    ],
    [
      'rows that it would stop at',
      '12.0.6',
      280,
      liberty,
      /1 unmigrated flavors: the sync would stop partway\nFirst: Move flavors/,
    ],
    ['rows that stopped it before', '12.0.6', 290, liberty, /1 unmigrated flavors/],
    [
      'the program of the release before',
      '2015.1.4',
      280,
      { ...liberty, blocking: [] },
      /needs a program of Liberty, but found is: .* 2015\.1\.4 \(Kilo\)/,
    ],
    [
      'a schema of a later release',
      '2015.1.4',
      290,
      kilo,
      /a later release has changed it already/,
    ],
    [
      'a query that would write',
      '12.0.6',
      280,
      { ...liberty, blocking: [{ ...flavors, query: 'SELECT spoil()' }] },
      /counting unmigrated flavors: .*(1792|read.only)/is,
    ],
    [
      'a table that is not there',
      '12.0.6',
      280,
      { ...liberty, blocking: [{ ...flavors, query: 'SELECT COUNT(*) FROM nothing' }] },
      /counting unmigrated flavors: .*ERROR 1146/,
    ],
  ])('refuses %s before it touches anything', async (_what, version, revision, params, reason) => {
    nova.release(version, 'UPDATE migrate_version SET version = 999');
    nova.db.sql(
      `UPDATE migrate_version SET version = ${revision};\nDELIMITER //\n${spoil}//\n`,
      'nova',
    );
    const before = nova.db.dumpOf('nova');

    await expect(messageOf(nova.sync(params).apply())).resolves.toMatch(reason);

    expect(nova.db.dumpOf('nova')).toBe(before);
    expect(readFileSync(join(nova.tools, 'asked'), 'utf8')).toBe('--version\n');
  });

  it('shows the half-migrated schema, lets the missing step heal it, and goes on', async () => {
    // As Liberty does: 281 to 290 pass, 291 stops.
    nova.release(
      '12.0.6',
      'UPDATE migrate_version SET version = 290',
      '; echo "There are still 1 unmigrated flavor records." >&2; exit 1',
    );
    nova.db.sql('UPDATE nova.migrate_version SET version = 280');
    const first = nova.sync({ ...liberty, blocking: [] });
    expect(await first.apply()).toMatchObject({ exit: 1 });
    expect(await first.undoCommands()).toMatchObject([
      {
        words: [
          'echo',
          expect.stringMatching(/nova stays at revision 290 until the dump .* puts back 280\.$/),
        ],
      },
    ]);

    nova.release('2015.1.4', moveOne);
    expect(await nova.migration().apply()).toMatchObject({ exit: 0 });
    nova.release('12.0.6', 'UPDATE migrate_version SET version = 302');
    const again = nova.sync(liberty);
    expect(await again.apply()).toMatchObject({ exit: 0 });
    expect(await again.isDone()).toBe(true);
  });

  it('takes no exit code for a revision', async () => {
    nova.release('2015.1.4', 'UPDATE migrate_version SET version = 266');
    const step = nova.sync(kilo);
    await step.apply();

    await expect(messageOf(step.isDone())).resolves.toMatch(/the schema is at 266 and not at 280/);
  });

  it('reads several heads of alembic', async () => {
    nova.release(
      '7.0.4',
      'DELETE FROM alembic_version; INSERT INTO alembic_version VALUES ("34af"), ("4af1")',
    );
    nova.db.sql(
      'CREATE TABLE alembic_version (version_num VARCHAR(32)); INSERT INTO alembic_version VALUES ("kilo")',
      'nova',
    );
    const step = nova.sync({
      ...liberty,
      service: 'neutron',
      from: [['kilo']],
      resume: undefined,
      to: ['4af1', '34af'],
      blocking: [],
    });

    expect(await step.apply()).toMatchObject({ exit: 0 });
    expect(await step.isDone()).toBe(true);
    expect(await step.apply()).toBe('unchanged');
  });

  it('leads the database of cell0 along, and reads its revision too', async () => {
    nova.db
      .sql(`CREATE DATABASE nova_cell0; USE nova_cell0; CREATE TABLE alembic_version (version_num VARCHAR(32));
      INSERT INTO alembic_version VALUES ('zed'); USE nova;
      CREATE TABLE alembic_version (version_num VARCHAR(32)); INSERT INTO alembic_version VALUES ('zed')`);
    const params = {
      series: 'epoxy',
      from: [['zed']],
      to: ['epoxy'],
      also: [{ database: 'nova_cell0', from: [['zed']], to: ['epoxy'] }],
      blocking: [],
    };
    nova.release('31.0.0', 'UPDATE alembic_version SET version_num = "epoxy"');
    const first = nova.sync(params);
    expect(await first.apply()).toMatchObject({ exit: 0 });
    await expect(messageOf(first.isDone())).resolves.toMatch(
      /\(database nova_cell0\).*the schema is at zed and not at epoxy/,
    );

    nova.release('31.0.0', 'UPDATE nova_cell0.alembic_version SET version_num = "epoxy"');
    const again = nova.sync(params);
    expect(await again.apply()).toMatchObject({ exit: 0 });
    expect(await again.isDone()).toBe(true);
    expect(await again.undoCommands()).toHaveLength(1);
  });

  it.each(['later', 'earlier'])(
    'ends at the %s of two ends, and says which it was',
    async (end) => {
      nova.db
        .sql(`CREATE DATABASE nova_cell0; USE nova_cell0; CREATE TABLE alembic_version (version_num VARCHAR(32));
      INSERT INTO alembic_version VALUES ('wallaby'); USE nova;
      CREATE TABLE alembic_version (version_num VARCHAR(32)); INSERT INTO alembic_version VALUES ('wallaby')`);
      const ends = { from: [['wallaby']], to: ['later'], or: [['earlier']] };
      const params = {
        series: 'xena',
        ...ends,
        also: [{ database: 'nova_cell0', ...ends }],
        blocking: [],
      };
      const set = `UPDATE alembic_version SET version_num = "${end}"`;
      nova.release('24.1.0', `${set}; UPDATE nova_cell0.alembic_version SET version_num = "later"`);
      const step = nova.sync(params);

      expect(await step.apply()).toMatchObject({
        exit: 0,
        stdout: `nova: alembic_version says ${end}\nnova: migrate_version says 254\nnova_cell0: alembic_version says later\n`,
      });
      expect(await step.after()).toMatchObject({ isDone: true });

      // At the earlier end a sync may have been stopped, so it runs again; at the later there is nothing to do.
      nova.release('24.1.0', 'SELECT 1');
      const again = await nova.sync(params).apply();
      expect(again === 'unchanged').toBe(end === 'later');

      nova.release('24.1.0', 'UPDATE alembic_version SET version_num = "elsewhere"');
      nova.db.sql('UPDATE nova.alembic_version SET version_num = "wallaby"');
      const third = nova.sync(params);
      expect(await third.apply()).toMatchObject({ exit: 0 });
      await expect(messageOf(third.isDone())).resolves.toMatch(
        /the schema is at elsewhere and not at later or earlier \(one of them\)/,
      );
    },
  );

  it('shows why it failed out of the log, where alone that is said', async () => {
    const log = join(nova.tools, 'nova-manage.log');
    writeFileSync(log, '2026-11-22 03:00:00.000 1 CRITICAL nova [-] of yesterday\n');
    const last = `(pymysql.err.OperationalError) (1290, "The MariaDB server is running with the --read-only option")`;
    writeFileSync(
      join(nova.tools, 'said'),
      `2026-11-23 04:12:44.487 1060 CRITICAL nova [-] Unhandled error: oslo_db.exception.DBError: ${last}
(Background on this error at: https://sqlalche.me/e/14/e3q8)
2026-11-23 04:12:44.487 1060 ERROR nova Traceback (most recent call last):
2026-11-23 04:12:44.487 1060 ERROR nova   File "/usr/lib/python3/dist-packages/pymysql/connections.py", line 613, in connect
2026-11-23 04:12:44.487 1060 ERROR nova     raise exc
2026-11-23 04:12:44.487 1060 ERROR nova oslo_db.exception.DBError: ${last}
2026-11-23 04:12:44.487 1060 ERROR nova (Background on this error at: https://sqlalche.me/e/14/e3q8)
2026-11-23 04:12:44.487 1060 ERROR nova
`,
    );
    nova.release('2015.1.4', 'SELECT 1', `; cat ${nova.tools}/said >>${log}; exit 1`);

    const ran = await nova.sync({ ...kilo, log }).apply();

    expect(ran).toMatchObject({
      isOk: false,
      exit: 1,
      stdout: expect.stringMatching(/the end of .*nova-manage.log:\n {2}2026/),
      stderr: 'nova: nova-manage ended with exit 1\n',
    });
    expect(ran === 'unchanged' ? [] : ran.stdout.match(/^ {2}.*/gm)).toEqual([
      `  2026-11-23 04:12:44.487 1060 CRITICAL nova [-] Unhandled error: oslo_db.exception.DBError: ${last}`,
      `  2026-11-23 04:12:44.487 1060 ERROR nova oslo_db.exception.DBError: ${last}`,
    ]);
  });

  it('takes no Traceback for a failure, and says nothing of the log when all went well', async () => {
    const noise = '; echo "Traceback (most recent call last):" >&2; exit 0';
    nova.release('2015.1.4', 'UPDATE migrate_version SET version = 280', noise);
    const step = nova.sync({ ...kilo, log: join(nova.tools, 'not-there.log') });

    expect(await step.apply()).toMatchObject({
      isOk: true,
      stderr: 'Traceback (most recent call last):\n',
    });
    expect(await step.isDone()).toBe(true);
  });

  it('says when the log cannot be read', async () => {
    nova.release('2015.1.4', 'SELECT 1', '; exit 1');

    expect(await nova.sync({ ...kilo, log: '/var/log/not/there.log' }).apply()).toMatchObject({
      stdout: expect.stringMatching(/there\.log cannot be read: No such file or directory/),
    });
  });
});
