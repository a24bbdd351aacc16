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
