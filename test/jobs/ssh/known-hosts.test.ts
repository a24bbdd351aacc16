import { describe, expect, it } from '@jest/globals';
import {
  checkHostKey,
  keyFingerprint,
  hostKeyAlgorithms,
  keyType,
  knownKeys,
} from '../../../jobs/ssh/known-hosts.ts';

// Keys from ssh-keygen; the hashed lines from ssh-keygen -H.
const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIImG26urrpi8PtWtZSEb98OvdWPSIq/4a9G5s9wy1Jr+';
const other = 'AAAAC3NzaC1lZDI1NTE5AAAAIOecavye8N7lfybZReLnNcRcCxxND7XmhnLXPo4RkUsp';
const ecdsa =
  'AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBKD2dc80vG37pr7RWMq82RY35hF9hLW8Bv8I8z19D+5wj88r+6Yz9Hw8rprpsJ79ZQ7DtfFxdx9QaMBv+R1eyDM=';
const hashedName = '|1|oFT7Kci0B4fX711naVIWP+gJpbE=|j7QAX1Bb4N77dBALbRqiVfsJ3s8=';
const hashedPort = '|1|2TGepSUPRLHqq3F6U6wK309UPTQ=|NJnygwcUR23S8YpfLKyCnkDhFr8=';

const blob = (text: string): Buffer => Buffer.from(text, 'base64');

