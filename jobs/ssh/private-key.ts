import { type JsonWebKey, type KeyObject, createPrivateKey, randomBytes } from 'node:crypto';
import ssh2 from 'ssh2';
import { wireString } from './wire.ts';

/** A private key that ssh2 takes, or what is in its place and what to do about it. */
export type KeyFile = { readonly key: string } | UnusableKey;

/** What is in the place of a private key. */
export interface UnusableKey {
  readonly is: string;
  readonly hint: (path: string) => string;
}

const takeOff = (path: string): string =>
  `Take the passphrase off a copy of it: ssh-keygen -p -N '' -f ${path}`;
const privateHalf = (path: string): string =>
  `Name the private half in ssh.key of the cloud file: ${path.replace(/(-cert)?\.pub$/, '')}`;

const strangers: readonly (readonly [RegExp, string, (path: string) => string])[] = [
  [/^\s*$/, 'the file is empty', () => 'Put the private key there.'],
  [/-cert-v01@openssh\.com /, 'it is a certificate, not a private key', privateHalf],
  [
    /^(ssh-|ecdsa-|sk-)\S+ AAAA|BEGIN (SSH2 |RSA |EC )?PUBLIC KEY/m,
    'it is the public half of a key',
    privateHalf,
  ],
  [/BEGIN CERTIFICATE/, 'it is an X.509 certificate, not a private key', privateHalf],
  [/BEGIN ENCRYPTED PRIVATE KEY/, 'it has a passphrase (encrypted PKCS#8)', takeOff],
  [/Proc-Type: 4,ENCRYPTED/, 'it has a passphrase', takeOff],
  [
    /^PuTTY-User-Key-File-3/,
    'it is in the newest format of PuTTY',
    (path) =>
      `Write it in the format of OpenSSH: puttygen ${path} -O private-openssh -o ${path}.openssh`,
  ],
];

/** Reads what a key file holds. PKCS#8, as openssl writes it, is taken too. */
export function readKeyFile(text: string): KeyFile {
  const stranger = strangers.find(([pattern]) => pattern.test(text));
  if (stranger !== undefined) return { is: stranger[1], hint: stranger[2] };
  const key = /BEGIN PRIVATE KEY/.test(text) ? fromPkcs8(text) : text;
  if (key instanceof Error) return { is: key.message, hint: usual };
  const parsed = ssh2.utils.parseKey(key);
  if (!(parsed instanceof Error)) return { key };
  if (/passphrase/.test(parsed.message)) return { is: 'it has a passphrase', hint: takeOff };
  return { is: parsed.message, hint: usual };
}

const usual = (path: string): string =>
  `Use a private key in OpenSSH, PEM or PKCS#8 format. What it is says: ssh-keygen -l -f ${path}`;

/** ssh2 reads PKCS#1, SEC 1 and the format of OpenSSH, so a PKCS#8 key is written anew in the one that it has. */
function fromPkcs8(text: string): string | Error {
  let key: KeyObject;
  try {
    key = createPrivateKey(text);
  } catch {
    return new Error('it is a PKCS#8 key that is damaged');
  }
  const kind = key.asymmetricKeyType ?? '';
  if (kind === 'rsa') return key.export({ format: 'pem', type: 'pkcs1' }).toString();
  if (kind === 'ec') return key.export({ format: 'pem', type: 'sec1' }).toString();
  if (kind === 'ed25519') return ed25519Of(key.export({ format: 'jwk' }));
  return new Error(`it is a PKCS#8 key of a kind that SSH does not use (${kind})`);
}

/** openssh-key-v1 without a passphrase (OpenSSH, PROTOCOL.key). */
function ed25519Of({ x = '', d = '' }: JsonWebKey): string {
  const [publicHalf, seed] = [Buffer.from(x, 'base64url'), Buffer.from(d, 'base64url')];
  const check = randomBytes(4);
  const shown = Buffer.concat([wireString('ssh-ed25519'), wireString(publicHalf)]);
  const both = wireString(Buffer.concat([seed, publicHalf]));
  const secret = Buffer.concat([check, check, shown, both, wireString('')]);
  const padding = Buffer.from(Array.from({ length: -secret.length & 7 }, (_, index) => index + 1));
  const none = [wireString('none'), wireString('none'), wireString('')];
  const keys = [
    Buffer.from([0, 0, 0, 1]),
    wireString(shown),
    wireString(Buffer.concat([secret, padding])),
  ];
  const blob = Buffer.concat([Buffer.from('openssh-key-v1\0'), ...none, ...keys]);
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? [];
  const [head, foot] = ['BEGIN', 'END'].map((word) => `-----${word} OPENSSH PRIVATE KEY-----`);
  return [head, ...lines, foot, ''].join('\n');
}
