import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { readScripts } from '../../scripts/embed/embed.ts';
import { toShell, type Command } from '../../handlers/contract/command.ts';

/** A command as a case shows it: its shell line, and the rest beside it when there is more to say. */
const ShownCommand = z.union([
  z.string(),
  z.strictObject({
    line: z.string(),
    stdin: z.string().optional(),
    secret: z.boolean().optional(),
    as: z.string().optional(),
    okExits: z.union([z.array(z.int()), z.literal('any')]).optional(),
  }),
]);
export type ShownCommand = z.infer<typeof ShownCommand>;

/** What a command answered: its stdout, or all of it. */
const Answer = z.union([
  z.string().transform((stdout) => ({ exit: 0, stdout, stderr: '' })),
  z.strictObject({
    exit: z.int().default(0),
    stdout: z.string().default(''),
    stderr: z.string().default(''),
  }),
]);

const Text = z.string().describe('/a regex/');

const HandlerCase = z.strictObject({
  it: z.string(),
  params: z.unknown(),
  /** A regex: filling in `params` is refused with this. Everything else but `it` is left out then. */
  refused: Text.optional(),
  probe: z.array(ShownCommand).optional(),
  outputs: z.array(Answer).default([]),
  /** A regex: reading `outputs` ends with this message or hint. */
  error: Text.optional(),
  /** A regex: asking whether the state of `outputs` is what the step wants ends with this: it must not begin. */
  refuses: Text.optional(),
  /** The same of the state of `after`, once the step has run. */
  refusesAfter: Text.optional(),
  found: z.unknown().optional(),
  /** What `isDone` says of the state; null: it cannot tell. */
  done: z.boolean().nullable().optional(),
  apply: z.array(ShownCommand).optional(),
  masked: z.string().optional(),
  /** What the step does, and of what it changes what. */
  does: z
    .strictObject({
      says: z.string(),
      changes: z.array(z.string()),
      details: z.array(z.string()).optional(),
    })
    .optional(),
  changes: z.string().optional(),
  exit: z.enum(['reversible', 'restorable', 'oneWay']).optional(),
  asks: z.strictObject({ instructions: z.string(), proof: z.string() }).optional(),
  undoByPerson: z.string().optional(),
  /** What `probe` answers after the step: `doneAfter` and `undo` look at it; the state of `outputs` is what was before. */
  after: z.array(Answer).optional(),
  doneAfter: z.boolean().nullable().optional(),
  undo: z.array(ShownCommand).optional(),
  /** What `probe` answers after the undo, and whether that is what was before. */
  afterUndo: z.array(Answer).optional(),
  restored: z.boolean().optional(),
});
export type HandlerCase = z.infer<typeof HandlerCase>;

const File = z.strictObject({
  /** Scripts that many lines hold, by the paths of their files or as they are: `<name>` in a line stands for the whole text. */
  scripts: z.record(z.string(), z.string()).default({}),
  cases: z.array(HandlerCase).min(1),
});

const root = fileURLToPath(new URL('../..', import.meta.url));
const files = new Map((await readScripts(root)).map(({ path, text }) => [path, text]));

const folder = new URL('.', import.meta.url);
const ending = '.cases.yaml';

export const kindsWithCases = (): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length));

export function readCases(kind: string): readonly HandlerCase[] {
  const text = readFileSync(new URL(`${kind}${ending}`, folder), 'utf8');
  const { scripts, cases } = File.parse(parse(text, { merge: true }));
  const fill = (shown: ShownCommand): ShownCommand =>
    typeof shown === 'string' ? whole(shown) : { ...shown, line: whole(shown.line) };
  const whole = (line: string): string =>
    line.replaceAll(/<([a-z]+)>/g, (same, name: string) => textOf(scripts[name]) ?? same);
  return cases.map((one) => ({
    ...one,
    ...(one.probe && { probe: one.probe.map(fill) }),
    ...(one.apply && { apply: one.apply.map(fill) }),
    ...(one.undo && { undo: one.undo.map(fill) }),
  }));
}

function textOf(script: string | undefined): string | undefined {
  const isPath = script !== undefined && /^[a-z]+\/\S+$/.test(script);
  if (isPath && !files.has(script)) throw new Error(`a case names ${script}, which is no script`);
  return isPath ? files.get(script) : script;
}

/** A command as the cases write it. */
export function showCommand({ words, ...rest }: Command): ShownCommand {
  const line = toShell(words.map(shortened));
  if (Object.keys(rest).length === 0) return line;
  const { okExits, ...others } = rest;
  return {
    line,
    ...others,
    ...(okExits && { okExits: okExits.length === 256 ? ('any' as const) : okExits }),
  };
}

// Scripts that say what they do in error messages are long, and held by tests that run them: a case shows their arguments.
const shortened = (word: string): string =>
  /^what ?=/.test(word) ? `${word.slice(0, word.indexOf('\n'))} ...` : word;

export const regex = (text: string): RegExp => new RegExp(text.replace(/^\/([^]*)\/$/, '$1'));
