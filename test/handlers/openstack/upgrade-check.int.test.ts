import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
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

  it('goes by the exit code where it recognises no results, and says so', async () => {
    expect(await check('odd-status', { stdout: 'all is well' })).toMatchObject({
      isOk: true,
      stdout: expect.stringMatching(/all is well\n.*no results were recognised.*exit 0 alone/),
    });
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
}

/** What the step makes of a program that says this, and refuses the words that the real one does. */
function check(name: string, { exit = 0, stdout }: Said, rest: object = {}): Promise<StepResult> {
  writeFileSync(join(dir, 'said'), stdout);
  const path = join(dir, name);
  const script = `#!/bin/sh
case "$*" in
  "upgrade check") ;;
  "upgrade check --json") case $0 in *nova-status) echo "unrecognized arguments: --json" >&2; exit 2 ;; esac ;;
  *) exit 99 ;;
esac
echo "UserWarning: noise" >&2
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
