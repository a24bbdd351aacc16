import { describe, expect, it } from '@jest/globals';
import { infoFields, refusalsByInfo } from '../../../../jobs/redis/reach/info.ts';

/** The beginning of what Valkey 8.0.1 of Debian answers to INFO, in a mode. */
const valkey = (mode: string): ReadonlyMap<string, string> =>
  infoFields(
    `# Server\r\nredis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.0.1\r\nserver_mode:${mode}\r\nrole:master\r\naof_enabled:1\r\nmaxmemory_policy:noeviction\r\n`,
  );
const codes = (info: ReadonlyMap<string, string>): string[] =>
  refusalsByInfo(info).map(({ code }) => code);

describe('what a server says of itself', () => {
  it('is read alike from Valkey, which has another word for its mode', () => {
    expect(codes(valkey('standalone'))).toEqual([]);
    expect(codes(valkey('sentinel'))).toEqual(['sentinel']);
    expect(codes(valkey('cluster'))).toEqual(['cluster']);
  });

  it.each([
    ['6.0.16', ['oldVersion']],
    ['5.0.14', ['oldVersion']],
    ['6.2.0', []],
    ['8.4.0', []],
  ])('tells version %s from one that is too old', (version, expected) => {
    expect(codes(infoFields(`redis_version:${version}\r\nrole:master`))).toEqual(expected);
  });
});
