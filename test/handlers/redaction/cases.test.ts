import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { maskSecrets } from '../../../handlers/redaction/redact.ts';

const read = (name: string): string =>
  readFileSync(new URL(`../../cases/${name}.txt`, import.meta.url), 'utf8');

describe('files and outputs from which a secret was shown', () => {
  it('12-mask-password-with-at: a password ends at the last @ before the host', () => {
    // sqlalchemy/sqlalchemy issues 8327, 6567 and 6574
    expect(maskSecrets(read('12-mask-password-with-at'))).toBe(
      '[database]\nconnection = mysql+pymysql://nova:[REDACTED]@db1.example.org/nova?charset=utf8\n',
    );
  });

  it('12-mask-password-with-at: also where a client took the rest of it for the name of a host', () => {
    const error =
      "(pymysql.err.OperationalError) (2003, \"Can't connect to MySQL server on 'Zx9Secret@db1.example.org' ([Errno -2] Name or service not known)\")";

    expect(maskSecrets(error)).toBe(error.replace('Zx9Secret', '[REDACTED]'));
  });

  it('14-mask-barbican-vault-and-pin: none of kek, login, root_token_id and approle_secret_id', () => {
    // openstack/barbican doc/source/install/barbican-backend.rst
    const shown = maskSecrets(read('14-mask-barbican-vault-and-pin'));

    expect(shown).not.toContain('Zx9Secret');
    expect(shown).toContain('approle_role_id = 11111111-2222-3333-4444-555555555555');
    expect(shown.match(/^\S+ = .*\[REDACTED\]/gm)?.map((line) => line.split(' ')[0])).toEqual([
      'kek',
      'login',
      'root_token_id',
      'approle_secret_id',
    ]);
  });

  it.each(['', 'on one line'])('15-mask-rndc-key: a secret without = or : %s', (how) => {
    // openstack/designate doc/source/admin/backends/bind9.rst and multiple-pools.rst
    const text = read('15-mask-rndc-key');
    const shown = maskSecrets(how === '' ? text : text.replaceAll('\n', ' '));

    expect(shown).toContain('algorithm hmac-sha256;');
    expect(shown).toContain('secret "[REDACTED]";');
    expect(shown).not.toContain('Zx9Secret');
  });

  it('15-mask-rndc-key: the same for an element and what it holds', () => {
    // openstack/cinder huawei-storage-driver.rst
    expect(maskSecrets('<UserPassword>Zx9Secret</UserPassword>')).toBe(
      '<UserPassword>[REDACTED]</UserPassword>',
    );
  });

  it('17-mask-inside-a-line: requests and dicts on one line', () => {
    // AJNOURI/COA issue 7
    const text = read('17-mask-inside-a-line');

    expect(maskSecrets(text)).toBe(text.replaceAll('Zx9Secret', '[REDACTED]'));
  });
});
