import { type KnownSecrets, openKnownSecrets } from '../../../handlers/redaction/known.ts';
import { redactText } from '../../../handlers/redaction/redact.ts';
import type { RunEvent } from '../../run/events.ts';
import { secretsOfRun } from '../../run/known-secrets.ts';
import type { Run } from '../../run/run.ts';
import type { Keeping } from './seal.ts';
import { latest } from '../../../handlers/contract/latest.ts';
import type { RunStore } from '../store.ts';

/** Masks the secrets of a text that is about a run: the same secret reads the same mark wherever that run says it. */
export type RedactRun = (run: Run) => (text: string) => string;

/** Known values are looked up once for each set of files that a run knows. */
export function openRedaction({ mark }: Pick<Keeping, 'mark'>): RedactRun {
  const known = latest<{ readonly values: number; readonly secrets: KnownSecrets }>(50);
  const secretsOf = (run: Run): KnownSecrets => {
    const values = secretsOfRun(run);
    const found = known.get(run.id);
    return found?.values === values.length
      ? found.secrets
      : known.keep(run.id, { values: values.length, secrets: openKnownSecrets(values) }).secrets;
  };
  return (run) => {
    let secrets: KnownSecrets | undefined;
    // Most events have no words.
    return (text) =>
      text === ''
        ? text
        : redactText(text, (secrets ??= secretsOf(run)), (secret) => mark(run.id, secret));
  };
}

/** A store whose events say nothing secret in the words that are for people. */
export function redactedStore(store: RunStore, redact: RedactRun): RunStore {
  return {
    ...store,
    append: (id, next) =>
      store.append(id, (run) => {
        const event = next(run);
        return event === undefined ? undefined : redactedEvent(event, redact(run));
      }),
  };
}

/** Names and numbers stay, and so does what runs and what undo needs. */
export function redactedEvent(event: RunEvent, redact: (text: string) => string): RunEvent {
  const words = Object.entries(event).map(([name, value]) => [
    name,
    typeof value === 'string' && FOR_PEOPLE.has(name) ? redact(value) : value,
  ]);
  const redacted: RunEvent = { ...event, ...Object.fromEntries(words) };
  if (redacted.type !== 'StepStopped') return redacted;
  const alive = redacted.alive.map(({ pid, command }) => ({ pid, command: redact(command) }));
  return { ...redacted, alive };
}

const FOR_PEOPLE: ReadonlySet<string> = new Set(
  'tail reason hint command evidence unseen changes proof'.split(' '),
);
