import { isHarmlessValue } from '../names.ts';
import { type SecretSpan, groupSpans, matchesOf } from '../span.ts';

/** Passwords in URLs, also with `@` in them and with several hosts, and what of them is left in errors. */
export const urlSpans = (line: string): SecretSpan[] => [
  ...matchesOf(URL, line).flatMap(({ 0: all, index }) => inUrl(line, index + all.length)),
  ...groupSpans(FURTHER_HOST, line),
  ...groupSpans(ENCODED, line),
  ...groupSpans(LOGIN_AT, line),
  ...groupSpans(TAKEN_FOR_HOST, line),
];

const URL = /(?:\b[A-Za-z][A-Za-z0-9+.-]*)?:(?:\\?\/){2}/g;

/** Where the text of a URL ends, whatever stands before it. */
const END = /[\s<>`]/;

const HOST = String.raw`(?:[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(?::\d+)?`;
/** The password ends at the last @ before the host. */
const BEFORE_HOST = new RegExp(String.raw`@(?=(?:${HOST})?(?:[/?#,;)\]}\\"']|$))`, 'g');
const NEXT_USER = new RegExp(String.raw`@(?:${HOST})?,([^:@,/\s]*):`, 'g');

const longest = 2000;

function inUrl(line: string, from: number): SecretSpan[] {
  const near = line.slice(from, from + longest);
  const ends = [near.search(END), quoteEnd(line, from, near)].filter((end) => end !== -1);
  const text = near.slice(0, Math.min(near.length, ...ends));
  const user = /^[^:@/?#\s[\]]*:/.exec(text)?.[0];
  if (user === undefined) return [];
  const last = lastAt(text);
  if (last === undefined) return cutOff(text, user.length, from);
  const spans: SecretSpan[] = [];
  let start = user.length;
  const userInfo = text.slice(0, last);
  for (const next of userInfo.matchAll(NEXT_USER)) {
    spans.push({ start, end: next.index });
    start = next.index + next[0].length;
  }
  spans.push({ start, end: last });
  return spans
    .filter((span) => !isHarmlessValue(text.slice(span.start, span.end), 'password'))
    .map((span) => ({ start: span.start + from, end: span.end + from }));
}

/** Where quotes close that opened before a URL: right before it, or somewhere on its line. */
function quoteEnd(line: string, from: number, near: string): number {
  const before = line
    .slice(Math.max(0, from - longest), from)
    .replace(/[A-Za-z0-9+.-]*:[\\/]+$/, '');
  const mark = /["']$/.exec(before)?.[0];
  if (mark !== undefined) return near.search(mark === '"' ? /\\*"/ : /\\*'/);
  const isInside = before.split('"').length % 2 === 0;
  return near.search(isInside ? /\\*"(?=\s|[,;:)\]}>|&]|$)/ : /\\*'(?=\s|[,:]|$)/);
}

function lastAt(text: string): number | undefined {
  const all = matchesOf(BEFORE_HOST, text).map(({ index }) => index);
  const [first] = all;
  if (first === undefined) return undefined;
  // Behind the host's path and `?`, an @ is the query's own.
  const query = text.indexOf('?', first);
  return all.findLast((index) => query === -1 || index < query) ?? first;
}

/** `mysql://nova:Zx9Sec` at the end of an output that was cut: no port, so the beginning of a password. */
function cutOff(text: string, start: number, from: number): SecretSpan[] {
  const rest = text.slice(start);
  if (rest === '' || /^\d+(?:[/?#,;)\]}.]|$)/.test(rest) || /[/{}%$]/.test(rest)) return [];
  return isHarmlessValue(rest, 'password') || rest.length < 2
    ? []
    : [{ start: from + start, end: from + text.length }];
}

// ...@mq1:5672,nova:PASSWORD@mq2:5672/, where the beginning of the URL is not on the line.
const FURTHER_HOST = new RegExp(
  String.raw`,[A-Za-z0-9_.-]+:([^\s"'<>,]+(?:,[^\s"'<>,:]+)*)@(?=${HOST})`,
  'dg',
);
// nova:PASSWORD@db1:3306, without the beginning of a URL.
const LOGIN_AT =
  /(?:^|[\s("'=])[A-Za-z_][\w.-]*:(?=[^\s"'<>@]*[A-Za-z])([^\s"'<>/@]+(?:@[^\s"'<>/@]+)*)@(?=[A-Za-z0-9_.-]+:\d{2,5}\b)/dg;
// A URL within the query of another one.
const ENCODED = /%3A%2F%2F[^%\s&]*%3A([^\s&]+?)%40(?=[A-Za-z0-9_.-]+(?:%3A|%2F|[&\s"']|$))/dgi;
// A client that took the rest of a password for the name of a host: "on 'Zx9Secret@db1'".
const TAKEN_FOR_HOST =
  /(?:server on |(?:server on|server at|server host|host ?name|host|address|resolve|lookup|getaddrinfo|connect to|connecting to)\W{0,3}["'(])([^\s"'(@/:]+(?:@[^\s"'(@/:]+)*)@(?=[A-Za-z0-9_.-]+(?:["')\s:,]|$))/dgi;
