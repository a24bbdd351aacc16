import { verify } from 'node:crypto';
import ssh2 from 'ssh2';
import { type HostAuthorities, keyFingerprint, keyType } from './known-hosts.ts';
import { type WireReader, wireReader, wireString } from './wire.ts';

/** The key that a certificate vouches for, or why it vouches for none. */
export type CertifiedKey = { readonly key: Buffer } | { readonly why: string };

interface Certificate {
  /** The key itself, as a host without a certificate shows it. */
  readonly key: Buffer;
  readonly kind: number;
  readonly principals: readonly string[];
  readonly from: bigint;
  readonly until: bigint;
  readonly criticalOptions: Buffer;
  readonly authority: Buffer;
  readonly signature: Buffer;
  /** What is signed: all that stands before the signature. */
  readonly signed: Buffer;
}

/** Judges a host certificate as ssh does (OpenSSH, PROTOCOL.certkeys; sshkey.c, sshkey_cert_check_host). */
export function certifiedKey(
  blob: Buffer,
  { names, authorities, revoked }: HostAuthorities,
  now: number,
): CertifiedKey {
  const certificate = parsed(blob);
  if (certificate === undefined) return { why: 'its host certificate cannot be read' };
  const { key, kind, principals, from, until, authority } = certificate;
  const seconds = BigInt(Math.floor(now / 1000));
  const by = `${keyType(authority)} ${keyFingerprint(authority)}`;
  if (kind !== 2) return { why: 'the certificate that it shows is for users, not for hosts' };
  if (isOneOf(revoked, authority) || isOneOf(revoked, key))
    return { why: 'its host certificate, or the authority that signed it, is marked as revoked' };
  if (!isOneOf(authorities, authority))
    return { why: `its host certificate is signed by another authority (${by})` };
  if (!isSigned(certificate))
    return { why: `the signature of its host certificate is not one of ${by}` };
  if (seconds < from) return { why: `its host certificate is valid from ${timeOf(from)} only` };
  if (seconds >= until) return { why: `its host certificate expired at ${timeOf(until)}` };
  if (certificate.criticalOptions.length > 0)
    return { why: 'its host certificate has critical options, which are unknown for hosts' };
  if (principals.length > 0 && !principals.some((each) => names.some((name) => fits(each, name))))
    return { why: `its host certificate is for ${principals.join(', ')}, not for ${names[0]}` };
  return { key };
}

const isOneOf = (keys: readonly Buffer[], one: Buffer): boolean =>
  keys.some((each) => each.equals(one));

const timeOf = (seconds: bigint): string =>
  seconds > 8_640_000_000_000n ? 'no date' : new Date(Number(seconds) * 1000).toISOString();

/** Principals may hold wildcards, since OpenSSH 8.5. */
function fits(principal: string, name: string): boolean {
  const body = principal.toLowerCase().replaceAll(/[.+^${}()|[\]\\/-]/g, '\\$&');
  return new RegExp(`^${body.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's').test(name);
}

/** How many fields hold the key itself, by its type. */
const keyFields: Readonly<Record<string, number>> = {
  'ssh-ed25519': 1,
  'ssh-rsa': 2,
  'ecdsa-sha2-nistp256': 2,
  'ecdsa-sha2-nistp384': 2,
  'ecdsa-sha2-nistp521': 2,
};

function parsed(blob: Buffer): Certificate | undefined {
  try {
    const read = wireReader(blob);
    const type = read
      .string()
      .toString('latin1')
      .replace(/-cert-v01@openssh\.com$/, '');
    const count = keyFields[type];
    if (count === undefined) return undefined;
    read.string(); // the nonce
    const fields = Array.from({ length: count }, () => wireString(read.string()));
    read.uint64(); // the serial number
    const kind = read.uint32();
    read.string(); // its name for people
    const principals = strings(read.string());
    const [from, until] = [read.uint64(), read.uint64()];
    const criticalOptions = read.string();
    read.string(); // extensions
    read.string(); // reserved
    const authority = read.string();
    const signed = blob.subarray(0, read.at());
    const key = Buffer.concat([wireString(type), ...fields]);
    const signature = read.string();
    return { key, kind, principals, from, until, criticalOptions, authority, signature, signed };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function strings(packed: Buffer): string[] {
  const read = wireReader(packed);
  const found: string[] = [];
  while (read.at() < packed.length) found.push(read.string().toString('utf8'));
  return found;
}

/** Of each kind of signature its hash; the one with SHA-1 is none, as in OpenSSH (CASignatureAlgorithms). */
const hashes: Readonly<Record<string, string | null>> = {
  'ssh-ed25519': null,
  'rsa-sha2-256': 'sha256',
  'rsa-sha2-512': 'sha512',
  'ecdsa-sha2-nistp256': 'sha256',
  'ecdsa-sha2-nistp384': 'sha384',
  'ecdsa-sha2-nistp521': 'sha512',
};
const curveBytes: Readonly<Record<string, number>> = {
  'ecdsa-sha2-nistp256': 32,
  'ecdsa-sha2-nistp384': 48,
  'ecdsa-sha2-nistp521': 66,
};

function isSigned({ authority, signature, signed }: Certificate): boolean {
  const read = wireReader(signature);
  const type = read.string().toString('latin1');
  const hash = hashes[type];
  const isOwn = (type.startsWith('rsa-') ? 'ssh-rsa' : type) === keyType(authority);
  const key = ssh2.utils.parseKey(`${keyType(authority)} ${authority.toString('base64')}`);
  if (hash === undefined || !isOwn || key instanceof Error) return false;
  const made = read.string();
  const bytes = curveBytes[type];
  const shape = bytes === undefined ? made : pointOf(wireReader(made), bytes);
  return verify(hash, signed, { key: key.getPublicPEM(), dsaEncoding: 'ieee-p1363' }, shape);
}

/** Both numbers of an ECDSA signature, in the width of their curve. */
function pointOf(read: WireReader, bytes: number): Buffer {
  const wide = (): Buffer => {
    const short = read.string().subarray(-bytes);
    return Buffer.concat([Buffer.alloc(bytes - short.length), short]);
  };
  return Buffer.concat([wide(), wide()]);
}
