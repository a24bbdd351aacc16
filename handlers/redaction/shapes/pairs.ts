import { type SecretKind, isHarmlessValue, secretKind } from '../names.ts';
import { type SecretSpan, matchesOf } from '../span.ts';
import { quotedTextAt, shellWord } from './quotes.ts';

/**
 * Names and values, wherever in a line: INI, YAML, JSON, dicts, keyword arguments, query strings, assignments of shells.
 * Nothing is found in a name without a value, such as `password =`.
 */
export function pairSpans(line: string): SecretSpan[] {
  const spans: SecretSpan[] = [];
  for (const { 0: name, index } of matchesOf(NAME, line)) {
    const kind = secretKind(name);
    if (kind === undefined || index < (spans.at(-1)?.end ?? 0)) continue;
    spans.push(...valuesOf(line, { name, index, kind }));
  }
  return spans;
}

interface Named {
  readonly name: string;
  readonly index: number;
  readonly kind: SecretKind;
}

/** A secret name, where its value would begin, and how it is written. */
interface Place extends Named {
  readonly from: number;
  readonly isQuoted: boolean;
  readonly isFirst: boolean;
  readonly separator: string;
}

const NAME = /[A-Za-z0-9_](?:[A-Za-z0-9_-]|\.(?=[A-Za-z0-9_]))*/g;

