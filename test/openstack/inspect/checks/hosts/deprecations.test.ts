import { execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { deprecationsCheck } from '../../../../../openstack/inspect/checks/hosts/deprecations.ts';
import { largeCloud } from '../../../clouds-today.ts';
import { contextOn } from '../context.ts';

const context = contextOn(largeCloud('caracal', 'noble', 3), 'caracal');

/** What inspection says of a log of nova, read by its own script in a folder in place of /var/log. */
function said(log: string, name = 'nova-api.log'): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'logs-'));
  try {
    mkdirSync(join(folder, 'nova'));
    writeFileSync(join(folder, 'nova', name), log);
    const [asked] = deprecationsCheck.ask(context);
    const words = asked?.commands[0]?.words ?? [];
    const script = (words[words.indexOf('-c') + 1] ?? '').replaceAll('/var/log', folder);
    const stdout = execFileSync('sh', ['-c', script, 'sh', 'keystone', 'nova'], {
      encoding: 'utf8',
    });
    const outputs = [{ exit: 0, stdout, stderr: '' }];
    const { findings = [] } = deprecationsCheck.read([{ host: 'ctl1', outputs }], context);
    return findings.map(({ level, what }) => `${level} ${what}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('what the logs of services call deprecated', () => {
  it('is named with what takes its place, each once', () => {
    const line =
      '2026-11-30 12:00:00.1 1 WARNING oslo_config.cfg [-] Deprecated: Option "auth_uri" from group "keystone_authtoken" is deprecated. Use option "www_authenticate_uri" from group "keystone_authtoken".';
    const other =
      '2026-11-30 12:00:00.1 1 WARNING oslo_config.cfg [-] Deprecated: Option "heartbeat_in_pthread" from group "oslo_messaging_rabbit" is deprecated for removal (no effect).  Its value may be silently ignored in the future.';

    expect(said(`${line}\n${line}\n${other}\nnothing\n`)).toEqual([
      "note nova's log calls options deprecated: [keystone_authtoken] auth_uri ([keystone_authtoken] www_authenticate_uri), [oslo_messaging_rabbit] heartbeat_in_pthread",
    ]);
  });

  it('is no advice where the log proposes a name that is never read', () => {
    const trap =
      'Option "username" from group "keystone_authtoken" is deprecated. Use option "user-name" from group "keystone_authtoken".';

    expect(said(trap)).toEqual([
      "warn nova's log says to use [keystone_authtoken] user-name instead of [keystone_authtoken] username, which is never read",
    ]);
  });

  it.each(['nova-api.log', 'nova-api.log.1'])('is found before a long debug log: %s', (name) => {
    const line =
      'WARNING oslo_config.cfg [-] Deprecated: Option "auth_uri" from group "keystone_authtoken" is deprecated. Use option "www_authenticate_uri" from group "keystone_authtoken".';
    const after = Array.from({ length: 20_000 }, (_, index) => `DEBUG nova ${index}`);

    expect(said([line, ...after].join('\n'), name)).toHaveLength(1);
  });

  it('is nothing where the log says nothing', () => {
    expect(said('all is well\n')).toEqual([]);
  });
});
