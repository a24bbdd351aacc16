import { isHarmless, secretKind } from '../names.ts';
import { type Span, groupSpans } from '../span.ts';
import { quotedAt } from './quotes.ts';

/** Secrets whose name stands somewhere else than right before them: `name="password" value="x"`, tuples, columns. */
export const namedSpans = (line: string): Span[] => [
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

function besides(line: string, pattern: RegExp): Span[] {
  return Array.from(line.matchAll(pattern)).flatMap(({ 1: name = '', indices }) => {
    const [start, end] = indices?.[2] ?? [0, 0];
    const kind = secretKind(name);
    const isNone = kind === undefined || kind === 'key';
    return isNone || isHarmless(line.slice(start, end), kind) ? [] : [{ start, end }];
  });
}

/** `auth=('nova', 'x')` */
function logins(line: string): Span[] {
  return Array.from(
    line.matchAll(/\b(?:auth\\*["']?\s*[:=]\s*[([]|HTTP(?:Basic|Digest)Auth\()\s*/dg),
  ).flatMap(({ 0: all, index }) => {
    const user = quotedAt(line, index + all.length);
    if (user === undefined) return [];
    const between = /^\\*["']\s*,\s*/.exec(line.slice(user.end))?.[0];
    const password = between === undefined ? undefined : quotedAt(line, user.end + between.length);
    return password === undefined ? [] : [password];
  });
}

/** Of `INSERT INTO user (name, password) VALUES ('nova', 'x')`. */
function columns(line: string): Span[] {
  const [all, names = ''] = /\(([^()]{1,2000})\)\s*VALUES\s*(?=\()/i.exec(line) ?? [];
  if (all === undefined) return [];
  const kinds = names.split(',').map((name) => secretKind(name.replaceAll(/[\s`"']/g, '')));
  if (kinds.every((kind) => kind === undefined)) return [];
  return rows(line, line.indexOf(all) + all.length).flatMap((row) =>
    row.filter((span, at) => {
      const kind = kinds[at];
      return kind !== undefined && !isHarmless(line.slice(span.start, span.end), kind);
    }),
  );
}

function rows(line: string, from: number): Span[][] {
  const all: Span[][] = [];
  let row: Span[] = [];
  for (let at = from; at < line.length;) {
    const quoted = quotedAt(line, at);
    const bare = /^[^\s'"(),]+/.exec(line.slice(at, at + 4000))?.[0].length ?? 0;
    if (quoted !== undefined) row.push(quoted);
    else if (bare > 0) row.push({ start: at, end: at + bare });
    else if (line[at] === ')') all.push(row);
    if (line[at] === '(') row = [];
    at = quoted === undefined ? at + Math.max(1, bare) : quoted.end + 1;
  }
  return all;
}

/** What programs say of a secret that they made. */
const GENERATED =
  /\b(?:password|passphrase|token|unseal key)\b(?:\s+\d+:|[^.\n:="']{0,40}?\bgenerated for \S+:|[^.\n:="']{0,40}?\bis:?)\s+["']?(?=\S*\d|\S*[^\w\s"'.,])(?=\S{6})([^\s"']+)/dgi;
