import { toShell } from '../../handlers/contract/command.ts';
import { onceEach } from '../../handlers/contract/once-each.ts';
import { isHarmlessValue, secretKind } from '../../handlers/redaction/names.ts';
import { secretsIn } from '../../handlers/redaction/redact.ts';
import type { Run } from './run.ts';

/**
 * The values that a run itself knows to be secret: what its files hold under secret names, before a step and after it, what
 * its commands read, and what its steps are given under such names.
 */
export function secretsOfRun({
  plan,
  apply,
  undo,
}: Pick<Run, 'plan' | 'apply' | 'undo'>): string[] {
  const planned = secretsOfSteps(plan.steps);
  const found = [apply, undo].flatMap((phase) => Object.values(phase).flatMap(secretsOfHosts));
  return [...new Set([...planned, ...found])];
}

const secretsOfSteps = onceEach((steps: Run['plan']['steps']): readonly string[] =>
  steps.flatMap((step) => secretsOfPart({ p: step.params, c: step.apply })),
);

/** The fold makes a new record of a step's hosts only where one of them changes. */
const secretsOfHosts = onceEach((hosts: Run['apply'][string]): readonly string[] => [
  ...new Set(
    Array.from(hosts.values(), ({ before, commands }) =>
      secretsOfPart({ b: before, c: commands }),
    ).flat(),
  ),
]);

/** What was found in a part of a run is kept with it: the parts of a run's states are the same objects. */
const secretsOfPart = (parts: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.values(parts).flatMap((part) =>
    part === null || typeof part !== 'object' ? [] : secretsWithin(part),
  );

const secretsWithin = onceEach((part: object): readonly string[] => [...walk(part, '')]);

function* walk(value: unknown, name: string): Generator<string> {
  if (typeof value === 'string') yield* secretsOfText(value, name);
  else if (Array.isArray(value)) {
    for (const one of value) yield* walk(one, name);
  } else if (isObject(value)) {
    const { option, words } = value;
    if (Array.isArray(words)) yield* secretsIn(toShell(words.map(String)));
    for (const [key, one] of Object.entries(value))
      yield* walk(one, key === 'value' && typeof option === 'string' ? option : key);
  }
}

function* secretsOfText(text: string, name: string): Generator<string> {
  const kind = secretKind(name);
  if (kind !== undefined && !isHarmlessValue(text, kind)) yield* variants(text);
  const content = name === 'content' ? (decoded(text) ?? text) : text;
  for (const secret of secretsIn(content)) yield* variants(secret);
}

/** A secret may be written in a language of its own: it is looked for as it stands, and as it is meant. */
function* variants(secret: string): Generator<string> {
  yield secret;
  try {
    yield decodeURIComponent(secret);
  } catch {
    // It has a percent sign of its own.
  }
}

/** What a probe found in a file is base64. */
function decoded(text: string): string | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.includes(0) ? undefined : bytes.toString();
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
