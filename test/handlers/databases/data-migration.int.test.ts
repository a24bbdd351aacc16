import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StepUnderTest, type StepResult } from '../../support/steps/step.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'data-migration-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** As nova, cinder and placement print it. */
const table = (...rows: readonly [string, number, number][]): string =>
  [
    '+---------------------------+--------------+-----------+',
    '|         Migration         | Total Needed | Completed |',
    '+---------------------------+--------------+-----------+',
    ...rows.map(
      ([name, needed, done]) =>
        `| ${name.padStart(25)} | ${String(needed).padStart(7)}      | ${String(done).padStart(5)}     |`,
    ),
    '+---------------------------+--------------+-----------+',
    '',
  ].join('\n');

describe('data-migration, by the exit code', () => {
  it('goes on while there is more, and says what each round moved', async () => {
    const ran = await migrate(
      [1, table(['migrate_empty_ratio', 0, 0], ['populate_user_id', 10, 10])],
      [1, table(['migrate_empty_ratio', 0, 0], ['populate_user_id', 3, 3])],
      [0, table(['migrate_empty_ratio', 0, 0], ['populate_user_id', 0, 0])],
    );

    expect(ran).toMatchObject({ isOk: true, stderr: '' });
    expect(ran.stdout).toBe(
      [
        'round 1: exit 1, 10 rows moved: populate_user_id 10 of 10',
        'round 2: exit 1, 3 rows moved: populate_user_id 3 of 3',
        'round 3: exit 0, 0 rows moved',
        'done after 3 rounds: 13 rows moved\n',
      ].join('\n'),
    );
  });

  it("is done with 0 although nova's own marker row matches for ever", async () => {
    const ran = await migrate([
      0,
      `1 rows matched query populate_instance_compute_id, 0 migrated\n${table(['populate_instance_compute_id', 1, 0])}`,
    ]);

    expect(ran).toMatchObject({ isOk: true });
    expect(ran.stdout).toBe(
      [
        '1 rows matched query populate_instance_compute_id, 0 migrated',
        'round 1: exit 0, 0 rows moved: populate_instance_compute_id 0 of 1',
        'matched, but not to be moved: 1 of populate_instance_compute_id',
        'done after 1 round: 0 rows moved\n',
      ].join('\n'),
    );
    expect(asked()).toBe(1);
  });

  it('ends at errors without progress, with the last errors of the log', async () => {
    writeFileSync(join(dir, 'log'), '2026-11-22 03:00:00.000 1 ERROR nova.cmd.manage old\n');
    const ran = await migrate(
      [1, table(['populate_user_id', 50, 50])],
      [
        2,
        `${table(['populate_user_id', 0, 0])}Some migrations failed unexpectedly. Check log for details.\n`,
        `2026-11-23 04:12:44.487 1060 ERROR nova.cmd.manage [None req-1 - - -] Error attempting to run populate_instance_compute_id: pymysql.err.OperationalError: (1054, "Unknown column")
2026-11-23 04:12:44.487 1060 ERROR nova.cmd.manage Traceback (most recent call last):
2026-11-23 04:12:44.487 1060 ERROR nova.cmd.manage   File "/usr/lib/python3/dist-packages/nova/cmd/manage.py", line 1, in f
2026-11-23 04:12:44.487 1060 ERROR nova.cmd.manage     raise exc
2026-11-23 04:12:44.487 1060 ERROR nova.cmd.manage pymysql.err.OperationalError: (1054, "Unknown column")
2026-11-23 04:12:44.487 1060 ERROR nova.cmd.manage
`,
      ],
    );

    expect(ran).toMatchObject({
      isOk: false,
      exit: 2,
      stderr: expect.stringMatching(
        /nova: round 2: .*nova-manage ended with exit 2: errors, and nothing that could be moved: is the schema of this release synced\?/,
      ),
    });
    expect(ran.stdout.split('\n').slice(1)).toEqual([
      'Some migrations failed unexpectedly. Check log for details.',
      'round 2: exit 2, 0 rows moved',
      expect.stringMatching(/^the end of .*log:$/),
      expect.stringMatching(/^ {2}2026.* Error attempting to run populate_instance_compute_id/),
      expect.stringMatching(
        /^ {2}2026.* pymysql\.err\.OperationalError: \(1054, "Unknown column"\)$/,
      ),
      '',
    ]);
    expect(asked()).toBe(2);
  });

  it('gives up after the rounds that are allowed', async () => {
    const more: Round = [1, table(['populate_user_id', 2, 2])];

    expect(await migrate(more, more, more, more)).toMatchObject({
      isOk: false,
      exit: 1,
      stderr: expect.stringMatching(/more to move after 3 rounds \(6 rows moved\), and no more/),
    });
    expect(asked()).toBe(3);
  });

  it('takes no exit code for progress that the runbook does not name', async () => {
    expect(await migrate([1, ''], { again: undefined })).toMatchObject({ isOk: false, exit: 1 });
    expect(await migrate([127, 'Must supply a positive value for max_number\n'])).toMatchObject({
      isOk: false,
      exit: 127,
      stdout: expect.stringMatching(/^Must supply a positive value/),
      stderr: expect.stringMatching(/it takes no such number of rows \(--max-count\)/),
    });
  });

  it('ends where there is no such program', async () => {
    const step = new StepUnderTest('data-migration', params(['not-there-manage']));

    expect(await step.apply()).toMatchObject({
      isOk: false,
      exit: 127,
      stderr: expect.stringMatching(/there is no program not-there-manage on this host/),
    });
  });
});

/** An exit code, what it prints, and what it writes to its log. */
type Round = readonly [exit: number, stdout: string, log?: string];

const params = (run: readonly string[], rest: object = {}) => ({
  service: 'nova',
  run,
  user: userInfo().username,
  again: [1],
  maxRounds: 3,
  log: join(dir, 'log'),
  ...rest,
});

/** The step, with a program that says one after the other. */
async function migrate(...rounds: readonly (Round | object)[]): Promise<StepResult> {
  const isRound = (one: Round | object): one is Round => Array.isArray(one);
  rounds.filter(isRound).forEach(([exit, stdout, log = ''], index) => {
    writeFileSync(join(dir, `out${index + 1}`), stdout);
    writeFileSync(join(dir, `log${index + 1}`), log);
    writeFileSync(join(dir, `exit${index + 1}`), String(exit));
  });
  const path = join(dir, 'nova-manage');
  const script = `#!/bin/sh
[ "$1" != --version ] || { echo 26.2.2; exit 0; }
cd ${dir} || exit 98
echo asked >>asked
n=$(($(wc -l <asked)))
cat out$n; cat log$n >>log
echo "Exception ignored in: <function _removeHandlerRef>" >&2
exit $(cat exit$n)
`;
  writeFileSync(join(dir, 'asked'), '');
  writeFileSync(path, script, { mode: 0o755 });
  const rest = rounds.find((one) => !isRound(one)) ?? {};
  const step = new StepUnderTest('data-migration', params([path], rest));
  const ran = await step.apply();
  if (ran === 'unchanged') throw new Error('it said that nothing is left');
  expect(await step.isDone()).toBeUndefined();
  return ran.isOk ? { ...ran, stderr: ran.stderr.replace(/^Exception ignored.*\n/gm, '') } : ran;
}

const asked = (): number => readFileSync(join(dir, 'asked'), 'utf8').split('\n').length - 1;
