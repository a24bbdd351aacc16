import { isHarmlessValue, secretKind } from '../names.ts';
import { type SecretSpan, matchesOf } from '../span.ts';
import { shellWord } from './quotes.ts';

/** Secrets among the words of command lines. */
export const shellSpans = (line: string): SecretSpan[] => [
  ...longOptions(line),
  ...ofPrograms(line),
];

/** `--os-password x`, `--token=x`, `--admin-password "x y"`. */
function longOptions(line: string): SecretSpan[] {
  return matchesOf(LONG, line).flatMap(({ 0: all, 1: name = '', index }) => {
    const kind =
      secretKind(name.replaceAll('.', '_')) ?? (LOGINS.test(name) ? 'password' : undefined);
    if (kind === undefined) return [];
    const value = shellWord(line, index + all.length);
    const text = line.slice(value.start, value.end);
    const span = LOGINS.test(name) || text.startsWith('pass:') ? afterColon(line, value) : value;
    const isNone = isHarmlessValue(text, kind) || /^(?:-|[=:]$|(?:env|file|fd):|stdin$)/.test(text);
    return isNone || span === undefined ? [] : [span];
  });
}

// Some programs take a long option behind one dash.
const LONG =
  /(?<![\w-])(?:--(?=[A-Za-z])|-(?=[a-z]+[\s=]))([A-Za-z0-9_.-]{3,})(?:=|[ \t]+|\\?["']\s*,\s*(?=\\?["']))/g;

/** Options whose value is `user:password`. */
const LOGINS = /^(?:user|proxy-user)$/;

interface Rule {
  /** Up to the value, from the name of a program on. */
  readonly before: RegExp;
  /** The value is `user:password`, or `user%password`. */
  readonly isLogin?: boolean;
}

const program = (names: string): string => String.raw`(?<![\w-])(?:${names})(?:\.exe)?(?=["',\s])`;
/** Other words of the same command. */
const words = String.raw`(?:(?!\s[|;&]\s)[^\n]){0,1000}?`;
/** A blank, or the end of one word and the beginning of the next in a list of words. */
const gap = String.raw`(?:\s+|["']?\s*,\s*)`;
const option = (names: string, option_: string): RegExp =>
  new RegExp(`${program(names)}${words}${gap}["']?${option_}`, 'g');

const MYSQL =
  'mysql|mariadb|mysqldump|mysqladmin|mysqlcheck|mysqlimport|mysqlshow|mysqlsh|mysqlslap|mysqlbinlog|mysql_upgrade|mysqlpump|mariadb-[a-z-]+|mariabackup|xtrabackup|innobackupex|mytop|pt-[a-z-]+|galera[a-z_-]*|garbd';

const RULES: readonly Rule[] = [
  // Only `-pSECRET`: after `-p` and a blank the name of a database follows.
  { before: option(MYSQL, String.raw`-p(?=[^\s"',]|["'][^\s"',\]])`) },
  {
    before: option('curl', String.raw`(?:-u|-U|-[A-Za-z]*u(?=\s))${gap}?(?![\s-])`),
    isLogin: true,
  },
  { before: option('mysqladmin|mariadb-admin', String.raw`password${gap}`) },
  { before: option('https?', String.raw`-a${gap}`), isLogin: true },
  {
    before: option(
      'dig|nsupdate|delv|host|rndc',
      String.raw`-y${gap}["']?(?:hmac-[\w-]+:)?[\w.-]+:`,
    ),
  },
  { before: option('sshpass', String.raw`-p\s*`) },
  { before: option('redis-cli|valkey-cli', String.raw`-a${gap}`) },
  { before: option('ldap[a-z]+', String.raw`-w${gap}?(?=[^\s"',])`) },
  { before: option('ipmitool|ipmipower|bmc-info', String.raw`-P${gap}?(?=[^\s"',])`) },
  {
    before: option(
      'docker|podman|skopeo|buildah|helm|crane',
      String.raw`login${words}${gap}-p${gap}`,
    ),
  },
  { before: option('vault', String.raw`login${gap}(?:-no-print\s+)?(?![\s-])(?!\w+=)`) },
  {
    before: option(
      'softhsm2-util|pkcs11-tool|p11tool|pki-util|pkcs15-tool',
      String.raw`(?:--(?:so-|new-)?pin|-p)(?:=|${gap})`,
    ),
  },
  { before: option('htpasswd', String.raw`-[A-Za-z0-9]*b[A-Za-z0-9]*${gap}\S+${gap}\S+${gap}`) },
  {
    before: option('htpasswd', String.raw`-[A-Za-z0-9]*n[A-Za-z0-9]*b[A-Za-z0-9]*${gap}\S+${gap}`),
  },
  {
    before: option(
      'rabbitmqctl',
      String.raw`(?:add_user|change_password|authenticate_user)${gap}[^\s"',]+${gap}`,
    ),
  },
  { before: option('openssl', String.raw`-(?:passin|passout|pass)${gap}["']?pass:`) },
  { before: option('openssl', String.raw`-(?:k|K)${gap}(?=[^\s"',-])`) },
  {
    before: option(
      'keytool|jarsigner',
      String.raw`-(?:storepass|keypass|srcstorepass|deststorepass)${gap}`,
    ),
  },
  { before: option('swift', String.raw`-K${gap}`) },
  { before: option('smbclient|rpcclient|net', String.raw`-U${gap}?(?=[^\s"',-])`), isLogin: true },
  { before: option('ipa|ipa-[a-z-]+', String.raw`-(?:w|p|a)${gap}(?=[^\s"',-])`) },
  { before: option('usermod|useradd', String.raw`-p${gap}`) },
  {
    before:
      /\b(?:echo|printf)\s+(?:-n\s+|["']?%s(?:\\n)?["']?\s+)?(?=\S+\s*\|\s*(?:sudo\s+)?(?:\/usr)?(?:\/sbin\/)?chpasswd)/g,
    isLogin: true,
  },
];

function ofPrograms(line: string): SecretSpan[] {
  return RULES.flatMap(({ before, isLogin = false }) =>
    matchesOf(before, line).flatMap(({ 0: all, index }) => {
      const value = shellWord(line, index + all.length);
      const span = isLogin ? afterColon(line, value) : value;
      if (span === undefined || isHarmlessValue(line.slice(span.start, span.end), 'password'))
        return [];
      return [span];
    }),
  );
}

function afterColon(line: string, { start, end }: SecretSpan): SecretSpan | undefined {
  const index = line.slice(start, end).search(/[:%]/);
  return index === -1 ? undefined : { start: start + index + 1, end };
}
