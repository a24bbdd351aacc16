import { access, readFile } from 'node:fs/promises';
import { NodeSSH } from 'node-ssh';
import type { Client } from 'ssh2';
import type { SshLine } from './dial.ts';
import {
  type SshEnd,
  type ShownKey,
  hostKeyRefused,
  keyFileMissing,
  keyFileUnusable,
  knownHostsUnreadable,
  refusedBy,
} from './errors.ts';
import { type CertifiedKey, certifiedKey } from './host-certificate.ts';
import {
  type KnownHostsLookup,
  checkHostKey,
  hostAuthorities,
  hostKeyAlgorithms,
  keyFingerprint,
  knownKeys,
} from './known-hosts.ts';
import { readKeyFile } from './private-key.ts';
import { type Seen, sshRefusalOf } from './refusals.ts';
import { shownCertificate } from './show-certificate.ts';

export interface Credentials {
  readonly privateKey: string;
  /** Of known_hosts. Read for every connection, so that a corrected file counts at once. */
  readonly text: string;
  /** A certificate that lies beside the key. */
  readonly certificate?: string;
}

export async function readCredentials(hop: SshEnd): Promise<Credentials> {
  const held = await readFile(hop.key, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw keyFileMissing(hop, error);
  });
  const read = readKeyFile(held);
  if ('is' in read) throw keyFileUnusable(hop, read);
  const text = await readFile(hop.knownHosts, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw knownHostsUnreadable(hop, error);
  });
  const certificate = `${hop.key}-cert.pub`;
  const isThere = await access(certificate).then(
    () => true,
    () => false,
  );
  return { privateKey: read.key, text, ...(isThere ? { certificate } : {}) };
}

export interface Times {
  readonly connectTimeoutMs: number;
  readonly keepaliveMs: number;
}

/**
 * Makes a connection of a way to a host: version, key exchange, host key, login. `client` is called at once with the
 * connection, which has an 'error' for whoever owns it. Answers the fingerprint of the key that the host showed.
 */
export async function handshake(
  hop: SshEnd,
  { credentials: { privateKey, text, certificate }, dial, times, watch }: Shaking,
): Promise<string> {
  const lookup = { text, host: hop.address, port: hop.port };
  const certified = await certifiedBy(lookup, dial, times);
  const sure = 'key' in certified ? [certified.key] : [];
  const line = await dial();
  const login = loginByKey();
  let refused: ShownKey | undefined;
  let shown = '';
  const ssh = new NodeSSH();
  const ready = ssh.connect({
    sock: line.sock,
    username: hop.user,
    privateKey,
    readyTimeout: times.connectTimeoutMs,
    keepaliveInterval: times.keepaliveMs,
    keepaliveCountMax: 3,
    algorithms: { serverHostKey: hostKeyAlgorithms(lookup, sure) },
    authHandler: login.next,
    hostVerifier: (key: Buffer) => {
      shown = keyFingerprint(key);
      const verdict = checkHostKey({ ...lookup, key });
      if (verdict === 'ok' || (verdict !== 'revoked' && sure.some((one) => one.equals(key))))
        return true;
      const why = 'key' in certified ? 'its host certificate is for another key' : certified.why;
      const uncertified = why === undefined ? {} : { uncertified: why };
      refused = { verdict, key, known: knownKeys(lookup), ...uncertified };
      return false;
    },
  });
  const client = ssh.connection;
  if (client === null) throw new Error('node-ssh made no connection');
  // From here on, for the whole life of the connection: an 'error' that nobody hears ends the process.
  watch(client);
  const heard = listen(client, line);
  try {
    await ready;
  } catch (error) {
    client.destroy();
    line.sock.destroy();
    if (refused !== undefined) throw hostKeyRefused(hop, refused);
    const names = certificate === undefined ? hop : { ...hop, certificate };
    const seen = { ...heard(), ...login.seen(), ...reasonOf(error) };
    throw refusedBy(hop, sshRefusalOf(seen, names), error);
  }
  return shown;
}

interface Shaking {
  readonly credentials: Credentials;
  /** Opens a way to the host: one for the login, and one before that where it has to show a certificate. */
  readonly dial: () => Promise<SshLine>;
  readonly times: Times;
  readonly watch: (client: Client) => void;
}

/** The key that a certificate of a known authority vouches for. Where the file has none for the host, neither key nor reason. */
async function certifiedBy(
  lookup: KnownHostsLookup,
  dial: () => Promise<SshLine>,
  { connectTimeoutMs }: Times,
): Promise<CertifiedKey | Record<string, never>> {
  const authorities = hostAuthorities(lookup);
  if (authorities === undefined) return {};
  const { sock } = await dial();
  const shown = await shownCertificate(sock, connectTimeoutMs);
  if (shown === undefined) return { why: 'it shows no host certificate' };
  return certifiedKey(shown, authorities, Date.now());
}

/** Offers the key, once: a host counts every try. Keeps what the host said to it. */
function loginByKey() {
  let tries = 0;
  let answer: Pick<Seen, 'methods' | 'isKeyAccepted'> = {};
  return {
    next: (left: readonly string[] | null, isPartial: boolean | null): 'publickey' | false => {
      if (left !== null) answer = { methods: left, isKeyAccepted: isPartial === true };
      tries += 1;
      return tries === 1 && 'publickey';
    },
    seen: () => answer,
  };
}

/** How far a connection got, and what was said on the way. */
function listen(
  client: Client,
  { greeting }: SshLine,
): () => Pick<Seen, 'stage' | 'greeting' | 'banner'> {
  let isAgreed = false;
  let banner: string | undefined;
  client.on('handshake', () => (isAgreed = true));
  client.on('banner', (text) => (banner = text));
  return () => {
    const { isSsh, said } = greeting();
    if (isAgreed) return { stage: 'login', ...(banner === undefined ? {} : { banner }) };
    return isSsh ? { stage: 'keys' } : { stage: 'version', greeting: said };
  };
}

/** What an error says of itself. One that stands for several addresses says what each of them said. */
export function reasonOf(error: unknown): Pick<Seen, 'message' | 'code' | 'level'> {
  if (!(error instanceof Error)) return { message: String(error) };
  const message =
    error.message ||
    (error instanceof AggregateError ? error.errors.map(String).join('; ') : error.name);
  const code = 'code' in error ? error.code : undefined;
  const level = 'level' in error ? error.level : undefined;
  return {
    message,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(typeof level === 'string' ? { level } : {}),
  };
}
