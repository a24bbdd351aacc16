import { maskSecrets } from '../../../handlers/redaction/redact.ts';
import type { RunNeed } from '../../../jobs/run/needs/needs.ts';
import { hostStep } from '../../../jobs/run/run.ts';
import { asOnTerminal } from '../text.ts';

/** The line that says why the first of these works failed; undefined where it printed nothing. */
export function firstCause({
  run,
  works = [],
}: Pick<RunNeed, 'run' | 'works'>): string | undefined {
  const [work] = works;
  if (work === undefined) return undefined;
  const { tail = '', failure } = hostStep(run, work);
  return causeLine(tail) ?? failure?.reason;
}

/**
 * The line of an output that says most about why it failed: the surest form that is there, and the last of it, as what comes
 * before it is mostly what it tried. Programs' own forms of an error, not words of a language.
 */
export function causeLine(output: string): string | undefined {
  const all = maskSecrets(asOnTerminal(output))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  for (const form of forms) {
    const found = all.findLast((line) => form.test(line));
    if (found !== undefined) return scriptsWord(all, found) ?? found;
  }
  return all.at(-1);
}

/** What a maintainer script said last, before dpkg says only whose it was; undefined where it said nothing. */
function scriptsWord(lines: readonly string[], found: string): string | undefined {
  if (!found.startsWith('dpkg: error processing ')) return undefined;
  const said = lines[lines.lastIndexOf(found) - 1];
  return said === undefined || progress.test(said) ? undefined : said;
}

const progress =
  /^(?:dpkg|Setting up|Unpacking|Preparing to|Processing triggers|Installing new version|Selecting|\(Reading)\b/;

const forms: readonly RegExp[] = [
  // Python's last word, SQLAlchemy's and MySQL's own numbers.
  /^(?:[\w.]+\.)?[A-Z]\w*(?:Error|Exception|NotFound|Refused|Timeout)\b(?::| \()/,
  /\bERROR \d{4} \(/,
  /\(\d{4}, ['"]/,
  // A program that names a file and errno's text: `/usr/sbin/x: 3: cannot open /etc/y: No such file`.
  /^\/?[\w./-]+: (?:line )?\d+: .+: .+/,
  /: (?:No such file(?: or directory)?|Permission denied|No space left on device|Connection refused|Read-only file system)/i,
  /\b(?:CRITICAL|FATAL)\b[: ]/,
  // dpkg and apt, whose last line only counts.
  /^dpkg: error .*: .+/,
  /^E: (?!Sub-process)/,
  /\bERROR\b[: ]/,
  /^[\w./-]+: (?:error|fatal|failed)\b/i,
];
