// The log of every process: what may stand in it, and how often the same thing is said.
// Nothing that decides anything; loggers are opened in main.ts alone and passed down.
import { type Logger, type LoggerOptions, levels, pino } from 'pino';
import { errorForLog, messageForLog } from './error-for-log.ts';
import { type RepeatTimer, type RepeatCounter, openRepeatCounter, systemClock } from './repeats.ts';

interface Options {
  readonly name: string;
  readonly level: string;
  /** Unset: standard output. */
  readonly write?: (line: string) => void;
  readonly clock?: RepeatTimer;
}

/**
 * The logger of a process. Errors lose everything but what a person may read, at every level and under every name; a
 * warning that repeats, or an error at any level, is said once, then counted at growing intervals.
 */
export function openLog({ name, level, write, clock = systemClock }: Options): Logger {
  const said = openRepeatCounter(clock);
  const options: LoggerOptions = {
    name,
    level,
    // Pino's own serializer of `err` would keep every property, such as the arguments of a Redis command.
    serializers: { err: (shown: unknown) => shown },
    formatters: { log: (fields) => withoutSecrets(fields) },
    hooks: {
      logMethod(args, method, number) {
        const [fields, text] = lineOf(args);
        const say = (more: object = {}): void => method.call(this, { ...fields, ...more }, text);
        const isTrouble = number >= warn || 'err' in fields || fields['from'] === 'slack';
        if (!isTrouble) return say();
        repeat(said, { level: number, fields, text }, say);
      },
    },
  };
  return write === undefined ? pino(options) : pino(options, { write });
}

const warn = levels.values['warn'] ?? 40;

interface Line {
  readonly level: number;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly text: string;
}

function repeat(said: RepeatCounter, line: Line, say: (more?: object) => void): void {
  said.hear(keyOf(line), ({ count, sinceMs }) =>
    say(count === 0 ? {} : { repeated: count, inSeconds: Math.round(sinceMs / 1000) }),
  );
}

/**
 * What makes two lines the same: who says what about what. Numbers in it, such as ports and milliseconds, do not count, and
 * neither does which message of a run it is about: a run that Slack takes nothing of has ever more of them.
 */
function keyOf({ level, fields, text }: Line): string {
  const { err, ...rest } = fields;
  const about = ['runId', 'cloud', 'host', 'queue', 'process'].map((name) => rest[name]);
  const reason = err === undefined ? '' : messageForLog(err);
  return JSON.stringify([level, about, `${text} ${reason}`.replaceAll(/\d+/g, '#')]);
}

/** The arguments of a log call as fields and a text. An error alone is both. */
function lineOf(args: readonly unknown[]): [fields: Record<string, unknown>, text: string] {
  const [first, second] = args;
  if (typeof first === 'string') return [{}, first];
  if (first instanceof Error)
    return [{ err: first }, typeof second === 'string' ? second : messageForLog(first)];
  const fields = typeof first === 'object' && first !== null ? { ...first } : {};
  return [fields, typeof second === 'string' ? second : ''];
}

/** Errors wherever they stand. Deeper than any line of ours goes nothing is looked at, and nothing is shown. */
function withoutSecrets(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      name === 'err' ? errorForLog(value) : cleaned(value, 6),
    ]),
  );
}

function cleaned(value: unknown, depth: number): unknown {
  if (value instanceof Error) return errorForLog(value);
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return value;
  if (depth === 0) return '(deeper)';
  if (Array.isArray(value)) return value.map((each) => cleaned(each, depth - 1));
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([name, each]) => [name, cleaned(each, depth - 1)]));
}
