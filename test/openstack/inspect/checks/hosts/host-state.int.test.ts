import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Command } from '../../../../../handlers/contract/command.ts';
import { hostStateCheck } from '../../../../../openstack/inspect/checks/hosts/host-state.ts';
import { taggedRows } from '../../../../../openstack/inspect/checks/check.ts';
import { runHere } from '../../../../support/steps/step.ts';
import { junoCloud } from '../../../juno-cloud.ts';
import { knowledge } from '../../../known.ts';
import { inspectionSubject } from '../../../../../openstack/inspect/subject.ts';

let proc: string;
beforeEach(() => {
  proc = mkdtempSync(join(tmpdir(), 'host-state-'));
});
afterEach(() => rmSync(proc, { recursive: true }));

function process(pid: string, exe: string, cgroup: string): void {
  mkdirSync(join(proc, pid));
  symlinkSync(exe, join(proc, pid, 'exe'));
  writeFileSync(join(proc, pid, 'maps'), '');
  writeFileSync(join(proc, pid, 'cgroup'), cgroup);
}

/** The command of the look, with another folder for /proc. */
function look(): Command {
  const [asked] = hostStateCheck.ask(inspectionSubject(junoCloud, knowledge));
  const [command] = asked?.commands ?? [];
  if (command === undefined) throw new Error('the look asks nothing');
  return { ...command, words: command.words.map((word) => word.replaceAll('/proc', proc)) };
}

describe('looking at the state of a host', () => {
  it('finds the services that run replaced files, and not what a person who is logged in runs', async () => {
    process('1', '/usr/bin/old (deleted)', '0::/system.slice/nova-api.service\n');
    process('2', '/usr/bin/new', '0::/system.slice/cron.service\n');
    process('3', '/usr/bin/old (deleted)', '0::/system.slice/system-mysql.slice/mysql@1.service\n');
    process(
      '4',
      '/usr/bin/old (deleted)',
      '0::/user.slice/user-0.slice/user@0.service/init.scope\n',
    );
    process('5', '/usr/bin/old (deleted)', '0::/user.slice/user-0.slice/session-1.scope\n');

    const output = await runHere(look());

    expect(output).toMatchObject({ exit: 0, stderr: '' });
    expect(taggedRows(output, 'stale')).toEqual([['nova-api'], ['mysql@1']]);
    expect(taggedRows(output, 'end')).toEqual([['here']]);
  });
});
