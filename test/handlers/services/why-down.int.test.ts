import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { handlers } from '../../../handlers/index.ts';
import { whyDownCommand } from '../../../handlers/services/why-down.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'why-down-'));
  mkdirSync(join(dir, 'bin'));
  mkdirSync(join(dir, 'log/nova'), { recursive: true });
});
afterEach(() => rmSync(dir, { recursive: true }));

function program(name: string, script: string): void {
  writeFileSync(join(dir, 'bin', name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(dir, 'bin', name), 0o755);
}

/** systemd's answers about the unit, and what its journal holds. */
function systemd(state: Readonly<Record<string, string>>, journal = ''): void {
  const answers = Object.entries(state).map(
    ([key, value]) => `--property=${key}) echo "${value}" ;;`,
  );
  program('systemctl', `case $2 in\n${answers.join('\n')}\nesac`);
  program('journalctl', `echo "$@" >"${dir}/asked"\nprintf "%s" "${journal}"`);
}

function ask(unit: string): string {
  const [name = '', ...args] = whyDownCommand(unit, join(dir, 'log')).words;
  const env = {
    ...process.env,
    PATH: `${join(dir, 'bin')}:${process.env['PATH'] ?? ''}`,
    TZ: 'UTC',
  };
  return execFileSync(name, args, { encoding: 'utf8', env });
}

const failed = {
  ActiveState: 'failed',
  SubState: 'failed',
  Result: 'exit-code',
  InactiveExitTimestamp: 'Mon 2026-11-23 05:20:00 UTC',
};

it('shows the errors of the last start, and not those of one before', () => {
  systemd(failed, 'nova-conductor.service: Main process exited, code=exited\n');
  writeFileSync(
    join(dir, 'log/nova/nova-conductor.log'),
    [
      '2026-11-23 05:10:00.000 811 CRITICAL nova [-] Unhandled error: of yesterday',
      '2026-11-23 05:20:02.100 911 INFO nova [-] starting',
      '2026-11-23 05:20:03.411 911 CRITICAL nova [-] Unhandled error: TooOldComputeService: 64 < 66',
      '',
    ].join('\n'),
  );

  expect(ask('nova-conductor.service')).toBe(
    [
      'nova-conductor.service is failed (failed, exit-code)',
      'nova-conductor.service: Main process exited, code=exited',
      '2026-11-23 05:20:03.411 911 CRITICAL nova [-] Unhandled error: TooOldComputeService: 64 < 66',
      '',
    ].join('\n'),
  );
});

it('shows the journal of a service without such a log', () => {
  systemd(failed, 'Invalid command SSLEngine, perhaps misspelled\n');

  expect(ask('apache2')).toBe(
    'apache2 is failed (failed, exit-code)\nInvalid command SSLEngine, perhaps misspelled\n',
  );
});

it('says nothing of a service that runs', () => {
  systemd({ ...failed, ActiveState: 'active' }, 'much\n');

  expect(ask('apache2')).toBe('');
});

it('says no more than the state of one that never started', () => {
  systemd({ ...failed, InactiveExitTimestamp: '' }, 'much\n');

  expect(ask('apache2')).toBe('apache2 is failed (failed, exit-code)\n');
});

it('is asked of the services that packages have to leave running', () => {
  const params = { install: ['nova-compute'], running: ['nova-compute'] };

  expect(handlers['package']?.bind(params).evidence).toEqual([whyDownCommand('nova-compute')]);
  expect(handlers['package']?.bind({ install: ['tree'] }).evidence).toEqual([]);
  expect(handlers['service']?.bind({ name: 'web', state: 'stopped' }).evidence).toEqual([]);
});
