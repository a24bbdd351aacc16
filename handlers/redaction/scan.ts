import { REDACTION_MARK, isHarmlessValue, secretKind } from './names.ts';
import { directiveSpans } from './shapes/directives.ts';
import { headerSpans } from './shapes/headers.ts';
import { namedSpans } from './shapes/named.ts';
import { pairSpans } from './shapes/pairs.ts';
import { quotedTextAt } from './shapes/quotes.ts';
import {
  base64Line,
  beginsPublicKey,
  endsPrivateKey,
  escapedKey,
  endsPublicKey,
  isPrivateKeyBody,
  privateKeyBegun,
  privateKeyLine,
} from './shapes/pem.ts';
import { shellSpans } from './shapes/shell.ts';
import { sqlSpans } from './shapes/sql.ts';
import { urlSpans } from './shapes/urls.ts';
import { secretElementText, opensSecretElement, xmlSpans } from './shapes/xml.ts';
import { type SecretSpan, groupSpans, matchesOf, spansOutside, unionOfSpans } from './span.ts';

/** What the lines so far say about the next one. Plain data, so that another process can go on. */
export interface ScanState {
  /** No line was seen yet: the text may begin in the middle of something. */
  readonly isStart?: boolean;
  /** Of an INI file. */
  readonly section?: string;
  /** What is open: a private key, something public, or the value of a secret name above. */
  readonly open?: 'key' | 'public' | 'element' | 'value' | 'lines' | 'scalar' | 'named';
  /** How far the line with that name was indented. */
  readonly indent?: number;
  /** The first character of each line is a sign. */
  readonly isDiff?: boolean;
}

export const startOfScan: ScanState = { isStart: true };

/** Takes a text line by line; a line is told with its secrets once they are known, which may take the lines behind it. */
export interface SecretScanner {
  readonly add: (line: string) => void;
  readonly end: () => void;
  /** After the last line that was told. */
  readonly state: () => ScanState;
}

/** Lines that end in a backslash are told as one, with the newlines in it. */
export function openSecretScanner(
  tell: (line: string, spans: readonly SecretSpan[]) => void,
  from: ScanState = startOfScan,
): SecretScanner {
  let state = from;
  let joined: string[] = [];
  let held: { readonly line: string; readonly span: SecretSpan }[] = [];

  function told(line: string, spans: readonly SecretSpan[]): void {
    const marks = matchesOf(REDACTION_MARK, line).map(({ 0: mark, index }) => ({
      start: index,
      end: index + mark.length,
    }));
    tell(line, spansOutside(unionOfSpans(spans), marks));
  }

  function release(isKey: boolean): void {
    for (const { line, span } of held) told(line, isKey ? [span] : inLine(line, state.section));
    if (held.length > 0) state = { ...state, isStart: false };
    held = [];
  }

  function take(line: string): void {
    const span =
      state.open === undefined ? base64Line(line, held.length > 0 ? 1 : undefined) : undefined;
    if (span !== undefined && held.length < mostHeld) {
      held.push({ line, span });
      return;
    }
    release(
      endsPrivateKey(line) ||
        isPrivateKeyBody(held.map((one) => one.line.slice(one.span.start, one.span.end))),
    );
    const next = scanLine(line, state);
    state = next.state;
    told(line, next.spans);
  }

  function join(): void {
    if (joined.length === 0) return;
    const line = joined.join('\n');
    joined = [];
    take(line);
  }

  return {
    add: (line) => {
      joined.push(line);
      if (!/(?<!\\)\\$/.test(line) || joined.length >= mostJoined) join();
    },
    end: () => {
      join();
      release(isPrivateKeyBody(held.map((one) => one.line.slice(one.span.start, one.span.end))));
    },
    state: () => state,
  };
}

const mostHeld = 400;
const mostJoined = 20;

interface Scanned {
  readonly spans: readonly SecretSpan[];
  readonly state: ScanState;
}

