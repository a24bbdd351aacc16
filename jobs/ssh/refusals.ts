import type { ErrorName } from '../../handlers/contract/error-names.ts';
import type { Disposition } from '../../handlers/contract/errors.ts';

/** What was seen of a connection that did not come about. */
export interface Seen {
  /** How far it got: a way to the host; its version line; the key exchange, with a key that we know; the login. */
  readonly stage: 'dialling' | 'version' | 'keys' | 'login';
  /** The message of what ended it, and its code: of the system, of SSH's disconnect, or ssh2's level. */
  readonly message: string;
  readonly code?: string | number;
  readonly level?: string;
  /** What it said in the place of its version. */
  readonly greeting?: string;
  /** What it said to the user during the login. */
  readonly banner?: string;
  /** The methods of login that it still offered when it refused, and whether it had accepted the key. */
  readonly methods?: readonly string[];
  readonly isKeyAccepted?: boolean;
}

export interface SshRefusal {
  readonly name: ErrorName;
  readonly says: string;
  readonly hint: string;
  readonly disposition: Disposition;
}

/** What to say to people; `host` is the machine that refused, a bastion included. */
export interface Names {
  readonly host: string;
  readonly user: string;
  readonly key: string;
  /** A certificate that lies beside the key. */
  readonly certificate?: string;
}

/** What a connection that did not come about means. */
export function sshRefusalOf(seen: Seen, names: Names): SshRefusal {
  switch (seen.stage) {
    case 'dialling':
      return notDialled(seen, names);
    case 'version':
      return beforeVersion(seen, names);
    case 'keys':
      return inKeyExchange(seen, names);
    case 'login':
      return inLogin(seen, names);
  }
}

const checkUp = ({ host }: Names): string =>
  `Check that ${host} is up, that address and port in the cloud file are right, and that sshd answers there. Nothing was started.`;

const unreachable = (names: Names, says: string): SshRefusal => ({
  name: 'HostUnreachable',
  says,
  hint: checkUp(names),
  disposition: 'retry',
});

/** Reasons that lie on the machine of the worker, and what to do there. */
const hintsHere: Readonly<Record<string, string>> = {
  ENOTFOUND:
    'Correct the address in the cloud file, or what the name service of this machine knows.',
  EAI_AGAIN: 'See the name service of the machine that the worker runs on.',
  EADDRNOTAVAIL: 'See the addresses of the machine that the worker runs on.',
  EMFILE: 'Let the worker open more files: ulimit -n, or LimitNOFILE of its unit.',
  EACCES: 'See the firewall of the machine that the worker runs on.',
  EPERM: 'See the firewall of the machine that the worker runs on.',
};

function notDialled(seen: Seen, names: Names): SshRefusal {
  const refusal = unreachable(names, inWords(seen));
  const here = hintsHere[String(seen.code)];
  return here === undefined ? refusal : { ...refusal, hint: `${here} Nothing was started.` };
}

function beforeVersion({ greeting = '', ...seen }: Seen, names: Names): SshRefusal {
  const [first = ''] = greeting.split(/\r?\n/);
  const { host } = names;
  if (/Exceeded MaxStartups/i.test(first))
    return {
      name: 'HostThrottled',
      says: `it says "${first}": too many logins at once`,
      hint: `It is tried again after a pause. If it stays so, raise MaxStartups in sshd_config on ${host}, or see who logs in there so often.`,
      disposition: 'retry',
    };
  // The same line for a penalty and for MaxStartups, from OpenSSH 9.8 on (sshd.c, drop_connection).
  if (/Not allowed at this time/i.test(first))
    return {
      name: 'HostThrottled',
      says: `it says "${first}": it penalises this machine for a while, for logins that went wrong, or has too many logins at once`,
      hint: `It is tried again after a pause. If it stays so, see sshd's log on ${host}: against a penalty, name this machine in PerSourcePenaltyExemptList; else raise MaxStartups or PerSourceMaxStartups.`,
      disposition: 'retry',
    };
  if (first !== '')
    return {
      name: 'HostUnreachable',
      says: `what answers there is no sshd: it says "${shownByHost(first)}"`,
      hint: `Correct address and port of ${host} in the cloud file, or see on it what keeps sshd from answering. Nothing was started.`,
      disposition: 'retry',
    };
  if (isTimeout(seen))
    return unreachable(
      names,
      'no SSH handshake in time: the host is silent, or what answers there is no sshd',
    );
  if (isClosed(seen))
    return {
      name: 'HostUnreachable',
      says: 'it hung up before it said its version',
      hint: `Its sshd is starting or ending, has too many logins at once (MaxStartups), or this machine is shut out (hosts.deny, fail2ban): see sshd's log on ${host}. Nothing was started.`,
      disposition: 'retry',
    };
  return unreachable(names, inWords(seen));
}

