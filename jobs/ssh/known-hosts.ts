import { createHash, createHmac } from 'node:crypto';
import { SocketAddress, isIPv6 } from 'node:net';
import { latest } from '../../handlers/contract/latest.ts';

/** Where to look: the text of a known_hosts file, and the address and port that the connection goes to. */
export interface KnownHostsLookup {
  readonly text: string;
  readonly host: string;
  readonly port: number;
}

export interface KnownKey {
  readonly type: string;
  readonly key: Buffer;
}

export type HostKeyVerdict = 'ok' | 'unknown' | 'changed' | 'revoked';

interface Entry extends KnownKey {
  readonly isFor: (name: string) => boolean;
  readonly isRevoked: boolean;
  readonly isAuthority: boolean;
}

/**
 * Judges the key that a host showed, by the rules of sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT". `changed` means that the file
 * knows keys of this host and this is none of them. As in OpenSSH, an entry without a port vouches for the same key on
 * another port when the file says nothing about that port. IPv6 addresses are one
 * however they are spelled. What `@cert-authority` lines vouch for is told by `hostAuthorities`.
 */
export function checkHostKey({
  key,
  ...at
}: KnownHostsLookup & { readonly key: Buffer }): HostKeyVerdict {
  const plainFor = (names: readonly string[]): Entry[] =>
    entriesFor(at.text, names).filter(({ isAuthority }) => !isAuthority);
  const [exact, bare] = [plainFor(namesOf(at)), plainFor(spellings(at.host))];
  const same = (entry: Entry): boolean => entry.key.equals(key);
  if ([...exact, ...bare].some((entry) => entry.isRevoked && same(entry))) return 'revoked';
  const known = exact.filter(({ isRevoked }) => !isRevoked);
  if (known.length > 0) return known.some(same) ? 'ok' : 'changed';
  return bare.some((entry) => !entry.isRevoked && same(entry)) ? 'ok' : 'unknown';
}

/** Keys that the file holds for a host, revoked ones left out. */
export function knownKeys(lookup: KnownHostsLookup): readonly KnownKey[] {
  const usableFor = (names: readonly string[]): KnownKey[] =>
    entriesFor(lookup.text, names).filter(
      ({ isRevoked, isAuthority }) => !isRevoked && !isAuthority,
    );
  const exact = usableFor(namesOf(lookup));
  return exact.length > 0 ? exact : usableFor(spellings(lookup.host));
}

/** What a file of known hosts says about certificates of one host. */
export interface HostAuthorities {
  /** The names under which the certificate may be for it: its address, in each spelling. */
  readonly names: readonly string[];
  /** Keys of the authorities that the file has for it, and the keys that it takes nothing from. */
  readonly authorities: readonly Buffer[];
  readonly revoked: readonly Buffer[];
}

/** The certificate authorities that the file has for a host; undefined where it has none. */
export function hostAuthorities(lookup: KnownHostsLookup): HostAuthorities | undefined {
  const names = spellings(lookup.host);
  const mine = entriesFor(lookup.text, [...namesOf(lookup), ...names]);
  const authorities = keysOf(mine.filter(({ isAuthority }) => isAuthority));
  if (authorities.length === 0) return undefined;
  return { names, authorities, revoked: keysOf(mine.filter(({ isRevoked }) => isRevoked)) };
}

const algorithms = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
] as const;

export type HostKeyAlgorithm = (typeof algorithms)[number];

/** Host key algorithms in the order to offer: those of keys we know come first, so that the host shows one of them. */
export function hostKeyAlgorithms(
  lookup: KnownHostsLookup,
  certified: readonly Buffer[] = [],
): HostKeyAlgorithm[] {
  const known = certified.length > 0 ? certified.map(keyType) : knownKeys(lookup).map(typeOf);
  const types = new Set(known);
  const isKnown = (name: HostKeyAlgorithm): boolean =>
    types.has(name.startsWith('rsa-') ? 'ssh-rsa' : name);
  return [...algorithms.filter(isKnown), ...algorithms.filter((name) => !isKnown(name))];
}

const keysOf = (entries: readonly Entry[]): Buffer[] => entries.map(({ key }) => key);
const typeOf = ({ type }: KnownKey): string => type;

