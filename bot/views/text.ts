import { maskSecrets } from '../../handlers/redaction/redact.ts';
import { countText, fewNames } from '../../handlers/words/counts.ts';

export { countText, fewNames };

/**
 * How times are written. `slack`: in the time zone of whoever reads, which Slack alone can do. `plain`: in UTC, for a
 * workspace that shows the markup of dates as it is.
 */
export type DateStyle = 'slack' | 'plain';

/** Text of hosts and people for a mrkdwn object, on one line: nothing in it fires a mention or a link or fakes a line. */
export const oneLineMrkdwn = (text: string, max = 300): string => escapeToFit(oneLine(text), max);

interface SentenceOptions {
  readonly dates: DateStyle;
  /** Ids in the text that become mentions. */
  readonly people?: readonly string[];
  readonly max?: number;
}

/**
 * As `oneLineMrkdwn`, but the people whom it is known to name are mentioned, and times become readable. For answers to one person,
 * where a mention calls nobody.
 */
export function sentenceMrkdwn(
  text: string,
  { dates, people = [], max = 2900 }: SentenceOptions,
): string {
  return escapeToFit(makeVisible(text), max)
    .replaceAll(/\b[A-Z0-9]+\b/g, (word) => (people.includes(word) ? mention(word) : word))
    .replaceAll(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, (at) => timeText(at, dates));
}

/** A sentence with its full stop, also where it came with one. */
export const withFullStop = (text: string): string => (/[.?!…:]$/.test(text) ? text : `${text}.`);

/** Text of hosts and people for a plain_text object, which needs no escaping: on one line and cut. */
export const plainLabel = (text: string, max: number): string => cutText(oneLine(text), max);

/** Escapes what Slack reads as markup, and cuts so that the result has at most `max` characters. */
export function escapeToFit(text: string, max: number): string {
  let fitted = '';
  for (const character of text) {
    const escaped = ESCAPES[character] ?? character;
    if (fitted.length + escaped.length > max - 1) {
      // A long one is not gone through to its end: nothing becomes shorter.
      const whole = text.length > max ? undefined : escapeMrkdwn(text);
      return whole !== undefined && whole.length <= max ? whole : `${fitted}…`;
    }
    fitted += escaped;
  }
  return fitted;
}

export const escapeMrkdwn = (text: string): string =>
  text.replaceAll(/[&<>]/g, (character) => ESCAPES[character] ?? character);

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  let kept = '';
  for (const character of text) {
    if (kept.length + character.length > max - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

/**
 * Makes characters seen that a reader would not see, or that would show the others in another order: what is approved has
 * to be what is read.
 */
export const makeVisible = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu, (character) =>
    character === '\n'
      ? character
      : `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
  );

const oneLine = (text: string): string => makeVisible(text.replaceAll(/\s+/g, ' ').trim());

/** Inline code. Slack has no way to write a backtick in it, so another character stands for it. */
export const inlineCode = (text: string, max = 2900): string =>
  text.trim() === '' ? '' : `\`${escapeToFit(makeVisible(text).replaceAll('`', 'ˋ'), max - 2)}\``;

/** Each line as code of its own: a fence would show as three backticks where Slack's own client does not draw it. */
export const codeLines = (text: string): string[] =>
  text.split('\n').map((line) => inlineCode(line));

/** The output of a host as a person saw it on a terminal: without colours, and with what overwrote a line. */
export const asOnTerminal = (output: string): string =>
  output
    .replaceAll(ANSI, '')
    .split('\n')
    .map((line) =>
      line
        .replace(/\r+$/, '')
        .replace(/^[^]*\r/, '')
        .replaceAll('\t', '    '),
    )
    .join('\n');

// oxlint-disable-next-line no-control-regex -- a terminal's own words begin with ESC
const ANSI = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;

/** The last lines of an output as code, without secrets, at most `lines` and `max` characters in all; the end is what counts. */
export function lastLinesAsCode(output: string, { lines = 8, max = 1500 } = {}): string {
  const all = maskSecrets(asOnTerminal(output)).trimEnd().split('\n').slice(-lines);
  const kept: string[] = [];
  let left = max;
  for (const line of all.toReversed()) {
    const coded = inlineCode(line, Math.min(300, left - 1));
    if (coded.length + 1 > left || left < 20) break;
    kept.unshift(coded);
    left -= coded.length + 1;
  }
  return kept.join('\n');
}

/** A time for the reader: the hour alone within half a day of `now`, else with its day. */
export function timeText(at: string, dates: DateStyle, now: string = at): string {
  const isNear = Math.abs(Date.parse(now) - Date.parse(at)) < 12 * 3_600_000;
  const utc = `${isNear ? '' : `${at.slice(0, 10)} `}${at.slice(11, 16)} UTC`;
  if (dates === 'plain') return utc;
  const format = isNear ? '{time}' : '{date_short_pretty} {time}';
  return `<!date^${Math.floor(Date.parse(at) / 1000)}^${format}|${utc}>`;
}

/** A duration rounded to what matters: `less than 1 s`, `41 s`, `3 min`, `2 h 12 min`, `1 d 3 h`. */
export function durationText(ms: number): string {
  if (ms < 500) return 'less than 1 s';
  const seconds = Math.round(ms / 1000);
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 24 * 60) return pair(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const hours = Math.round(minutes / 60);
  return pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

const pair = (big: number, bigUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;

export const durationBetween = (from: string, to: string): string =>
  durationText(Date.parse(to) - Date.parse(from));

/** Mention of a user, or of a user group when the id is one's. */
export const mention = (id: string): string => {
  const safe = id.replaceAll(/[^A-Z0-9]/g, '');
  return id.startsWith('S') ? `<!subteam^${safe}>` : `<@${safe}>`;
};

export const mentions = (ids: readonly string[], shown = 20): string =>
  fewNames([...new Set(ids)].map(mention), shown);
