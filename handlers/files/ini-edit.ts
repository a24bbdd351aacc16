/** What is wanted of one option: exactly these lines of it, in this order; none: it is not there. */
export interface OptionEdit {
  readonly section: string;
  readonly option: string;
  readonly values: readonly string[];
}

/**
 * The text with the options as wanted, byte for byte the same elsewhere; the very same text where all is so already. Reads
 * it as oslo.config does: a section may come twice and in any case but DEFAULT, an option several times, and an indented
 * line goes on with the value above; names count to the letter, so that one with a dash is another option. `text` is latin1, a character a byte. `editIniAwk` does the same on a host.
 */
export function editIni(text: string, edits: readonly OptionEdit[]): string {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const edited = edits.reduce<readonly string[]>(
    (all, edit) => editOne(entriesOf(all), { ...edit, values: edit.values.map(bytes) }),
    lines,
  );
  return isSame(edited, lines) ? text : edited.map((line) => `${line}\n`).join('');
}

/** What `editIniAwk` reads: a line that names the option, then one for each of its values. */
export const optionEditLines = (edits: readonly OptionEdit[]): string[] =>
  edits.flatMap(({ section, option, values }) => [
    `[${section}] ${option}`,
    ...values.map((value) => `= ${value}`),
  ]);

const isSame = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((line, index) => line === other[index]);

const bytes = (text: string): string => Buffer.from(text).toString('latin1');

// Not \s, which stands for a byte of UTF-8, too.
const trimEnd = (text: string): string => text.replace(/[ \t\r\f\v]+$/, '');
const trim = (text: string): string => trimEnd(text).replace(/^[ \t\r\f\v]+/, '');

/** oslo_config/cfg.py, _normalize_group_name. */
export const sectionKey = (name: string): string =>
  name === 'DEFAULT' ? name : name.toLowerCase();

/** The section that a line begins, as oslo_config/iniparser.py has it. */
export const sectionOf = (line: string): string | undefined =>
  /^\[(.+)\][ \t\r\f\v]*$/s.exec(line)?.[1];

/** A line, and those that go on with its value. Lines before the first header are of DEFAULT. */
interface Entry {
  readonly kind: 'header' | 'option' | 'other';
  readonly section: string;
  readonly lines: string[];
}