/** What stands between a name and its value. Not `==`, `::` or `://`. */
const SEPARATOR =
  /(\\*["'`])?(?:\)|\])?([ \t]*(?:=>|:=|\?=|\+=|=(?![=~])|:(?![:/])|%3[Dd])[ \t]*)/y;

/** What may stand before the first name of a line: a comment, a list item, the sign of a diff, `export`. */
const FIRST =
  /^[\s+-]*(?:[#;]+|\/\/|--|\*)?\s*(?:-\s+)?(?:export\s+|setenv\s+|declare\s+-x\s+|set\s+|Environment=|ENV\s+|env\s+)?\\*["'`]?(?:\w+::)*$/;

const mostLead = 200;

function placeOf(line: string, named: Named): Place | undefined {
  const end = named.index + named.name.length;
  SEPARATOR.lastIndex = end;
  const found = SEPARATOR.exec(line);
  if (found === null) return undefined;
  const [all, quote, separator = ''] = found;
  // The user of a URL is no name of an option.
  if (line.startsWith('://', named.index - 3)) return undefined;
  if (/: +$/.test(separator) && endsPath(line.slice(0, named.index))) return undefined;
  const isQuoted = quote !== undefined && line.slice(0, named.index).endsWith(quote);
  return {
    ...named,
    // In backticks it is a column of SQL.
    kind: isQuoted && named.kind === 'key' && !quote.endsWith('`') ? 'secret' : named.kind,
    from: end + all.length,
    isQuoted,
    isFirst: named.index < mostLead && FIRST.test(line.slice(0, named.index)),
    separator: separator.trim(),
  };
}

/** A program that says of a file what is wrong with it: `cat: /etc/x/api_token: Permission denied`. */
const endsPath = (before: string): boolean =>
  /(?:^|[\s"'(])(?:~|\.{1,2})?\/[^\s:=]*$/.test(before.slice(-mostLead));

function valuesOf(line: string, named: Named): SecretSpan[] {
  const place = placeOf(line, named);
  if (place === undefined) return [];
  const quoted = quotedTextAt(line, place.from);
  if (quoted !== undefined) return afterQuotes(line, place, quoted);
  // An object is looked into by itself; a password may begin with a bracket as well.
  const isOption = place.isFirst && !place.isQuoted && place.separator === '=';
  const opening = line[place.from];
  if (opening === '{' && !(isOption && /^\{[^\s"':{}=]+$/.test(line.slice(place.from)))) return [];
  if (opening !== '[' && opening !== '(') return bare(line, place);
  const hasQuotes = /^.\s*\\*["']/.test(line.slice(place.from, place.from + 20));
  return !hasQuotes && isOption ? bare(line, place) : itemsOf(line, place);
}

/** A quoted value; in a shell, and in an INI file, more of it may follow the quotes. */
function afterQuotes(line: string, place: Place, quoted: SecretSpan): SecretSpan[] {
  const rest = line.slice(quoted.end, quoted.end + 20).replace(/^\\*["'`]+/, '');
  const goesOn = !place.isQuoted && /^[^\s,;)\]}#&|]/.test(rest);
  const isShell = /^[A-Z]/.test(place.name) && line[place.from - 1] === '=';
  const items = goesOn || !place.isFirst ? [] : furtherItems(line, place, quoted);
  const span =
    goesOn && isShell
      ? shellWord(line, place.from)
      : goesOn && place.isFirst
        ? { start: place.from, end: line.trimEnd().length }
        : quoted;
  return [span, ...items].filter(
    ({ start, end }) => !isHarmlessValue(line.slice(start, end), place.kind),
  );
}

/** More quoted values behind the first: `kek = 'a', 'b'`. */
function furtherItems(
  line: string,
  { isQuoted, separator }: Place,
  first: SecretSpan,
): SecretSpan[] {
  if (isQuoted || separator !== '=' || !/^["']\s*,\s*["']/.test(line.slice(first.end))) return [];
  return Array.from(line.slice(first.end + 1).matchAll(/(["'])(.*?)\1/dg), ({ indices }) => {
    const [start, end] = indices?.[2] ?? [0, 0];
    return { start: first.end + 1 + start, end: first.end + 1 + end };
  });
}

/** Quoted items of a list under a secret name. */
function itemsOf(line: string, { from, kind }: Place): SecretSpan[] {
  const spans: SecretSpan[] = [];
  let index = from + 1;
  for (;;) {
    while (index < line.length && /[\s,]/.test(line[index] ?? '')) index += 1;
    const item = quotedTextAt(line, index);
    if (item === undefined) return spans;
    if (!isHarmlessValue(line.slice(item.start, item.end), kind)) spans.push(item);
    index = item.end + (/^\\*["'`]+/.exec(line.slice(item.end))?.[0].length ?? 1);
  }
}

function bare(line: string, place: Place): SecretSpan[] {
  const { from, kind, name } = place;
  const end =
    quotedEnd(line, place) ??
    flowEnd(line, place) ??
    (isWhole(line, place) ? wholeEnd(line, from) : wordEnd(line, place));
  const value = line.slice(from, end);
  if (
    isHarmlessValue(value, name === 'pin' ? 'password' : kind) ||
    isProse(value, place) ||
    isWeak(value, place)
  )
    return [];
  return isCode(value, line[end], place) ? [] : [{ start: from, end }];
}

/** Where quotes end that opened before the name: `"OS_PASSWORD=a b"`. */
function quotedEnd(line: string, { index, from, isQuoted }: Place): number | undefined {
  const quote = isQuoted
    ? undefined
    : /[\s,[(=]?(["'])$/.exec(line.slice(Math.max(0, index - 2), index))?.[1];
  const end = quote === undefined ? -1 : line.indexOf(quote, from);
  return end === -1 ? undefined : end;
}

/** In `{name: nova, password: a b}` of YAML a comma or the bracket ends a value. */
function flowEnd(line: string, { index, from, isQuoted, separator }: Place): number | undefined {
  const isFlow = /\{\s*[A-Za-z_]\w*:\s[^{}"]*$/.test(line.slice(Math.max(0, index - 200), from));
  if (!isFlow || isQuoted || separator !== ':') return undefined;
  const end = line.slice(from).search(/,\s|\}/);
  return end === -1 ? undefined : from + end;
}

/** `connect(password=password)` and `auth_token:filter_factory` are words of a program. */
const isCode = (value: string, next: string | undefined, { name, separator }: Place): boolean =>
  separator === ':'
    ? name.includes('.') && /^[a-z]+_[a-z_]+$/.test(value)
    : (value === name && /[),]/.test(next ?? '')) ||
      /^(?:self|args|kwargs|conf|config|cfg|CONF|opts|options|params)[.[][\w.[\]'"]+$/.test(value);

/** In a file of options the value is the rest of the line, also with blanks in it. */
function isWhole(line: string, { isFirst, isQuoted, index, from, separator }: Place): boolean {
  if (!isFirst || isQuoted || separator === '%3D' || separator === '%3d') return false;
  const hasBlanks = /[ \t]$/.test(line.slice(index, from));
  if (/(?:^|\s)(?:export|env|-x)\s+$/.test(line.slice(0, index))) return false;
  if (separator === ':' && /^\S+,\s+[\w-]+:\s/.test(line.slice(from))) return false;
  return hasBlanks || !/^[A-Z]/.test(line[index] ?? '') || !COMMAND.test(line.slice(from));
}

/** A word, and behind it what a shell would run or set. */
const COMMAND =
  /^\S+\s+(?:[\w.-]+=|\.?\/|&&|[;|]|(?:sudo|env|exec|openstack|nova|neutron|cinder|glance|keystone|swift|heat|mysql\w*|mariadb[\w-]*|psql|pg_\w+|curl|wget|ssh|scp|rsync|sh|bash|python\d?|ansible[\w-]*|docker|podman|kubectl|redis-cli)\b)/;

function wholeEnd(line: string, from: number): number {
  const rest = line.slice(from).trimEnd();
  // An object or a list of items on one line ends its values with commas.
  return from + rest.replace(/[,;]$/, '').length;
}

/** Up to a blank, the next pair, the quotes around it, or the bracket that closes around it. */
const WORD_END =
  /\s|[,;&](?=\s*\\*["']?[\w.-]+\\*["']?\s*[=:])|\\*["'`](?=\s|[,;)\]}>|&]|$)|<\/|\\+[nrt](?=[\w.\s[#-]*[=:\]]|["']|$|\\)/g;

const QUERY = /[\s&#"<>]|'(?:\s|[,;]|$)|$/;
const QUERY_IN_QUERY = /%26|[\s&#"<>]|$/;

function wordEnd(line: string, { from, separator, index }: Place): number {
  // What a query string has encoded needs no other end.
  const queryEnd = separator.startsWith('%3') ? QUERY_IN_QUERY : QUERY;
  if (separator.startsWith('%3') || '?&'.includes(line[index - 1] ?? ' '))
    return from + line.slice(from, from + 4000).search(queryEnd);
  WORD_END.lastIndex = from;
  const stop = WORD_END.exec(line)?.index ?? line.length;
  return from + withoutClosers(line.slice(from, stop)).length;
}

/** Without commas, and without brackets that opened before the word. */
function withoutClosers(word: string): string {
  let kept = word;
  for (;;) {
    const last = kept.at(-1) ?? '';
    const opener = OPENERS[last];
    const isOurs = opener !== undefined && count(kept, opener) >= count(kept, last);
    if (last === '' || isOurs || (opener === undefined && !/[,;]/.test(last))) return kept;
    kept = kept.slice(0, -1);
  }
}

const OPENERS: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{', '>': '<' };

const count = (text: string, character: string): number => text.split(character).length - 1;

/** `Invalid password: must be longer` says nothing secret. */
const isProse = (value: string, { isFirst, separator }: Place): boolean =>
  separator === ':' && !isFirst && PROSE.test(value);

const PROSE =
  /^(?:a|an|and|any|are|bytes|cannot|could|did|does|e|error|enter|expected|expired|failed|for|from|has|have|if|in|incorrect|invalid|is|it|its|length|may|missing|must|no|not|of|on|optional|or|password|passwd|policy|required|retype|see|should|str|string|Optional\b.*|the|this|to|token|too|unknown|unsupported|use|using|was|will|with|wrong|you|your)[.,;:]?$/i;

/** `key: word` stands in many files, and is secret only where it looks so; `tokens: 5` counts them. */
function isWeak(value: string, { name, kind, isQuoted }: Place): boolean {
  if (kind !== 'key') return /(?:s|^pass)$/i.test(name) && /^\d{1,4}$/.test(value);
  if (/^pin$/i.test(name)) return !/^\d{4,16}$/.test(value);
  return /^keys?$/i.test(name) && !isQuoted && !/(?=.*\d)(?=.*[A-Za-z]).{12}/.test(value);
}
