import { describe, expect, it } from '@jest/globals';
import { causeLine } from '../../../../bot/views/wake/first-cause.ts';

describe('the line that says why', () => {
  it.each<[string, string, string | undefined]>([
    [
      'dpkg: the script, not the count of what failed',
      [
        'Setting up nova-compute (2:31.0) ...',
        '/var/lib/dpkg/info/nova-compute.postinst: 12: cannot open /etc/nova/compute_id: No such file',
        'dpkg: error processing package nova-compute (--configure):',
        'Errors were encountered while processing:',
        ' nova-compute',
        'E: Sub-process /usr/bin/dpkg returned an error code (1)',
      ].join('\n'),
      '/var/lib/dpkg/info/nova-compute.postinst: 12: cannot open /etc/nova/compute_id: No such file',
    ],
    [
      'dpkg: what the script said in whatever form',
      [
        'Setting up nova-compute (2025.1-2) ...',
        'nova-compute 2025.1-2: /etc/nova/compute_id: no such file',
        'dpkg: error processing package nova-compute (--configure):',
        ' installed nova-compute package post-installation script subprocess returned error exit status 1',
        'E: Sub-process /usr/bin/dpkg returned an error code (1)',
      ].join('\n'),
      'nova-compute 2025.1-2: /etc/nova/compute_id: no such file',
    ],
    [
      'dpkg: a script that refuses in its own words',
      [
        'Setting up keystone (2:22.0) ...',
        'the fernet keys belong to another user',
        'dpkg: error processing package keystone (--configure):',
        'E: Sub-process /usr/bin/dpkg returned an error code (1)',
      ].join('\n'),
      'the fernet keys belong to another user',
    ],
    [
      'dpkg: a script that said nothing',
      'Setting up keystone (2:22.0) ...\ndpkg: error processing package keystone (--configure):\nE: Sub-process x',
      'dpkg: error processing package keystone (--configure):',
    ],
    [
      'a traceback: its last word',
      'Traceback (most recent call last):\n  File "x.py", line 1\nsqlalchemy.exc.OperationalError: (1044, "Access denied")\n(Background on this error at: https://sqlalche.me/e/e3q8)',
      'sqlalchemy.exc.OperationalError: (1044, "Access denied")',
    ],
    [
      'MySQL by its number',
      'mysql: [Warning] x\nERROR 1045 (28000): Access denied for user\nbye',
      'ERROR 1045 (28000): Access denied for user',
    ],
    [
      'apt',
      'Reading package lists...\nE: Unable to locate package x\n',
      'E: Unable to locate package x',
    ],
    ['what no form fits: the last line', 'one\ntwo\n\n', 'two'],
    ['nothing', '', undefined],
  ])('%s', (_it, output, line) => {
    expect(causeLine(output)).toBe(line);
  });
});
