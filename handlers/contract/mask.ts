/** What stands in the place of a secret that people are shown. */
export const REDACTED = '[REDACTED]';

/** A text for people: passwords, tokens, keys and the passwords in URLs read `[REDACTED]`. */
export const maskSecrets = (text: string): string => replaceSecrets(text, () => REDACTED);

/** Two versions of a text for people. A secret that only the second one has reads `[REDACTED, new]`, so that it shows in a diff. */
export function maskBoth(before: string, after: string): [before: string, after: string] {
  const known = new Set<string>();
  const old = replaceSecrets(before, (secret) => {
    known.add(secret);
    return REDACTED;
  });
  return [
    old,
    replaceSecrets(after, (secret) => (known.has(secret) ? REDACTED : '[REDACTED, new]')),
  ];
}

type Replace = (secret: string) => string;

/** Line by line; whole private keys, and the lines on which a secret option goes on. */
function replaceSecrets(text: string, replace: Replace): string {
  let [isKey, goesOn] = [false, false];
  return text
    .split('\n')
    .map((line) => {
      if (/-----END .*PRIVATE KEY-----/.test(line)) isKey = false;
      if (isKey || (goesOn && /^\s+\S/.test(line))) return indented(line, replace);
      goesOn = false;
      if (/-----BEGIN .*PRIVATE KEY-----/.test(line)) isKey = true;
      const option = secretOption.exec(line);
      if (!option) return replaceInside(line, replace);
      const [, name = '', value = ''] = option;
      goesOn = !/^\s/.test(line);
      return value === '' ? line : name + replace(value);
    })
    .join('\n');
}

const indented = (line: string, replace: Replace): string =>
  line.replace(/\S.*$/, (secret) => replace(secret));

// `admin_token = x`, `# password: x`, `'PASSWORD': 'x',`, `export OS_PASSWORD=x`; but not `token_format` or `ssl_key_file`.
const secretOption =
  /^(\s*[#;]*\s*(?:export\s+)?['"]?(?:[a-z0-9_.-]*[_.-])?(?:pass|[a-z0-9]*(?:password|passwd|passphrase|secret|token|credential|key)s?)['"]?\s*[=:]\s*)(.*)$/i;

const inside: readonly RegExp[] = [
  // mysql://nova:PASSWORD@db1/nova
  /(:\/\/[^\s:/@]*:)([^\s@]+)(?=@)/g,
  // ...@mq1:5672,nova:PASSWORD@mq2:5672/, the further hosts of a transport_url
  /(,[^\s:/@,]*:)([^\s@]+)(?=@)/g,
  // --os-password=PASSWORD, --token PASSWORD
  /(--[a-z-]*(?:password|passwd|secret|token)[= ])(\S+)/gi,
  // OS_PASSWORD=x before a command
  /(\b[A-Z_]*(?:PASSWORD|PASSWD|SECRET|TOKEN)=)(\S+)/g,
  // mysqldump -pPASSWORD
  /(\bmysql\S*\s(?:.*\s)?-p)([^\s]+)/g,
];

const replaceInside = (line: string, replace: Replace): string =>
  inside.reduce(
    (text, pattern) =>
      text.replaceAll(pattern, (_all, start: string, secret: string) => start + replace(secret)),
    line,
  );
