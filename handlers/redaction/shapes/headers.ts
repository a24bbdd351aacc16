import { isHarmlessValue } from '../names.ts';
import { type SecretSpan, groupSpans } from '../span.ts';

/** HTTP headers, and tokens that are known by their looks alone. */
export const headerSpans = (line: string): SecretSpan[] => [
  ...[
    ...groupSpans(AUTHORIZATION, line),
    ...groupSpans(BARE_AUTHORIZATION, line),
    ...groupSpans(COOKIES, line),
  ].filter(({ start, end }) => !isHarmlessValue(line.slice(start, end), 'secret')),
  ...TOKENS.flatMap((token) => groupSpans(token, line)),
  ...basicSpans(line),
];

const AUTHORIZATION =
  /\b(?:proxy-)?authorization\\*["']?\s*[:=,]?>?\s*(?:b?\\*["'])?(?:(?:Bearer|Basic|Token|Digest|Negotiate|AWS4?[\w-]*|GoogleLogin|ApiKey)\s+)([^"'\\<>\r\n]+?)(?=\\*["'](?:[\s,;)\]}]|$)|\s*[<>]|\s+-[A-Za-z-]|\s*$|\\[rn])/dgi;

/** Without a scheme, as some APIs take it. */
const BARE_AUTHORIZATION =
  /\b(?:[Aa]uthorization|AUTHORIZATION)\\*["']?\s*:\s*(?:\\*["'])?(?=[^\s"']*[\dA-Z_.])([^\s"'\\<>,;]{8,})(?=\\*["']|\s*$)/dg;

/** Cookies are logins: `Cookie: sessionid=...; csrftoken=...`. */
const COOKIES = /(?<![\w./-])(?:set-)?cookie\\*["']?\s*[:,]\s*\\*["']?([^"'\\\r\n]+)/dgi;

const TOKENS: readonly RegExp[] = [
  /\bBearer\s+(?=\S*[\dA-Z._~+/-])([A-Za-z0-9._~+/-]{8,}=*)/dg,
  // A whole key in base64
  /(?<![A-Za-z0-9+/])(LS0tLS1CRUdJTi[A-Za-z0-9+/]*(?:UFJJVkFURS|QUklWQVRF|BSSVZBVE)[A-Za-z0-9+/]*={0,2})/dg,
  // JSON Web Tokens
  /(?<![A-Za-z0-9_-])(eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*)/dg,
  // Fernet: keystone's tokens
  /(?<![A-Za-z0-9_-])(gAAAAA[A-Za-z0-9_-]{40,}(?:=|%3D){0,2})/dg,
  /(?<![A-Za-z0-9_-])(xox[a-z]-[A-Za-z0-9-]{8,}|xapp-[A-Za-z0-9-]{8,})/dg,
  /(?<![A-Za-z0-9_-])(gh[pousr]_[A-Za-z0-9]{20,}|glpat-[A-Za-z0-9_-]{16,})/dg,
  // Vault
  /(?<![A-Za-z0-9_.-])(hv[sbr]\.[A-Za-z0-9_-]{20,}|s\.[A-Za-z0-9]{24})(?![A-Za-z0-9])/dg,
  // crypt(3), in shadow files, htpasswd and user lists
  /(\$(?:1|2[abxy]|5|6|7|y|gy|apr1|sha1|pbkdf2[a-z0-9-]*|scrypt|argon2[id]{1,2})\$[A-Za-z0-9./$=,+_-]{12,})/dg,
  // LDAP and Dovecot: {SSHA}base64
  /\{(?:S?SHA(?:256|512)?|S?MD5|CRYPT|PBKDF2[\w-]*)\}(?![0-9a-f]{40,128}(?![A-Za-z0-9+/=]))([A-Za-z0-9+/$.]{16,}={0,2})(?![A-Za-z0-9])/dg,
  // Whatever follows a secret in the URL of a webhook
  /hooks\.slack\.com\/(?:services|workflows|triggers)\/([A-Za-z0-9/_-]{16,})/dg,
];

/** `Basic` before anything that is a name, a colon and a password in base64. */
function basicSpans(line: string): SecretSpan[] {
  return groupSpans(/\bBasic\s+([A-Za-z0-9+/_-]{8,}={0,2})/dg, line).filter(({ start, end }) =>
    Buffer.from(line.slice(start, end), 'base64').includes(':'),
  );
}