function scanLine(line: string, state: ScanState): Scanned {
  const inside = state.open === undefined ? undefined : inOpen(line, state);
  if (inside !== undefined) return inside;
  const { isStart = false, section } = state;
  const named = /^[\s+-]*\[([^\][]+)\]\s*$/.exec(line)?.[1]?.toLowerCase() ?? section;
  const isDiff = state.isDiff === true || /^@@ -\d/.test(line);
  const rest: ScanState = {
    ...(named !== undefined && { section: named }),
    ...(isDiff && { isDiff }),
  };
  const key = privateKeyBegun(line);
  const spans = [
    ...inLine(line, named),
    ...(isStart ? cutOffSpans(line) : []),
    ...(key?.spans ?? []),
  ];
  if (key?.goesOn === true) return { spans, state: { ...rest, open: 'key' } };
  if (beginsPublicKey(line) && !endsPublicKey(line))
    return { spans, state: { ...rest, open: 'public' } };
  return { spans, state: { ...rest, ...opened(line, isDiff) } };
}

/** A line below something that is open; undefined where that has ended before the line. */
function inOpen(line: string, state: ScanState): Scanned | undefined {
  const { open, indent = 0, isDiff = false, section } = state;
  const { open: _open, indent: _indent, ...rest } = state;
  const through = (spans: readonly SecretSpan[], ends = false): Scanned => ({
    spans,
    state: ends ? rest : state,
  });
  const whole = textSpan(line);
  switch (open) {
    case 'key': {
      if (endsPrivateKey(line)) return through(inLine(line, section), true);
      const spans = privateKeyLine(line);
      return spans && through(spans);
    }
    case 'public':
      return endsPublicKey(line) ? through([], true) : base64Line(line, 1) && through([]);
    case 'element': {
      const text = secretElementText(line);
      return text && through([text], line.includes('<'));
    }
    case 'value': {
      const quoted = quotedTextAt(line, line.search(/\S/));
      return quoted && through([quoted], true);
    }
    case 'named': {
      const [span] = groupSpans(VALUE, line);
      return span === undefined || isHarmlessValue(line.slice(span.start, span.end), 'secret')
        ? undefined
        : through([span], true);
    }
    case 'scalar':
    case 'lines': {
      if (whole === undefined) return open === 'scalar' ? through([]) : undefined;
      if (indentOf(line, isDiff) <= indent || BEGINS_KEY.test(line)) return undefined;
      return through(/^\s*-----[A-Z0-9 ]+-----$/.test(line) ? [] : [whole]);
    }
    case undefined:
      return undefined;
  }
}

/** A key that stands by itself: its dashes are no indentation. */
const BEGINS_KEY = /^[+-]?-----BEGIN /;

