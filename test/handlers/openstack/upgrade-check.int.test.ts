import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { StepUnderTest, type StepResult } from '../../support/steps/step.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'upgrade-check-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

// As programs of Zed print them.
const nova = `+--------------------------------------------------------------------+
| Upgrade Check Results                                              |
+--------------------------------------------------------------------+
| Check: Cells v2                                                    |
| Result: Success                                                    |
| Details: No host mappings or compute nodes were found. Remember to |
|   run command 'nova-manage cell_v2 discover_hosts' when new        |
|   compute hosts are deployed.                                      |
+--------------------------------------------------------------------+
| Check: Older than N-1 computes                                     |
| Result: RESULT                                                    |
| Details: Current Nova version does not support computes older than |
|   Caracal but the minimum compute service level in your system is  |
|   64 and the oldest supported service level is 66.                 |
+--------------------------------------------------------------------+
| Check: Service User Token Configuration                            |
| Result: Success                                                    |
| Details: None                                                      |
+--------------------------------------------------------------------+
`;
const tooOld =
  'Older than N-1 computes: Current Nova version does not support computes older than Caracal but the minimum compute service level in your system is 64 and the oldest supported service level is 66.';

const keystone = (result: number): string =>
  JSON.stringify({
    name: 'Upgrade Check Results',
    checks: [
      {
        check: 'Check trust policies are not empty',
        result,
        details: 'Trust policies are safe.',
      },
      { check: 'Policy File JSON to YAML Migration', result: 0, details: null },
    ],
  });

/** The file of the case. */
const crash = z
  .object({ 'program exit': z.int(), 'program stderr': z.string(), 'program stdout': z.string() })
  .parse(parse(readFileSync('test/cases/06-check-crashes-on-its-config.yaml', 'utf8')));

