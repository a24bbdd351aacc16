import { isHarmlessValue, secretKind } from '../names.ts';
import { type SecretSpan, groupSpans, matchesOf } from '../span.ts';
import { quotedTextAt } from './quotes.ts';

/** Secrets whose name stands somewhere else than right before them: `name="password" value="x"`, tuples, columns. */
export const namedSpans = (line: string): SecretSpan[] => [
  ...NAME_THEN_VALUE.flatMap((pattern) => besides(line, pattern)),
  ...logins(line),
  ...columns(line),
  ...groupSpans(GENERATED, line),
];

/** The name in group 1, the value in group 2. */
const NAME_THEN_VALUE: readonly RegExp[] = [
  // <property name="password" value="x"/>, {"name": "DB_PASSWORD", "value": "x"}, option=password value=x
  /\b(?:name|option|key)\\*["']?\s*[:=]\s*\\*["']?([A-Za-z][\w.-]*)\\*["']?[,;\s]+\\*["']?value\\*["']?\s*[:=]\s*\\*["']?([^"'\s,;<>}]+)/dgi,
  /<(?:name|key)>\s*([A-Za-z][\w.-]*)\s*<\/(?:name|key)>\s*<(?:value|string)>\s*([^<]+?)\s*</dgi,
  // crudini --set FILE SECTION NAME VALUE
  /\b(?:crudini|openstack-config|iniset|git\s+config)\s(?:.*\s)?([A-Za-z][\w.-]*)\s+\\*["']?([^\s"']+)\\*["']?\s*$/dg,
  // Two columns, or a directive: client_secret x
  /^[\s+-]*([A-Za-z][\w.-]*)(?: {2,}|\t+)\\*["']?(?![=:])([^\s"']+)\\*["']?\s*;?$/dg,
  /^[\s+-]*([a-z]+(?:_[a-z]+)+|[A-Z][A-Za-z]*[a-z][A-Z][A-Za-z]+)\s+\\*["']?(?![=:])(?=[^"']*\d|[^"']*[A-Z]|[^"']*[^\w\s"'.:,-])([^"']*[^\s"'])\\*["']?\s*;?$/dg,
];

function besides(line: string, pattern: RegExp): SecretSpan[] {
  return matchesOf(pattern, line).flatMap(({ 1: name = '', indices }) => {
    const [start, end] = indices?.[2] ?? [0, 0];
    const kind = secretKind(name);
    const isNone = kind === undefined || kind === 'key';
    return isNone || isHarmlessValue(line.slice(start, end), kind) ? [] : [{ start, end }];
  });
}

const LOGIN = /\b(?:auth\\*["']?\s*[:=]\s*[([]|HTTP(?:Basic|Digest)Auth\()\s*/dg;

/** `auth=('nova', 'x')` */
function logins(line: string): SecretSpan[] {
  return matchesOf(LOGIN, line).flatMap(({ 0: all, index }) => {
    const user = quotedTextAt(line, index + all.length);
    if (user === undefined) return [];
    const between = /^\\*["']\s*,\s*/.exec(line.slice(user.end))?.[0];
    const password =
      between === undefined ? undefined : quotedTextAt(line, user.end + between.length);
    return password === undefined ? [] : [password];
  });
}

/** Of `INSERT INTO user (name, password) VALUES ('nova', 'x')`. */
function columns(line: string): SecretSpan[] {
  const [all, names = ''] = /\(([^()]{1,2000})\)\s*VALUES\s*(?=\()/i.exec(line) ?? [];
  if (all === undefined) return [];
  const kinds = names.split(',').map((name) => secretKind(name.replaceAll(/[\s`"']/g, '')));
  if (kinds.every((kind) => kind === undefined)) return [];
  return rows(line, line.indexOf(all) + all.length).flatMap((row) =>
    row.filter((span, index) => {
      const kind = kinds[index];
      return kind !== undefined && !isHarmlessValue(line.slice(span.start, span.end), kind);
    }),
  );
}

function rows(line: string, from: number): SecretSpan[][] {
  const all: SecretSpan[][] = [];
  let row: SecretSpan[] = [];
  for (let index = from; index < line.length;) {
    const quoted = quotedTextAt(line, index);
    const bare = /^[^\s'"(),]+/.exec(line.slice(index, index + 4000))?.[0].length ?? 0;
    if (quoted !== undefined) row.push(quoted);
    else if (bare > 0) row.push({ start: index, end: index + bare });
    else if (line[index] === ')') all.push(row);
    if (line[index] === '(') row = [];
    index = quoted === undefined ? index + Math.max(1, bare) : quoted.end + 1;
  }
  return all;
}

/** What programs say of a secret that they made. */
const GENERATED =
  /\b(?:password|passphrase|token|unseal key)\b(?:\s+\d+:|[^.\n:="']{0,40}?\bgenerated for \S+:|[^.\n:="']{0,40}?\bis:?)\s+["']?(?=\S*\d|\S*[^\w\s"'.,])(?=\S{6})([^\s"']+)/dgi;