function entriesOf(lines: readonly string[]): Entry[] {
  let section = 'DEFAULT';
  let option: Entry | undefined;
  const entries: Entry[] = [];
  for (const line of lines) {
    const isBlank = trim(line) === '';
    if (option !== undefined && !isBlank && /^[ \t]/.test(line)) {
      option.lines.push(line);
      continue;
    }
    const header = sectionOf(line);
    section = header ?? section;
    const isOption = header === undefined && !isBlank && !/^[#;]/.test(line);
    const kind = header !== undefined ? 'header' : isOption ? 'option' : 'other';
    const entry: Entry = { kind, section, lines: [line] };
    entries.push(entry);
    option = isOption ? entry : undefined;
  }
  return entries;
}

function editOne(entries: readonly Entry[], edit: OptionEdit): readonly string[] {
  const { section, option, values } = edit;
  const isOf = (entry: Entry): boolean =>
    entry.kind === 'option' &&
    sectionKey(entry.section) === sectionKey(section) &&
    nameOf(entry) === option;
  const last = entries.findLastIndex(isOf);
  const place = last === -1 ? endOfSection(entries, section) : last;
  let met = 0;
  const edited = entries.map((entry): readonly string[] => {
    if (!isOf(entry)) return entry.lines;
    met += 1;
    return withValue(entry, values[met - 1]);
  });
  const missing = values.slice(met).map((value) => trimEnd(`${option} = ${value}`));
  if (missing.length === 0) return edited.flat();
  if (place !== -1) return edited.toSpliced(place + 1, 0, missing).flat();
  const isGap = entries.length === 0 || trim(entries.at(-1)?.lines[0] ?? '') === '';
  return [...edited.flat(), ...(isGap ? [] : ['']), `[${section}]`, ...missing];
}

/** Where the last option of a section's first part is, or else its header; -1: there is no such section. */
function endOfSection(entries: readonly Entry[], section: string): number {
  const start = entries.findIndex(
    ({ kind, section: of }) => kind === 'header' && sectionKey(of) === sectionKey(section),
  );
  if (start === -1) return -1;
  const next = entries.findIndex(({ kind }, index) => kind === 'header' && index > start);
  return entries
    .slice(0, next === -1 ? undefined : next)
    .findLastIndex(({ kind }) => kind !== 'other');
}

// A carriage return is no end of a line here.
const parts = /^([^=:]*)([=:]?)([ \t\r\f\v]*)(.*)$/s;
const nameOf = ({ lines }: Entry): string => trim(parts.exec(lines[0] ?? '')?.[1] ?? '');

function withValue({ lines }: Entry, wanted: string | undefined): readonly string[] {
  const [, name = '', separator = '', gap = '', value = ''] = parts.exec(lines[0] ?? '') ?? [];
  if (wanted === undefined) return [];
  if (lines.length === 1 && separator !== '' && trim(value) === wanted) return lines;
  const between = value === '' ? name.slice(trimEnd(name).length) : gap;
  return [trimEnd(`${name}${separator || '='}${between}${wanted}`)];
}

/** For awk in the locale C: `part=1 -` reads the edits, `part=2 FILE` the text; prints the text as `editIni` answers it. */
export const editIniAwk = `function trimEnd(s) { sub(/[ \\t\\r\\f\\v]+$/, "", s); return s }
function trim(s) { sub(/^[ \\t\\r\\f\\v]+/, "", s); return trimEnd(s) }
function key(s) { return s == "DEFAULT" ? s : tolower(s) }
function put(s) { out[++outs] = s }
function putMissing(c) { while (met < many[c]) put(trimEnd(name[c] " = " want[c, ++met])) }
function classify(  i, head, of) {
  of = "DEFAULT"; head = 0
  for (i = 1; i <= size; i++) {
    if (head && line[i] ~ /^[ \\t]/ && trim(line[i]) != "") { kind[i] = "more"; owner[i] = head; continue }
    head = 0; kind[i] = "other"
    if (trimEnd(line[i]) ~ /^\\[.+\\]$/) { of = trimEnd(line[i]); of = substr(of, 2, length(of) - 2); kind[i] = "header" }
    else if (trim(line[i]) != "" && line[i] !~ /^[#;]/) { kind[i] = "option"; head = i }
    section[i] = of
  }
}
function isOf(i, c) {
  if (kind[i] != "option" || key(section[i]) != key(inside[c])) return 0
  match(line[i], /^[^=:]*/)
  return trim(substr(line[i], 1, RLENGTH)) == name[c]
}
function withValue(i, wanted,  start, mark, rest, value) {
  match(line[i], /^[^=:]*/)
  start = substr(line[i], 1, RLENGTH); mark = substr(line[i], RLENGTH + 1, 1); rest = substr(line[i], RLENGTH + 2)
  match(rest, /^[ \\t\\r\\f\\v]*/)
  value = substr(rest, RLENGTH + 1)
  if (kind[i + 1] != "more" && mark != "" && trim(value) == wanted) return line[i]
  if (value != "") rest = substr(rest, 1, RLENGTH)
  else rest = substr(start, length(trimEnd(start)) + 1)
  return trimEnd(start (mark == "" ? "=" : mark) rest wanted)
}
function change(c,  i, place, start, done) {
  split("", kind); classify()
  place = start = done = 0
  for (i = 1; i <= size; i++) if (isOf(i, c)) place = i
  if (!place) for (i = 1; i <= size; i++) {
    if (kind[i] == "header" && start && !done) done = 1
    if (kind[i] == "header" && !start && key(section[i]) == key(inside[c])) start = place = i
    if (start && !done && kind[i] == "option") place = i
  }
  while (kind[place + 1] == "more") place++
  outs = met = 0
  for (i = 1; i <= size; i++) {
    if (isOf(i, c)) { if (++met <= many[c]) put(withValue(i, want[c, met])) }
    else if (kind[i] != "more" || !isOf(owner[i], c)) put(line[i])
    if (i == place) putMissing(c)
  }
  if (met < many[c]) {
    if (outs && trim(out[outs]) != "") put("")
    put("[" inside[c] "]")
    putMissing(c)
  }
  size = outs
  for (i = 1; i <= size; i++) line[i] = out[i]
}
part == 1 && /^\\[/ { at = index($0, "] "); inside[++changes] = substr($0, 2, at - 2); name[changes] = substr($0, at + 2); many[changes] = 0; next }
part == 1 { want[changes, ++many[changes]] = trim(substr($0, 2)); next }
{ line[++size] = $0 }
END {
  for (c = 1; c <= changes; c++) change(c)
  for (i = 1; i <= size; i++) print line[i]
}`;
