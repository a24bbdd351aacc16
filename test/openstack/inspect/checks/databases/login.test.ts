import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { databaseLoginCheck } from '../../../../../openstack/inspect/checks/databases/login.ts';
import { databaseLoginShell } from '../../../../../openstack/inspect/checks/databases/scripts/embedded.ts';
import { contextOn } from '../context.ts';
import { warmCloud } from '../../../warm-cloud.ts';

const dir = mkdtempSync(join(tmpdir(), 'login-'));
afterAll(() => rmSync(dir, { recursive: true }));
const options = join(dir, 'my.cnf');
writeFileSync(options, '[client]\nskip-ssl\n');
for (const name of ['grep', 'tail', 'timeout', 'sh'])
  symlinkSync(
    execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim(),
    join(dir, name),
  );

const context = contextOn(warmCloud, 'gazpacho');

/** What is found of an image host whose client, if it has one, does this. */
function found(client?: string): string[] {
  if (client !== undefined)
    writeFileSync(join(dir, 'mariadb'), `#!/bin/sh\n${client}\n`, { mode: 0o755 });
  const words = ['-c', databaseLoginShell, 'sh', options];
  const stdout = execFileSync(join(dir, 'sh'), words, { env: { PATH: dir }, encoding: 'utf8' });
  const answer = { host: 'img1', about: 'client', outputs: [{ exit: 0, stdout, stderr: '' }] };
  return (databaseLoginCheck.read([answer], context).findings ?? []).map(
    ({ level, host = '', what }) => `${level} ${host}: ${what}`,
  );
}

describe('what inspection finds about database logins', () => {
  it('is asked of every host from which schemas are synced', () => {
    const hosts = databaseLoginCheck.ask(context).map(({ host }) => host);
    expect(new Set(hosts)).toEqual(new Set(['db1', 'ctl1', 'img1']));
  });

  it('is a host without a client, before anything has stopped', () => {
    expect(found()).toEqual([
      'bad img1: there is no client of MariaDB or MySQL, and this host looks at its databases before and after their schemas are synced',
    ]);
  });

  it('is a login that lets nobody in, and nothing where it does', () => {
    expect(found('echo "ERROR 1045 (28000): Access denied" >&2; exit 1')).toEqual([
      'bad img1: the database login of this host lets nobody in: ERROR 1045 (28000): Access denied',
    ]);
    expect(found('[ "$2" = --execute ]')).toEqual([]);
  });
});