/** What RFC 4253 calls each list of algorithms, by what ssh2 calls it; which option of sshd_config says it; what we speak. */
const algorithms: readonly (readonly [RegExp, string, string, string])[] = [
  [
    /key exchange/,
    'key exchange',
    'KexAlgorithms',
    'curve25519-sha256 or ecdh-sha2-nistp256; post-quantum ones are unknown here',
  ],
  [
    /host key/,
    'kind of host key',
    'HostKeyAlgorithms',
    'ssh-ed25519, ecdsa-sha2-nistp256 or rsa-sha2-512; certificates and security keys are unknown here',
  ],
  [/cipher/, 'cipher', 'Ciphers', 'aes128-gcm@openssh.com or aes256-ctr'],
  [/MAC/, 'MAC', 'MACs', 'hmac-sha2-256-etm@openssh.com or hmac-sha2-256'],
  [/compression/, 'compression', 'Compression', 'none'],
];

function inKeyExchange(seen: Seen, names: Names): SshRefusal {
  const missing = /no matching/.test(seen.message)
    ? algorithms.find(([pattern]) => pattern.test(seen.message))
    : undefined;
  if (missing !== undefined) {
    const [, what, option, ours] = missing;
    return {
      name: 'NoCommonAlgorithm',
      says: `it and this client have no ${what} in common`,
      hint: `Let ${option} in its sshd_config name one that this client has: ${ours}.`,
      disposition: 'stop',
    };
  }
  if (/signature verification failed|Wrong signature type|Malformed signature/.test(seen.message))
    return {
      name: 'HostKeyUnproved',
      says: 'it could not prove that it has the host key that it shows',
      hint: `Somebody may be in between: compare the fingerprint on the console of ${names.host}.`,
      disposition: 'stop',
    };
  if (/Invalid identification string/.test(seen.message))
    return {
      name: 'NoCommonAlgorithm',
      says: 'it speaks another version of SSH than 2',
      hint: `Upgrade the sshd on ${names.host}, or correct address and port in the cloud file.`,
      disposition: 'stop',
    };
  // A disconnect with a reason of its own (RFC 4253, section 11.1).
  if (typeof seen.code === 'number')
    return {
      name: 'HostUnreachable',
      says: `it ended the key exchange: "${shownByHost(seen.message)}"`,
      hint: `See the log of sshd on ${names.host}. Nothing was started.`,
      disposition: 'retry',
    };
  if (isTimeout(seen))
    return unreachable(names, 'it said its version, and then nothing more in time');
  return unreachable(names, isClosed(seen) ? 'it hung up during the key exchange' : inWords(seen));
}