/** The fingerprint as `ssh-keygen -l` prints it. */
export function keyFingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The type named inside a key blob (RFC 4253, section 6.6). */
export function keyType(key: Buffer): string {
  return key.length < 4 ? 'unknown' : key.subarray(4, 4 + key.readUInt32BE(0)).toString('latin1');
}

/** A file that was taken apart, with the entries of each name that was looked for in it. */
interface KnownFile {
  readonly entries: readonly Entry[];
  readonly found: Map<string, ReadonlySet<Entry>>;
}

/** By their texts: all hosts of a cloud are looked for in one file, several times each. */
const files = latest<KnownFile>(8);

const fileOf = (text: string): KnownFile =>
  files.keep(text, files.get(text) ?? { entries: parse(text), found: new Map() });

/** The entries for any of these names, as they stand in the file. */
function entriesFor(text: string, names: readonly string[]): readonly Entry[] {
  const { entries, found } = fileOf(text);
  const sets = names.map((name) => {
    const mine = found.get(name) ?? new Set(entries.filter(({ isFor }) => isFor(name)));
    found.set(name, mine);
    return mine;
  });
  const [first, ...others] = sets;
  if (first === undefined || others.length === 0) return [...(first ?? [])];
  return entries.filter((entry) => sets.some((set) => set.has(entry)));
}

function parse(text: string): readonly Entry[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const fields = line.trim().split(/[ \t]+/);
    const marker = fields[0]?.startsWith('@') === true ? fields.shift() : undefined;
    const [patterns, type, blob] = fields;
    if (patterns === undefined || patterns.startsWith('#')) return [];
    if (type === undefined || blob === undefined) return [];
    const [isRevoked, isAuthority] = [marker === '@revoked', marker === '@cert-authority'];
    if (marker !== undefined && !isRevoked && !isAuthority) return [];
    const key = Buffer.from(blob, 'base64');
    return [{ isFor: matcherOf(patterns), type, key, isRevoked, isAuthority }];
  });
}

/** The names under which a file may hold a host: with its port where that is another than 22. */
const namesOf = ({ host, port }: KnownHostsLookup): readonly string[] =>
  spellings(host).map((name) => (port === 22 ? name : `[${name}]:${port}`));

/** As it is written, and as OpenSSH writes it before it looks: an address in its shortest form. */
const spellings = (host: string): readonly string[] => [
  ...new Set([host.toLowerCase(), canonical(host.toLowerCase())]),
];

function canonical(host: string): string {
  const [address = '', zone] = host.split('%');
  if (!isIPv6(address)) return host;
  const short = new SocketAddress({ address, family: 'ipv6' }).address;
  return zone === undefined ? short : `${short}%${zone}`;
}

/** A pattern that is an address, alone or as `[address]:port`, in its shortest form. */
function plainPattern(pattern: string): string {
  const [, not = '', address = '', port = ''] = /^(!?)\[([^\]]*)\](:.*)$/.exec(pattern) ?? [];
  if (address !== '') return `${not}[${canonical(address)}]${port}`;
  return pattern.startsWith('!') ? `!${canonical(pattern.slice(1))}` : canonical(pattern);
}

const isNegated = (pattern: string): boolean => pattern.startsWith('!');

function matcherOf(patterns: string): Entry['isFor'] {
  if (patterns.startsWith('|')) return (name) => isHashOf(patterns, name);
  const list = patterns.toLowerCase().split(',').map(plainPattern);
  const refused = list.filter(isNegated).map((pattern) => matches(pattern.slice(1)));
  const meant = list.filter((pattern) => !isNegated(pattern)).map(matches);
  return (name) => !refused.some((is) => is(name)) && meant.some((is) => is(name));
}

function isHashOf(hashed: string, name: string): boolean {
  const [, version, salt, hash] = hashed.split('|');
  if (version !== '1' || salt === undefined || hash === undefined) return false;
  const mac = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return mac.equals(Buffer.from(hash, 'base64'));
}

function matches(pattern: string): (name: string) => boolean {
  if (!/[*?]/.test(pattern)) return (name) => name === pattern;
  const body = pattern.replace(/[.+^${}()|[\]\\/-]/g, '\\$&').replaceAll('*', '.*');
  const expression = new RegExp(`^${body.replaceAll('?', '.')}$`, 's');
  return (name) => expression.test(name);
}
