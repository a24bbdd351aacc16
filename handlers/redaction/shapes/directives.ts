import { isHarmlessValue, secretKind } from '../names.ts';
import { type SecretSpan, groupSpans, matchesOf } from '../span.ts';

/** Files whose names and values stand side by side: HAProxy, rndc, keepalived, Redis, netrc, Erlang terms; and tables. */
export const directiveSpans = (line: string): SecretSpan[] => [
  ...DIRECTIVES.flatMap((directive) => groupSpans(directive, line)).filter(
    ({ start, end }) => !isHarmlessValue(line.slice(start, end), 'password'),
  ),
  ...erlangSpans(line),
  ...setHeaderSpans(line),
  ...tableSpans(line),
];

const DIRECTIVES: readonly RegExp[] = [
  // rndc and named: secret "x"; also within one line
  /\bsecret\s+\\*"([^"\\]+)/dgi,
  /\bsecret\s+([^\s"';{}=:]+)\s*;/dgi,
  /^\s*key\s+(?:hmac-[\w-]+:)?[\w.-]+\s+([A-Za-z0-9+/]{12,}={0,2})$/dg,
  // A Fernet key alone in its file
  /^([A-Za-z0-9_-]{43}=)$/dg,
  // LDIF: base64 behind two colons
  /^userPassword::\s*(\S+)/dgi,
  // HAProxy
  /\bstats\s+auth\s+[^\s:]+:(\S+)/dg,
  /\binsecure-password\s+(\S+)/dg,
  /^\s*user\s+\S+\s+password\s+(\S+)/dg,
  // keepalived, Redis, LDAP, SNMP, Apache, IPsec
  /^[\s+-]*(?:auth_pass|requirepass|masterauth|sentinel\s+auth-pass\s+\S+|rootpw|bindpw|binddn_password|AuthLDAPBindPassword|AuthDBDUserPWQuery|SSLProxyMachineCertificatePassword)\s+\\*["']?([^"'\r\n]*[^"'\s])/dg,
  /^[\s+-]*(?:bindmethod=|syncrepl).*\bcredentials=\\*["']?([^\s"']+)/dg,
  /^[\s+-]*createUser\s.*?\s(?:MD5|SHA\S*)\s+(?:"(?=[^"]*"))?((?<=")[^"]+|[^\s"]+)/dg,
  /^[\s+-]*createUser\s.*\s(?:DES|AES\S*)\s+(?:"(?=[^"]*"))?((?<=")[^"]+|[^\s"]+)/dg,
  /:\s+(?:PSK|XAUTH|EAP|(?:RSA|ECDSA|P12|PKCS8)\s+\S+)\s+\\*"([^"]+)/dg,
  /^\s*password\s+(?![=:])(?=\S*[^a-z\s])(\S+)$/dg,
  /(?:^|\s)AUTH(?:\\ |\s+)([^\s\\]+)(?=\\r|\s*$)/dg,
  /\buser\s+\S+\s+(?:on\s+|resetpass\s+)*>(\S+)/dg,
  // Galera's user:password
  /\bwsrep_sst_auth\s*=\s*\\*["']?[^\s:"']+:([^\s"']+)/dg,
  /^[\s+-]*r[ow]community6?\s+(\S+)/dg,
  // netrc
  /\blogin\s+\S+\s+password\s+(\S+)/dg,
  // pgpass: host:port:database:user:password
  /^(?:[A-Za-z0-9_.*-]+|\[[0-9a-f:]+\]):(?:\*|\d{4,5}):[A-Za-z0-9_.*-]+:[A-Za-z0-9_.*-]+:(?!\d*:\d*:)(\S+)$/dg,
  // nginx, Apache: a header that is set
  /\bAuthorization\s+\\*["']?(?:Basic|Bearer|Token)\s+([^"'\s;]+)/dgi,
  // debconf: package question password value
  /^\S+\s+\S+\/\S+\s+password\s+(\S.*)$/dg,
  // Ceph and dm-crypt keys
  /(?<![A-Za-z0-9+/])(AQ[A-Za-z0-9+/]{36}==)(?![A-Za-z0-9])/dg,
];

const ERLANG = /\{\s*'?([a-z][a-z0-9_]*)'?\s*,\s*(?:<<)?\\*"([^"]*)"/dg;

/** `{default_pass, <<"x">>}` and `{password, "x"}` */
function erlangSpans(line: string): SecretSpan[] {
  return matchesOf(ERLANG, line).flatMap(({ 1: name = '', indices }) => {
    const [start, end] = indices?.[2] ?? [0, 0];
    return secretKind(name) === undefined || isHarmlessValue(line.slice(start, end), 'password')
      ? []
      : [{ start, end }];
  });
}

const SET_HEADER =
  /\b(?:proxy_set_header|fastcgi_param|add_header|(?:set|add|append)(?:-header)?)\s+\\*["']?([A-Za-z][\w-]*)\\*["']?\s+\\*["']?([^"'\s;]+)/dg;

/** `proxy_set_header X-Api-Key x;` */
function setHeaderSpans(line: string): SecretSpan[] {
  return matchesOf(SET_HEADER, line).flatMap(({ 1: name = '', indices }) => {
    const [start, end] = indices?.[2] ?? [0, 0];
    const kind = name.includes('-') ? secretKind(name) : undefined;
    return kind === undefined || isHarmlessValue(line.slice(start, end), kind)
      ? []
      : [{ start, end }];
  });
}

const TABLE_ROW = /\|\s*([A-Za-z][\w.-]*)\s*\|\s*([^|]*[^|\s])\s*(?=\|)/dg;

/** `| adminPass | x |`, as the openstack client and MySQL print it. */
function tableSpans(line: string): SecretSpan[] {
  if (!/^[\s+-]*\|/.test(line)) return [];
  return matchesOf(TABLE_ROW, line).flatMap(({ 1: name = '', indices }) => {
    const [start, end] = indices?.[2] ?? [0, 0];
    const kind = secretKind(name);
    const value = line.slice(start, end);
    return kind === undefined || isHarmlessValue(value, kind) ? [] : [{ start, end }];
  });
}