describe('checking a host key', () => {
  it.each([
    ['a plain name', `cmp01 ssh-ed25519 ${key}`, 'cmp01', 22, 'ok'],
    ['another key for that name', `cmp01 ssh-ed25519 ${other}`, 'cmp01', 22, 'changed'],
    ['only a key of another type', `cmp01 ecdsa-sha2-nistp256 ${ecdsa}`, 'cmp01', 22, 'changed'],
    ['an empty file', '', 'cmp01', 22, 'unknown'],
    ['another name', `cmp02 ssh-ed25519 ${key}`, 'cmp01', 22, 'unknown'],
    ['the name in a comment', `# cmp01 ssh-ed25519 ${key}`, 'cmp01', 22, 'unknown'],
    ['capitals', `CMP01 ssh-ed25519 ${key}`, 'cmp01', 22, 'ok'],
    ['capitals asked for', `cmp01 ssh-ed25519 ${key}`, 'CMP01', 22, 'ok'],
    ['tabs and a comment', `cmp01\tssh-ed25519\t${key}\troot@cmp01\r\n`, 'cmp01', 22, 'ok'],
    ['one of two lines', `cmp01 ssh-ed25519 ${other}\ncmp01 ssh-ed25519 ${key}`, 'cmp01', 22, 'ok'],
    ['a list of names', `cmp00,10.0.0.21,cmp01 ssh-ed25519 ${key}`, '10.0.0.21', 22, 'ok'],
    ['a port', `[10.0.0.21]:2222 ssh-ed25519 ${key}`, '10.0.0.21', 2222, 'ok'],
    ['another port', `[10.0.0.21]:2222 ssh-ed25519 ${key}`, '10.0.0.21', 2223, 'unknown'],
    ['a port, asked without', `[10.0.0.21]:2222 ssh-ed25519 ${key}`, '10.0.0.21', 22, 'unknown'],
    ['no port, asked with one', `10.0.0.21 ssh-ed25519 ${key}`, '10.0.0.21', 2222, 'ok'],
    ['no port and another key', `10.0.0.21 ssh-ed25519 ${other}`, '10.0.0.21', 2222, 'unknown'],
    [
      'the port has another key than the name alone',
      `10.0.0.21 ssh-ed25519 ${key}\n[10.0.0.21]:2222 ssh-ed25519 ${other}`,
      '10.0.0.21',
      2222,
      'changed',
    ],
    ['IPv6', `fd00::21 ssh-ed25519 ${key}`, 'fd00::21', 22, 'ok'],
    ['IPv6 and a port', `[fd00::21]:2222 ssh-ed25519 ${key}`, 'fd00::21', 2222, 'ok'],
    ['a star', `cmp* ssh-ed25519 ${key}`, 'cmp01', 22, 'ok'],
    ['a star for the address', `[10.0.0.*]:2222 ssh-ed25519 ${key}`, '10.0.0.21', 2222, 'ok'],
    ['a question mark', `cmp?1 ssh-ed25519 ${key}`, 'cmp01', 22, 'ok'],
    ['too many question marks', `cmp??? ssh-ed25519 ${key}`, 'cmp01', 22, 'unknown'],
    ['a dot is a dot', `10.0.0.21 ssh-ed25519 ${key}`, '10x0.0.21', 22, 'unknown'],
    ['an exception', `cmp*,!cmp01 ssh-ed25519 ${key}`, 'cmp01', 22, 'unknown'],
    ['an exception for others', `cmp*,!cmp02 ssh-ed25519 ${key}`, 'cmp01', 22, 'ok'],
    ['only an exception', `!cmp02 ssh-ed25519 ${key}`, 'cmp01', 22, 'unknown'],
    ['a hashed name', `${hashedName} ssh-ed25519 ${key}`, 'cmp01', 22, 'ok'],
    ['a hashed name of another', `${hashedName} ssh-ed25519 ${key}`, 'cmp02', 22, 'unknown'],
    ['a hashed name and another key', `${hashedName} ssh-ed25519 ${other}`, 'cmp01', 22, 'changed'],
    ['a hashed port', `${hashedPort} ssh-ed25519 ${key}`, '10.0.0.21', 2222, 'ok'],
    ['an unknown kind of hash', `|2|a|b ssh-ed25519 ${key}`, 'cmp01', 22, 'unknown'],
    ['a revoked key', `@revoked cmp01 ssh-ed25519 ${key}`, 'cmp01', 22, 'revoked'],
    [
      'a key revoked everywhere and listed too',
      `cmp01 ssh-ed25519 ${key}\n@revoked * ssh-ed25519 ${key}`,
      'cmp01',
      22,
      'revoked',
    ],
    ['a revoked other key', `@revoked cmp01 ssh-ed25519 ${other}`, 'cmp01', 22, 'unknown'],
    ['an authority', `@cert-authority cmp01 ssh-ed25519 ${key}`, 'cmp01', 22, 'unknown'],
    ['a line cut short', `cmp01 ssh-ed25519`, 'cmp01', 22, 'unknown'],
  ])('%s', (_title, text, host, port, verdict) => {
    expect(checkHostKey({ text, host, port, key: blob(key) })).toBe(verdict);
  });

  it('shows fingerprints as ssh-keygen -l does', () => {
    expect(keyFingerprint(blob(key))).toBe('SHA256:wb9XQPyD70KZ8+2FPBfVJK1UPAyF2kMZGolJXDoWo4g');
    expect(keyType(blob(key))).toBe('ssh-ed25519');
    expect(keyType(blob(ecdsa))).toBe('ecdsa-sha2-nistp256');
  });
});

describe('host key algorithms', () => {
  it('offers those of known keys first, and the others after them', () => {
    const text = `cmp01 ssh-rsa AAAAB3NzaC1yc2E=\ncmp01 ecdsa-sha2-nistp256 ${ecdsa}`;

    expect(hostKeyAlgorithms({ text, host: 'cmp01', port: 22 })).toEqual([
      'ecdsa-sha2-nistp256',
      'rsa-sha2-512',
      'rsa-sha2-256',
      'ssh-rsa',
      'ssh-ed25519',
      'ecdsa-sha2-nistp384',
      'ecdsa-sha2-nistp521',
    ]);
  });

  it('does not ask for a revoked key', () => {
    const text = `@revoked cmp01 ecdsa-sha2-nistp256 ${ecdsa}`;

    expect(hostKeyAlgorithms({ text, host: 'cmp01', port: 22 })[0]).toBe('ssh-ed25519');
    expect(knownKeys({ text, host: 'cmp01', port: 22 })).toEqual([]);
  });
});