describe('upgrade-check', () => {
  it('says each result of a table in a line, the worst last, and goes on with a warning', async () => {
    const ran = await check('nova-status', { exit: 1, stdout: nova.replace('RESULT', 'Warning') });

    expect(ran).toMatchObject({ isOk: true, exit: 1, stderr: '' });
    expect(ran.stdout).toBe(
      [
        "Success  Cells v2: No host mappings or compute nodes were found. Remember to run command 'nova-manage cell_v2 discover_hosts' when new compute hosts are deployed.",
        'Success  Service User Token Configuration',
        `Warning  ${tooOld}`,
        'nova: 3 checks: 2 Success, 1 Warning\n',
      ].join('\n'),
    );
  });

  it('stops at a failure, and says which', async () => {
    const ran = await check('nova-status', { exit: 2, stdout: nova.replace('RESULT', 'Failure') });

    expect(ran).toMatchObject({ isOk: false, exit: 2 });
    expect(ran.stdout).toMatch(/nova: 3 checks: 2 Success, 1 Failure\n$/);
    expect(ran.stderr).toBe(`upgrade-check: nova: Failure  ${tooOld}\n`);
  });

  it('believes a check that failed more than the exit code', async () => {
    const ran = await check('nova-status', { exit: 0, stdout: nova.replace('RESULT', 'Failure') });

    expect(ran).toMatchObject({ isOk: false, exit: 2 });
    expect(ran.stdout).toMatch(/nova-status ended with exit 0, although it says Failure\n$/);
  });

  it('stops at a warning where that is asked for', async () => {
    const ran = await check(
      'nova-status',
      { exit: 1, stdout: nova.replace('RESULT', 'Warning') },
      { okExits: [0] },
    );

    expect(ran).toMatchObject({ isOk: false, exit: 1 });
  });

  it('reads JSON, and asks for it', async () => {
    const ran = await check('keystone-status', { stdout: keystone(0) }, { json: true });

    expect(ran).toMatchObject({ isOk: true, exit: 0 });
    expect(ran.stdout).toBe(
      [
        'Success  Check trust policies are not empty: Trust policies are safe.',
        'Success  Policy File JSON to YAML Migration',
        'nova: 2 checks: 2 Success\n',
      ].join('\n'),
    );
    expect(
      await check('keystone-status', { exit: 2, stdout: keystone(2) }, { json: true }),
    ).toMatchObject({ isOk: false, stderr: expect.stringMatching(/Failure {2}Check trust/) });
  });

  it('reads the table that placement-status prints, asked for JSON or not', async () => {
    const table = nova.replace('RESULT', 'Success');

    expect(await check('placement-status', { stdout: table }, { json: true })).toMatchObject({
      isOk: true,
      stdout: expect.stringMatching(/nova: 3 checks: 3 Success\n$/),
    });
  });

  it('stops at a crash, with its last error', async () => {
    const stdout = `Error:
Traceback (most recent call last):
  File "/usr/lib/python3/dist-packages/oslo_upgradecheck/upgradecheck.py", line 206, in main
    return conf.command.action_fn()
pymysql.err.OperationalError: (1054, "Unknown column 'instances.compute_id' in 'field list'")
(Background on this error at: https://sqlalche.me/e/14/e3q8)
`;
    const ran = await check('nova-status', { exit: 255, stdout });

    expect(ran).toMatchObject({
      isOk: false,
      exit: 255,
      stderr: `upgrade-check: nova: nova-status ended with exit 255, so nothing was checked: pymysql.err.OperationalError: (1054, "Unknown column 'instances.compute_id' in 'field list'")\n`,
    });
    expect(ran.stdout).toContain('Traceback');
  });

  it('06-check-crashes-on-its-config: does not count exit 1 without results as a warning', async () => {
    const ran = await check('nova-status', {
      exit: crash['program exit'],
      stdout: crash['program stdout'],
      stderr: crash['program stderr'],
    });

    expect(ran).toMatchObject({ isOk: false, exit: 255 });
    expect(ran.stderr).toBe(
      "upgrade-check: nova: nova-status ended with exit 1 and printed no results, so nothing was checked: oslo_config.cfg.ConfigFileParseError: Failed to parse /etc/nova/nova.conf: at /etc/nova/nova.conf:13, No ':' or '=' found in assignment: 'transport_url'\n",
    );
  });

  const thrown = `Traceback (most recent call last):
  File "/usr/bin/nova-status", line 8, in <module>
    sys.exit(main())
keystoneauth1.exceptions.http.Unauthorized: The request you have made requires authentication. (HTTP 401)
`;
  it.each([
    ['exit 0 that says nothing', { stdout: 'all is well' }, /printed no results.*: all is well$/m],
    [
      'an error of any name',
      { exit: 1, stdout: '', stderr: thrown },
      /: keystoneauth1.*Unauthorized/,
    ],
    [
      'exit 1 beside successes alone',
      { exit: 1, stdout: nova.replace('RESULT', 'Success') },
      /none of its results says so/,
    ],
    [
      'exit 2 of a usage',
      { exit: 2, stdout: '', stderr: 'usage: nova-status [-h]' },
      /printed no results/,
    ],
    [
      'half of a table',
      { exit: 1, stdout: nova.split('| Check: Cells')[0] ?? '', stderr: thrown },
      /none of its results/,
    ],
    ['JSON without results', { exit: 1, stdout: '{"name": "x"}' }, /printed no results/],
  ])('does not count %s', async (_what, said, why) => {
    const ran = await check('nova-status', said);

    expect(ran).toMatchObject({ isOk: false, exit: 255, stderr: expect.stringMatching(why) });
  });

  it('counts an empty list of checks, which is a result', async () => {
    const stdout = JSON.stringify({ name: 'Upgrade Check Results', checks: [] }, null, 2);

    expect(await check('odd-status', { stdout })).toMatchObject({ isOk: true, exit: 0 });
  });

  it('stops where there is no such program', async () => {
    expect(await run(['not-there-status'], {})).toMatchObject({
      isOk: false,
      exit: 127,
      stderr: 'upgrade-check: nova: there is no program not-there-status on this host\n',
    });
  });
});

interface Said {
  readonly exit?: number;
  readonly stdout: string;
  readonly stderr?: string;
}

/** What the step makes of a program that says this, and refuses the words that the real one does. */
function check(
  name: string,
  { exit = 0, stdout, stderr = 'UserWarning: noise' }: Said,
  rest: object = {},
): Promise<StepResult> {
  writeFileSync(join(dir, 'said'), stdout);
  writeFileSync(join(dir, 'warned'), `${stderr}\n`);
  const path = join(dir, name);
  const script = `#!/bin/sh
case "$*" in
  "upgrade check") ;;
  "upgrade check --json") case $0 in *nova-status) echo "unrecognized arguments: --json" >&2; exit 2 ;; esac ;;
  *) exit 99 ;;
esac
cat ${join(dir, 'warned')} >&2
cat ${join(dir, 'said')}
exit ${exit}
`;
  writeFileSync(path, script, { mode: 0o755 });
  return run([path, 'upgrade', 'check'], rest);
}

async function run(words: readonly string[], rest: object): Promise<StepResult> {
  const params = { service: 'nova', run: words, user: 'nova', ...rest };
  const step = new StepUnderTest('upgrade-check', params);
  const { stdout, stderr, ...ran } = await step.does(step.bound.apply);
  return { ...ran, stdout: short(stdout), stderr: short(stderr) };
}

const short = (text: string): string => text.replaceAll(`${dir}/`, '');
