import { existsSync, readdirSync, rmSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { backedUp, unlessShape } from '../../support/steps/backed-up.ts';
import type { StepUnderTest } from '../../support/steps/step.ts';

const { db, dumps, original, backup, stand, databases } = backedUp();

describe('the gate of database-backup', () => {
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
      'for last; do :; done; exec "$real" --defaults-file="$CNF" --databases keystone',
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
    const disk = stand('df', 'echo heading; echo "disk 100 99 1 99% /"');
    const early = backup();
    expect(await early.apply()).toMatchObject({
      exit: 1,
      stderr: expect.stringMatching(/has room for 0 MiB, and \d+ MiB are needed/),
    });
    await shut(early);

    stand('mariadb-dump', `${unlessShape}\nexec "$real" "$@" >/dev/full`);
    rmSync(disk);
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
});

/** The gate is shut, nothing was touched, and nothing is left behind. */
async function shut(step: StepUnderTest): Promise<void> {
  expect(await step.after()).toEqual({ isDone: false, undo: [], isRestored: true });
  expect(existsSync(dumps()) ? readdirSync(dumps()) : []).toEqual([]);
  expect(databases()).toEqual(['keystone', 'nova']);
  expect(db().dumpOf('keystone', 'nova')).toBe(original());
}
