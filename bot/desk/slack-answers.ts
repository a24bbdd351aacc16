import type { Logger } from 'pino';
import { type ConfirmedAnswers, type SlackUntold, slackUntold } from './confirmed.ts';

export interface SlackAnswersOptions {
  /** How long an answer is taken for what Slack says now. */
  readonly ttlMs?: number;
  readonly now?: () => number;
  /** What counts while Slack says nothing. Unset: nothing does. */
  readonly confirmed?: ConfirmedAnswers;
  readonly log?: Pick<Logger, 'warn'>;
}

/** What Slack said; where it says nothing now, when that was, and why it does not. */
export interface SlackAnswer<T> {
  readonly answer: T;
  readonly earlier?: EarlierWord;
}

export interface EarlierWord {
  /** ISO 8601. */
  readonly confirmedAt: string;
  readonly untold: SlackUntold;
}

/** While Slack is silent it is not asked about the same again for so long. */
const silentMs = 10_000;

/**
 * Asks Slack with an answer kept in between: it is good for `ttlMs`, a missing one is asked for again each time, and what
 * was confirmed stands in for a Slack that is silent.
 */
export function keptSlackAnswers<T>(
  kind: string,
  ask: (key: string) => Promise<T>,
  { ttlMs = 60_000, now = Date.now, confirmed, log }: SlackAnswersOptions,
): (key: string) => Promise<SlackAnswer<T>> {
  const answers = new Map<
    string,
    { readonly until: number; readonly told: Promise<SlackAnswer<T>> }
  >();
  const unkept = (error: unknown): undefined => {
    log?.warn({ err: error }, 'what slack confirmed could not be kept or read');
    return undefined;
  };

  async function askOrRecall(key: string): Promise<SlackAnswer<T>> {
    const about = `${kind}:${key}`;
    try {
      const answer = await ask(key);
      await confirmed?.keep(about, answer).catch(unkept);
      return { answer };
    } catch (error) {
      const untold = slackUntold(error);
      if (untold === undefined) {
        await confirmed?.forget(about).catch(unkept);
        throw error;
      }
      const kept = await confirmed?.recall(about).catch(unkept);
      if (kept === undefined) throw error;
      const confirmedAt = kept.at;
      const why = untold.is === 'silent' ? 'is silent' : `refuses us (${untold.code})`;
      log?.warn({ about, confirmedAt, err: error }, `slack ${why}: its last word counts`);
      // This process and those of its version wrote it.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      return { answer: kept.answer as T, earlier: { confirmedAt, untold } };
    }
  }

  return (key) => {
    const known = answers.get(key);
    if (known !== undefined && now() < known.until) return known.told;
    const told = askOrRecall(key);
    answers.set(key, { until: now() + ttlMs, told });
    told.then(
      ({ earlier }) => {
        if (earlier !== undefined) answers.set(key, { until: now() + silentMs, told });
      },
      () => answers.delete(key),
    );
    return told;
  };
}
