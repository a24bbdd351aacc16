import type { Disposition } from '../../handlers/contract/errors.ts';
import { OperatorError } from '../../handlers/contract/errors.ts';
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

export function keyFileUnusable(hop: SshEnd, cause: Error): OperatorError {
  return new OperatorError(
    `connecting to ${sshEndText(hop)}: the key ${hop.key}: ${cause.message}`,
    {
      name: 'KeyFileUnusable',
      hint: 'Use a private key in OpenSSH or PEM format that has no passphrase (ssh-keygen -p removes one).',
      cause,
    },
  );
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
}

/** The error for a host whose key is not the one on file. */
export function hostKeyRefused(hop: SshEnd, { verdict, key, known }: ShownKey): OperatorError {
  const shown = `${keyType(key)} ${keyFingerprint(key)}`;
  const expected = known.map((entry) => `${entry.type} ${keyFingerprint(entry.key)}`).join(', ');
  const said = {
    unknown: `it shows ${shown}, and ${hop.knownHosts} holds no key for it`,
    changed: `its host key changed: it shows ${shown}, ${hop.knownHosts} has ${expected}`,
    revoked: `it shows ${shown}, which ${hop.knownHosts} marks as revoked`,
  }[verdict];
  const hint = {
    unknown: `Compare the fingerprint on the console of the host; if it is the same, add the line from ${scan(hop)} to ${hop.knownHosts}.`,
    changed: `Reinstalled, or somebody in between: compare the fingerprint on the console of the host. Only if it is the host's, replace its line in ${hop.knownHosts}.`,
    revoked: `Give the host a new key and add that one to ${hop.knownHosts}; a revoked key is never accepted.`,
  }[verdict];
  const name = { unknown: 'HostKeyUnknown', changed: 'HostKeyChanged', revoked: 'HostKeyRevoked' };
  return new OperatorError(`connecting to ${sshEndText(hop)}: ${said}`, {
    name: name[verdict],
    hint,
  });
}

const scan = ({ address, port }: SshEnd): string =>
  `ssh-keyscan ${port === 22 ? '' : `-p ${port} `}${address}`;

/** What ended a handshake, by what ssh2 says about it. */
export function connectFailed(hop: SshEnd, cause: Error & { level?: string }): OperatorError {
  if (cause.level === 'client-authentication') {
    return new OperatorError(
      `connecting to ${sshEndText(hop)}: it refused the key ${hop.key} for user ${hop.user}`,
      {
        name: 'AuthenticationRefused',
        hint: `Add the public half of ${hop.key} to the authorized keys of ${hop.user} on ${hop.host}, or correct ssh.user and ssh.key in the cloud file.`,
        cause,
      },
    );
  }
  return /no matching/.test(cause.message)
    ? hostUnreachable(hop, cause.message, {
        cause,
        disposition: 'stop',
        hint: 'The host allows only algorithms that this client lacks (post-quantum key exchange is one). Allow curve25519-sha256 or ecdh-sha2-nistp256 in its sshd_config.',
      })
    : hostUnreachable(hop, inWords(cause), { cause });
}

/** What ended an attempt to connect, in words first: not every reader knows the codes. */
function inWords({ message }: Error): string {
  if (message.includes('Timed out while waiting for handshake')) {
    return 'no SSH handshake in time: the host is silent, or what answers there is no sshd';
  }
  const [code = ''] = /\bE[A-Z_]{4,}\b/.exec(message) ?? [];
  const words = meanings[code];
  return words === undefined ? message : `${words} (${code})`;
}

const meanings: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens on that port',
  ECONNRESET: 'it hung up',
  EHOSTUNREACH: 'there is no way to it from here',
  ENETUNREACH: 'there is no way to it from here',
  ETIMEDOUT: 'it does not answer',
  ENOTFOUND: 'nobody knows a machine of that name',
  EAI_AGAIN: 'the name service does not answer',
};

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
