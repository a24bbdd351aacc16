/**
 * How sure a name is about its value. `password`: whatever stands there is secret. `secret`: a path is none. `key`: a path,
 * a number or a word of a language is none either, as keys have many names.
 */
export type SecretKind = 'password' | 'secret' | 'key';

/** What a name says about its value; undefined for one that names no secret, such as `token_format` or `ssl_key_file`. */
export function secretKind(name: string): SecretKind | undefined {
  if (!HINT.test(name)) return undefined;
  const words = wordsOf(name);
  const last = words.at(-1) ?? '';
  const before = words.at(-2) ?? '';
  if (PASSWORD.test(last)) return last === 'pass' && PASS_ON.has(before) ? undefined : 'password';
  if (last === 'pin') return before === '' ? 'key' : PIN_OF.has(before) ? 'password' : undefined;
  if (SECRET.test(last)) return NO_SECRET.has(before) ? undefined : 'secret';
  if (SECRET_PAIRS.has(`${before} ${last}`)) return 'secret';
  if (!KEY.test(last) || NO_KEY.has(before)) return undefined;
  return (last !== 'key' && last !== 'keys') || KEY_OF.has(before) ? 'secret' : 'key';
}

/** Whether a value of such a name is none, or says only where the secret is: empty, `$ref`, `{{ ref }}`, `None`, `***`. */
export function isHarmlessValue(value: string, kind: SecretKind): boolean {
  const bare = value.trim();
  if (
    bare === '' ||
    /^-----(?:BEGIN|END) [A-Z0-9 ]+-----$/.test(bare) ||
    REFERENCE.test(bare) ||
    NOTHING.test(bare) ||
    isMark(bare)
  )
    return true;
  if (kind === 'password') return false;
  if (PATH.test(bare) || DIGEST.test(bare) || ARCHITECTURE.test(bare)) return true;
  return kind === 'key' && NO_KEY_VALUE.test(bare);
}

/** What stands in the place of a secret already. */
export const REDACTION_MARK = /\[REDACTED(?:-[0-9a-f]+|, new)?\]/g;

const isMark = (text: string): boolean => text.replace(REDACTION_MARK, '') === '';

const HINT =
  /pass|pw|pswd|secret|token|key|cred|cookie|commun|bearer|[kd]ek|psk|pin|masterauth|sig/i;

/** `adminPass`, `os-auth-token` and `OS_PASSWORD2` in lower-case words, without numbers at the end. */
const wordsOf = (name: string): string[] =>
  name
    .replaceAll(/([a-z0-9])(?=[A-Z])/g, '$1_')
    .toLowerCase()
    .replace(/(?:[_.-]*\d+)+$/, '')
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');

const PASSWORD =
  /^(?:[a-z0-9]*(?:password|passwort|passwd|passphrase|passcode|pswd)s?|(?:my|db|mysql|pg|root|user|admin|auth|key|store|trust|require|master|rabbit|bind|ssl|ssh|smtp|enc|userdb|http|ftp|ldap|imap|pop|mail|proxy|vnc|rpc|api|redis|mongo|wifi)?pass|pwd|[a-z]*pwd|pw|(?:root|bind|admin|user)pw|masterauth|kek|dek|psk|passin|passout)$/;

const SECRET = /^(?:[a-z0-9]*(?:secret|token|credential)s?|cookie)$/;

const SECRET_PAIRS: ReadonlySet<string> = new Set([
  'secret id',
  'token id',
  'key material',
  'url sig',
  'amz signature',
  'snmp community',
  'community string',
  'read community',
  'write community',
  'oauth2 bearer',
]);

/** A `cookie_secure`-like word stands behind; these stand before. */
const NO_SECRET: ReadonlySet<string> = new Set(['csrf', 'no', 'is', 'has', 'set', 'use']);

/** `proxy_pass` of nginx passes something on. */
const PASS_ON: ReadonlySet<string> = new Set(
  'proxy fastcgi uwsgi grpc scgi memcached by first second test single'.split(' '),
);

const PIN_OF: ReadonlySet<string> = new Set(
  'hsm user so token pkcs11 p11 slot card security crypto softhsm'.split(' '),
);

const KEY =
  /^(?:key|keys|(?:api|secret|private|access|shared|encryption|auth|crypt|fernet|master|pass|session|hmac|client|preshared|account|storage)keys?)$/;

/** What makes a key a secret one. */
const KEY_OF: ReadonlySet<string> = new Set(
  'secret private api access shared encryption auth crypto fernet master session hmac token aes symmetric client signing'.split(
    ' ',
  ),
);

const NO_KEY: ReadonlySet<string> = new Set(
  (
    'public pub primary foreign unique partition sort sorting routing registry index cache composite ' +
    'host gpg pgp object dict lookup config map translation metadata property column data release archive apt repo ' +
    'repository deb binding topic tag join project region resource hot group lock duplicate unknown missing ' +
    'search sharding shard row event context field extra cpu option'
  ).split(' '),
);

const REFERENCE =
  /^(?:\$[A-Za-z_][\w.]*|\$\{[^{}]*\}|\$\([^()]*\)|`[^`]*`|\{\{.*\}\}|\{%.*%\}|%\([^()]*\)[sdr]?|%[sdr]|%\{.*\}|\{[\w.]*\}|<[^<>]*>|@@?[\w.-]+@@?|!vault\b.*|ENC\[.*\]|vault:[\w/.-]+|file:\/\/\S+)[,;]?$/;

const NOTHING =
  /^(?:\*{2,}|x{4,}|X{4,}|\.{3}|…|-|none|null|nil|~|true|false|yes|no|on|off|undefined|unset|not set|[|>][+-]?\d*|\[\]|\{\}|\(\)|''|"")[,;)\]}]*$/i;

/** At least two folders deep, of letters that paths are made of; or a file of a kind that holds keys. */
const PATH =
  /^(?:~?\/(?:[a-z0-9_.@-]+\/)+[\w.@-]*|\S+\.(?:pem|key|crt|cert|cer|pub|gpg|asc|kbx|jks|p12|json|ya?ml|conf|txt))$/;

const DIGEST = /^\{SHA(?:1|256|512)\}[0-9a-f]{40,128}$/;

/** Of a package: `libsecret-1-0:amd64`. */
const ARCHITECTURE = /^(?:amd64|arm64|armhf|i386|ppc64el|riscv64|s390x|all)\b/;

const NO_KEY_VALUE =
  /^(?:\d{1,6}|ssh-(?:rsa|dss|ed25519)\s.*|ecdsa-\S+\s.*|[a-z]+:\/\/[^\s@]*|[A-Za-z]{1,12}|[a-z]+(?:[_.:-][a-z]+)+)$/;
