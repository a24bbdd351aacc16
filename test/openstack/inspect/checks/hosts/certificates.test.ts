import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { certificatesCheck } from '../../../../../openstack/inspect/checks/hosts/certificates.ts';
import { largeCloud } from '../../../clouds-today.ts';
import { contextOn } from '../context.ts';

const context = contextOn(largeCloud('caracal', 'noble', 1), 'caracal');
const [asked] = certificatesCheck.ask(context);
const day = 86_400_000;
// Half a day on, so that it is no matter in which second a certificate was made.
const now = new Date(Date.now() + day / 2).toISOString();

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'certificates-'));
  mkdirSync(join(dir, 'etc/ssl/private/all'), { recursive: true });
  const make = (days: number, name: string) =>
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-subj',
        '/CN=x',
        '-days',
        String(days),
        '-keyout',
        '/dev/null',
        '-out',
        join(dir, 'etc/ssl/private', name),
      ],
      { stdio: 'ignore' },
    );
  for (const name of [
    'cloud.pem',
    'with space.pem',
    'a#b.pem',
    'all/one.pem',
    'both.pem.rsa',
    'listed.pem',
  ])
    make(3, name);
  writeFileSync(join(dir, 'etc/ssl/private/all/one.pem.ocsp'), '');
});
afterAll(() => rmSync(dir, { recursive: true }));

/** What is found where HAProxy has this file; paths are below the folder of the test. */
function found(config: string): string[] {
  const file = join(dir, 'haproxy.cfg');
  writeFileSync(file, config.replaceAll('/etc/ssl', join(dir, 'etc/ssl')));
  writeFileSync(
    join(dir, 'etc/ssl/list'),
    `# ours\nlisted.pem [alpn h2] *.example.org\n${dir}/etc/ssl/private/cloud.pem\n`,
  );
  const words = asked?.commands[0]?.words ?? [];
  const stdout = execFileSync('env', [...words, file], { encoding: 'utf8' });
  const { findings = [] } = certificatesCheck.read(
    [{ host: 'ctl1', outputs: [{ exit: 0, stdout, stderr: '' }] }],
    { ...context, now },
  );
  return findings.map(({ what }) => what.replaceAll(`${dir}/`, '/'));
}
const ends = (name: string): string => `the certificate /etc/ssl/private/${name} ends in 2 days`;

describe('certificates', () => {
  it('23-certificates-under-crt-base: are read as HAProxy reads its file', () => {
    expect(Date.parse(now)).toBeGreaterThan(day);
    expect(found(readFileSync('test/cases/23-certificates-under-crt-base.cfg', 'utf8'))).toEqual([
      ends('cloud.pem'),
    ]);
  });

  const base = 'global\n crt-base /etc/ssl/private\n';
  it.each([
    ['an escaped blank', 'bind :443 ssl crt with\\ space.pem', ['with space.pem']],
    ['strong quotes', "bind :443 ssl crt '/etc/ssl/private/with space.pem'", ['with space.pem']],
    ['a quoted part of a word', 'bind :443 ssl crt with" "space.pem', ['with space.pem']],
    ['an escaped #', 'bind :443 ssl crt a\\#b.pem # crt cloud.pem', ['a#b.pem']],
    [
      'a comment right behind a word',
      'bind :443 ssl crt cloud.pem#crt not-there.pem',
      ['cloud.pem'],
    ],
    ['a code of a character', 'bind :443 ssl crt with\\x20space.pem', ['with space.pem']],
    [
      'several on one line',
      'bind :443 ssl crt cloud.pem crt listed.pem',
      ['cloud.pem', 'listed.pem'],
    ],
    ['a folder', 'bind :443 ssl crt all', ['all/one.pem']],
    ['a kind of key each', 'bind :443 ssl crt both.pem', ['both.pem.rsa']],
    ['a list of certificates', 'bind :443 ssl crt-list /etc/ssl/list', ['cloud.pem', 'listed.pem']],
    ['what is shown to servers', 'server crt 192.0.2.1:443 ssl crt cloud.pem', ['cloud.pem']],
    ['the default of servers', 'default-server ssl crt cloud.pem', ['cloud.pem']],
    ['no words of other lines', 'http-request set-header crt not-there.pem', []],
    ['no variable of the environment', 'bind :443 ssl crt "$CERTS/x.pem"', []],
  ])('read %s', (_what, line, expected) => {
    expect(found(`${base}listen x\n  ${line}\n`)).toEqual(expected.map(ends));
  });

  it('are taken from the folder that stands before a line, and from none before crt-base', () => {
    expect(
      found(
        `listen a\n bind :1 ssl crt /etc/ssl/private/cloud.pem\nglobal\n crt-base /etc/ssl/private # crt-base /no\nlisten b\n bind :2 ssl crt listed.pem\n`,
      ),
    ).toEqual([ends('cloud.pem'), ends('listed.pem')]);
  });

  it('that are not there are told', () => {
    expect(found(`${base}listen x\n bind :443 ssl crt gone.pem\n`)).toEqual([
      '/etc/ssl/private/gone.pem is named as a certificate and cannot be read as one',
    ]);
  });
});
