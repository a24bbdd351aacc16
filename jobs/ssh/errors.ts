import type { Disposition } from '../../handlers/contract/errors.ts';
import { OperatorError } from '../../handlers/contract/errors.ts';
import type { UnusableKey } from './private-key.ts';
import type { SshRefusal } from './refusals.ts';
import type { HostKeyVerdict, KnownKey } from './known-hosts.ts';
import { keyFingerprint, keyType } from './known-hosts.ts';

/** One end of a connection: a host, or the bastion before it. */
export interface SshEnd {
  /** The name for people. */
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly key: string;
  readonly knownHosts: string;
}

/** `cmp01 (10.0.0.21:22)` */
export const sshEndText = ({
  host,
  address,
  port,
}: Pick<SshEnd, 'host' | 'address' | 'port'>): string => `${host} (${address}:${port})`;

export function keyFileMissing(hop: SshEnd, cause: NodeJS.ErrnoException): OperatorError {
  const why = cause.code === 'ENOENT' ? 'there is no such file' : cause.message;
  return new OperatorError(`connecting to ${sshEndText(hop)}: reading the key ${hop.key}: ${why}`, {
    name: 'KeyFileMissing',
    hint: `Put the private key of ${hop.user} at ${hop.key}, readable by the worker, or correct ssh.key in the cloud file.`,
    cause,
  });
}

export function keyFileUnusable(hop: SshEnd, { is, hint }: UnusableKey): OperatorError {
  return new OperatorError(`connecting to ${sshEndText(hop)}: the key ${hop.key}: ${is}`, {
    name: 'KeyFileUnusable',
    hint: hint(hop.key),
  });
}

export function knownHostsUnreadable(hop: SshEnd, cause: NodeJS.ErrnoException): OperatorError {
  const why = cause.code === 'ENOENT' ? 'there is no such file' : cause.message;
  return new OperatorError(
    `connecting to ${sshEndText(hop)}: reading the host keys in ${hop.knownHosts}: ${why}`,
    {
      name: 'KnownHostsUnreadable',
      hint: `Without known host keys no host is trusted. Compare the fingerprint on the console of ${hop.host}, then put the line from ${scan(hop)} into ${hop.knownHosts}; or correct ssh.knownHosts in the cloud file.`,
      cause,
    },
  );
}

export interface ShownKey {
  readonly verdict: Exclude<HostKeyVerdict, 'ok'>;
  readonly key: Buffer;
  readonly known: readonly KnownKey[];
  /** Where the file has a certificate authority for the host: why that does not vouch for it. */
  readonly uncertified?: string;
}

/** The error for a host whose key is not the one on file. */
export function hostKeyRefused(
  hop: SshEnd,
  { verdict, key, known, uncertified }: ShownKey,
): OperatorError {
  const shown = `${keyType(key)} ${keyFingerprint(key)}`;
  const expected = known.map((entry) => `${entry.type} ${keyFingerprint(entry.key)}`).join(', ');
  const said = {
    unknown:
      uncertified === undefined
        ? `it shows ${shown}, and ${hop.knownHosts} holds no key for it`
        : `it shows ${shown}; ${hop.knownHosts} has only a certificate authority for it (@cert-authority), and ${uncertified}`,
    changed: `its host key changed: it shows ${shown}, ${hop.knownHosts} has ${expected}`,
    revoked: `it shows ${shown}, which ${hop.knownHosts} marks as revoked`,
  }[verdict];
  const hint = {
    unknown: `${uncertified === undefined ? 'C' : 'Give the host a certificate of that authority (HostCertificate in its sshd_config), or c'}ompare the fingerprint on the console of the host; if it is the same, add the line from ${scan(hop)} to ${hop.knownHosts}.`,
    changed: `Reinstalled, or somebody in between: compare the fingerprint on the console of the host. Only if it is the host's, replace its line in ${hop.knownHosts}.`,
    revoked: `Give the host a new key and add that one to ${hop.knownHosts}; a revoked key is never accepted.`,
  }[verdict];
  const name = {
    unknown: 'HostKeyUnknown',
    changed: 'HostKeyChanged',
    revoked: 'HostKeyRevoked',
  } as const;
  return new OperatorError(`connecting to ${sshEndText(hop)}: ${said}`, {
    name: name[verdict],
    hint,
  });
}

const scan = ({ address, port }: SshEnd): string =>
  `ssh-keyscan ${port === 22 ? '' : `-p ${port} `}${address}`;

/** The error for a connection that did not come about. */
export function refusedBy(
  hop: SshEnd,
  { says, ...rest }: SshRefusal,
  cause?: unknown,
): OperatorError {
  return new OperatorError(`connecting to ${sshEndText(hop)}: ${says}`, { ...rest, cause });
}

interface Unreachable {
  readonly cause?: Error;
  readonly hint?: string;
  readonly disposition?: Disposition;
}

/** Nothing began on the host, so the caller may try again. */
export function hostUnreachable(hop: SshEnd, why: string, rest: Unreachable = {}): OperatorError {
  return new OperatorError(`connecting to ${sshEndText(hop)}: ${why}`, {
    name: 'HostUnreachable',
    disposition: 'retry',
    hint: `Check that ${hop.host} is up, that address and port in the cloud file are right, and that sshd answers there. Nothing was started.`,
    ...rest,
  });
}

/** The channel was open and ended without an exit code: what it ran may or may not have happened. */
export function linkLost(hop: SshEnd, why: string, cause?: unknown): OperatorError {
  return new OperatorError(`on ${sshEndText(hop)}: the connection was lost: ${why}`, {
    name: 'LinkLost',
    disposition: 'ask',
    hint: 'A step goes on without us. Attach to it again to learn how it ended.',
    cause,
  });
}

export function commandTimedOut(hop: SshEnd, timeoutMs: number): OperatorError {
  return new OperatorError(`on ${sshEndText(hop)}: no answer within ${timeoutMs / 1000} s`, {
    name: 'TimedOut',
    disposition: 'ask',
    hint: `Look on ${hop.host} what it waits for.`,
  });
}
