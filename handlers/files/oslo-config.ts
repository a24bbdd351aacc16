import { sectionOf } from './ini-edit.ts';

/** An option as a file sets it; `line` counts from 1. */
export interface OsloOption {
  readonly line: number;
  readonly section: string;
  readonly option: string;
  readonly value: string;
}

/**
 * The options of a file in its order, as oslo.config reads them (oslo_config/iniparser.py): `=` or `:`, whichever comes first;
 * an indented line goes on with the value above, even where it looks like a comment; quotes around a whole value go; what
 * stands before the first section is nobody's.
 */
export function readOsloOptions(content: string): OsloOption[] {
  const found: (OsloOption & { value: string })[] = [];
  let section: string | undefined;
  let open: (typeof found)[number] | undefined;
  for (const [index, written] of content.split(/\r\n|\r|\n/).entries()) {
    const line = written.trimEnd();
    if (line === '') {
      open = undefined;
    } else if (/^[ \t]/.test(line)) {
      if (open !== undefined) open.value += `\n${line.trimStart()}`;
    } else {
      open = undefined;
      section = sectionOf(line) ?? section;
      const [, name = '', value = ''] = /^([^=:[#;][^=:]*)[=:](.*)$/s.exec(line) ?? [];
      if (name.trim() === '' || section === undefined) continue;
      open = { line: index + 1, section, option: name.trim(), value: unquoted(value.trim()) };
      found.push(open);
    }
  }
  return found;
}

const unquoted = (value: string): string =>
  /^(["'])(?:.*\1)?$/s.test(value) ? value.slice(1, -1) : value;
