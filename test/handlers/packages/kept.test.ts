import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readKept } from '../../../handlers/packages/kept.ts';
import { boundHandler } from '../../support/steps/step.ts';
import { keptShell } from '../../../handlers/packages/scripts/embedded.ts';

const input = readFileSync('test/cases/08-kept-back-counts-as-done.txt', 'utf8');
const [, installed = '', held = ''] =
  /^dpkg-query: ii {2}(.*)\napt-mark showhold: (.*)$/m.exec(input) ?? [];
const [name = '', version = ''] = installed.split(/ +/);

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'kept-'));
  writeFileSync(join(dir, 'apt-cache'), '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(join(dir, 'dpkg-query'), '#!/bin/sh\nprintf neutron\n', { mode: 0o755 });
});
afterAll(() => rmSync(dir, { recursive: true }));

/** What a host's shell makes of what apt-get simulated. */
const kept = (said: string): string[] =>
  execFileSync('sh', ['-c', `${keptShell}printf "%s\\n" "$1" | kept`, 'sh', said], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${dir}:${process.env['PATH'] ?? ''}` },
  })
    .split('\n')
    .slice(0, -1);

describe('packages that apt keeps back', () => {
  it('08-kept-back-counts-as-done: are named before and after, with what holds them', () => {
    const rows = kept(`The following packages have been kept back:\n  ${name}`);
    const outputs = [
      'amd64',
      `ii \t${name}\t${version}\n`,
      `${held}\n`,
      '',
      `codename jammy\n${rows.join('\n')}\n`,
    ];
    const { parse, isDone, changes } = boundHandler('package', {
      upgrade: 'full',
      update: true,
      install: [],
    });
    const found = parse(outputs.map((stdout) => ({ exit: 0, stdout, stderr: '' })));

    expect(changes(found)).toContain(`${name} ${version} is kept back: on hold`);
    expect(changes(found)).not.toContain('every package: -> the newest');
    expect(isDone(found)).toBe(false);
    expect(() => isDone(found, found)).toThrow(
      `apt ended well, but ${name} ${version} is kept back: on hold`,
    );
  });

  it("are read from apt's sections alone", () => {
    const said = `Reading package lists...
The following packages were automatically installed and are no longer required:
  python3-six
The following packages have been kept back:
  nova-api nova-common
  nova-compute
The following upgrades have been deferred due to phasing:
  libc6
0 upgraded, 0 newly installed, 0 to remove and 4 not upgraded.`;

    expect(readKept(kept(said))).toEqual([
      ...['nova-api', 'nova-common', 'nova-compute'].map((one) => ({
        name: one,
        source: 'neutron',
        by: 'dependencies',
      })),
      { name: 'libc6', source: 'neutron', by: 'phasing' },
    ]);
  });
});