/** What a line leaves open for the next: the value of a secret name, or the text of a secret element. */
function opened(line: string, isDiff: boolean): ScanState {
  if (opensSecretElement(line) !== undefined) return { open: 'element' };
  const named = NAMED.exec(line)?.[1];
  if (named !== undefined && (secretKind(named) ?? 'key') !== 'key') return { open: 'named' };
  const [, lead = '', quote = '', name = '', separator = '', value = ''] =
    /^([\s+-]*(?:-\s+)?)(["']?)([\w.-]+)\2\s*([=:])\s*(.*)$/.exec(line) ?? [];
  const kind = name === '' ? undefined : secretKind(name);
  if (kind === undefined) return {};
  if (quote !== '') return value === '' ? { open: 'value' } : {};
  const indent = indentOf(lead + name, isDiff);
  if (separator === ':') {
    return /^[|>][0-9+-]*$/.test(value) ? { open: 'scalar', indent } : {};
  }
  // An option of an INI file goes on in the lines that are indented below it.
  return indent === 0 && (value === '' || !isHarmlessValue(value, kind))
    ? { open: 'lines', indent }
    : {};
}

/** A name of its own line, and the value on the next: `- name: DB_PASSWORD`, `value: x`. */
const NAMED =
  /^[\s+-]*(?:\{\s*)?(?:["']?name["']?\s*:\s*["']?|<(?:name|key)>)([A-Za-z][\w.-]*)(?:["']?,?|<\/(?:name|key)>)\s*$/i;
const VALUE = /^[\s+-]*(?:["']?value["']?\s*:\s*["']?|<(?:value|string)>)([^"'<]*[^"'<\s,])/dgi;

const indentOf = (line: string, isDiff: boolean): number =>
  (isDiff ? line.slice(1) : line).search(/[^\s+-]|$/);

function textSpan(line: string): SecretSpan | undefined {
  const start = line.search(/^[+-]/) === 0 ? 1 + line.slice(1).search(/\S|$/) : line.search(/\S|$/);
  const end = line.trimEnd().length;
  return end > start ? { start, end } : undefined;
}

/** Secrets of one line that the line alone shows. */
function inLine(line: string, section: string | undefined): SecretSpan[] {
  if (!HINT.test(line)) return [];
  // Lines that a backslash joins are one to whoever wrote them.
  // Escapes of other languages and the ends of variables in an environment are made what they stand for, at the same length.
  const one = line
    .replaceAll('\\\n', '  ')
    .replaceAll(/(?:&quot;|\\u002[27])(?=\s*[,:}\])=]|$)/g, '"     ')
    .replaceAll(/&quot;|\\u002[27]/g, '     "')
    .replaceAll('\0', ' ');
  return unionOfSpans([
    ...pairSpans(one),
    ...urlSpans(one),
    ...headerSpans(one),
    ...sqlSpans(one),
    ...shellSpans(one),
    ...directiveSpans(one),
    ...xmlSpans(one),
    ...namedSpans(one),
    ...escapedKey(one),
    ...sectionSpans(one, section),
  ]);
}

/** What every line has on which the line alone shows a secret: most lines of a log have none of it. */
const HINT =
  /pass|pwd|pw\b|secret|token|key|cred|cookie|[kd]ek\b|psk|pin\b|auth|login|[@|]|:\/\/[^\s/]*:|%3a|identified|crypt|bearer|basic|eyJ|gAAAA|xox|xapp|gh[pousr]_|glpat|\b(?:hv[sbr]|s)\.\w|\$\w{1,12}\$|\{s?(?:sha|md)|sig|curl|ldap|ipmi|bmc-|docker|podman|skopeo|buildah|helm|crane|vault|hsm|pkcs|p11|openssl|swift|smbclient|rpcclient|\bnet\b|\bipa\b|usermod|useradd|mysql|maria|mytop|\bpt-|xtrabackup|innobackupex|galera|garbd|redis-cli|valkey-cli|rabbitmqctl|createuser|AQ[A-Za-z0-9+/]{36}|hooks\.slack|_header|commun|generated|^[A-Za-z0-9_-]{43}=$|[A-Za-z0-9+/]{64}\\n|^[^:\s]+:(?:\*|\d{4,5}):/i;

/** Names that are secret in one section alone: barbican's `login` is the PIN of an HSM. */
function sectionSpans(line: string, section: string | undefined): SecretSpan[] {
  const names = section === undefined ? undefined : SECTION_NAMES[section];
  const found = /^[\s+-]*([\w.-]+)\s*[=:]\s*["']?(.*?)["']?\s*$/d.exec(line);
  const [start, end] = found?.indices?.[2] ?? [0, 0];
  if (names?.includes(found?.[1] ?? '') !== true) return [];
  return isHarmlessValue(line.slice(start, end), 'password') ? [] : [{ start, end }];
}

const SECTION_NAMES: Readonly<Record<string, readonly string[]>> = {
  p11_crypto_plugin: ['login'],
};

/** The first line of a text that begins in the middle: `cret@db1/nova`, `cret", "user": "nova"`. */
function cutOffSpans(line: string): SecretSpan[] {
  const found =
    /^([^\s"'=/:]+)@(?:[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(?::\d+)?(?:\/\w|,[\w.-]*:)/d.exec(
      line,
    ) ?? /^([^\s"'{}[\]:,]{4,})["']\s*(?:[,}]|$)/d.exec(line);
  const [start, end] = found?.indices?.[1] ?? [0, 0];
  return end > start ? [{ start, end }] : [];
}