function inLogin(seen: Seen, names: Names): SshRefusal {
  const { host, user, key } = names;
  const refused = (says: string, hint: string): SshRefusal => ({
    name: 'AuthenticationRefused',
    says: seen.banner === undefined ? says : `${says}; it says "${shownByHost(seen.banner)}"`,
    hint,
    disposition: 'stop',
  });
  const addKey = `Add the public half of ${key} to the authorized keys of ${user} on ${host}, or correct ssh.user and ssh.key in the cloud file. If it is there, sshd's log on ${host} says why: AllowUsers, PermitRootLogin, the modes of the file, a locked account.`;
  if (/too many authentication failures/i.test(seen.message))
    return refused(
      `it refused the key ${key} for user ${user} ("${shownByHost(seen.message)}")`,
      `${addKey} Its sshd lets nobody try twice (MaxAuthTries).`,
    );
  if (seen.level === 'client-authentication') return refusedKey(seen, names, refused, addKey);
  if (isTimeout(seen))
    return {
      ...unreachable(names, `the login of ${user} took too long`),
      hint: `See what it waits for on ${host}: PAM, DNS (UseDNS) and a full process table are the usual reasons. Nothing was started.`,
    };
  if (isReset(seen))
    return unreachable(names, `it hung up during the login of ${user} (ECONNRESET)`);
  if (isClosed(seen))
    return refused(
      `it closed the link during the login of ${user}`,
      `Look at the account on ${host}: chage -l ${user}, /etc/nologin, AllowUsers and RefuseConnection in sshd_config, the log of sshd and PAM.`,
    );
  // A disconnect with a reason of its own (RFC 4253, section 11.1); those below mean that later is better.
  const passes = seen.code === 7 || seen.code === 12;
  return passes
    ? unreachable(names, `it ended the login of ${user}: "${shownByHost(seen.message)}"`)
    : refused(
        `it ended the login of ${user}: "${shownByHost(seen.message)}"`,
        `See the log of sshd on ${host}.`,
      );
}

function refusedKey(
  { methods, isKeyAccepted }: Seen,
  { host, user, key, certificate }: Names,
  refused: (says: string, hint: string) => SshRefusal,
  addKey: string,
): SshRefusal {
  const others = (methods ?? []).filter((method) => method !== 'publickey').join(', ');
  if (isKeyAccepted === true)
    return refused(
      `it accepted the key ${key} for user ${user} and also asks for ${others || 'another key'}`,
      `Exempt this user from the second factor in sshd_config on ${host}: Match User ${user}, AuthenticationMethods publickey.`,
    );
  if (methods === undefined)
    return refused(
      `it takes no signature that the key ${key} makes`,
      `Use an Ed25519 key: ssh-keygen -t ed25519; or let PubkeyAcceptedAlgorithms on ${host} name rsa-sha2-512.`,
    );
  if (!methods.includes('publickey'))
    return refused(
      `it takes no keys for user ${user}, only ${others || 'nothing'}`,
      `Let this user log in by key: PubkeyAuthentication and AuthenticationMethods in sshd_config on ${host}.`,
    );
  return certificate === undefined
    ? refused(`it refused the key ${key} for user ${user}`, addKey)
    : refused(
        `it refused the key ${key} for user ${user}; the certificate ${certificate} beside it was not shown, as user certificates are not supported here`,
        addKey,
      );
}

const isTimeout = ({ message }: Seen): boolean => message.includes('Timed out while waiting');
const isReset = ({ message, code }: Seen): boolean => `${message} ${code}`.includes('ECONNRESET');
const isClosed = (seen: Seen): boolean =>
  isReset(seen) ||
  /No response from server|Connection lost before handshake|socket hang up/.test(seen.message);

/** What ended an attempt to connect, in words first: not every reader knows the codes. */
export function inWords({ message, code = '' }: Pick<Seen, 'message' | 'code'>): string {
  const all = new Set(`${message} ${code}`.match(/\bE[A-Z_]{4,}\b/g));
  const words = [...all].flatMap((each) =>
    meanings[each] === undefined ? [] : [`${meanings[each]} (${each})`],
  );
  return words.length === 0 ? shownByHost(message) : words.join('; ');
}

const meanings: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens on that port',
  ECONNRESET: 'it hung up',
  EHOSTUNREACH: 'there is no way to it from here',
  ENETUNREACH: 'there is no way to it from here',
  ETIMEDOUT: 'it does not answer',
  ENOTFOUND: 'nobody knows a machine of that name',
  EAI_AGAIN: 'the name service does not answer',
  EADDRNOTAVAIL: 'this machine has no address to reach it from',
  EMFILE: 'this process has too many files open',
  EACCES: 'this machine forbids the connection',
  EPERM: 'this machine forbids the connection',
};

/** One line of what a host said, without what could mislead a terminal. */
export const shownByHost = (text: string): string =>
  text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\p{Cc}/gu, '')
    .trim()
    .slice(0, 200);
