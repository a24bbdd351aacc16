import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api';
import type { Redis } from 'ioredis';
import { z } from 'zod';

/** What Slack said about accounts and groups, kept for the time in which it says nothing. */
export interface ConfirmedAnswers {
  readonly keep: (about: string, answer: unknown) => Promise<void>;
  /** Undefined where nothing was said, or too long ago. */
  readonly recall: (about: string) => Promise<ConfirmedAnswer | undefined>;
  readonly forget: (about: string) => Promise<void>;
}

const ConfirmedAnswer = z.object({
  /** When Slack said it; ISO 8601. */
  at: z.iso.datetime(),
  answer: z.unknown(),
});
export type ConfirmedAnswer = z.infer<typeof ConfirmedAnswer>;

/** In Redis, so that a restart forgets nothing. `keptMs` 0 keeps nothing. */
export function openConfirmedAnswers(
  redis: Redis,
  { keptMs, now }: { readonly keptMs: number; readonly now: () => string },
): ConfirmedAnswers {
  return {
    keep: async (about, answer) => {
      if (keptMs > 0)
        await redis.set(keyOf(about), JSON.stringify({ at: now(), answer }), 'PX', keptMs);
    },
    recall: async (about) => {
      const kept = await redis.get(keyOf(about));
      const known = kept === null ? undefined : ConfirmedAnswer.safeParse(JSON.parse(kept)).data;
      const isFresh =
        known !== undefined && Date.parse(now()) - Date.parse(known.at) < keptMs && keptMs > 0;
      return isFresh ? known : undefined;
    },
    forget: async (about) => {
      await redis.del(keyOf(about));
    },
  };
}

const keyOf = (about: string): string => `hopscotch:slack:${about}`;

/** Why Slack says neither yes nor no of a person: it gives no answer at all, or refuses us by this code, whatever is asked. */
export type SlackUntold =
  { readonly is: 'silent' } | { readonly is: 'refusesUs'; readonly code: string };

/** Undefined for an answer about what was asked, also where that is a no. */
export function slackUntold(error: unknown): SlackUntold | undefined {
  if (error instanceof WebAPIPlatformError) {
    const { error: code } = error.data;
    if (ofOurToken.has(code)) return { is: 'refusesUs', code };
    return passing.has(code) ? { is: 'silent' } : undefined;
  }
  const isSilent =
    error instanceof WebAPIRequestError ||
    error instanceof WebAPIHTTPError ||
    error instanceof WebAPIRateLimitedError;
  return isSilent ? { is: 'silent' } : undefined;
}

/** The token or the app is not accepted, which says nothing of whom was asked about (docs.slack.dev, errors of every method). */
const ofOurToken: ReadonlySet<string> = new Set([
  'account_inactive',
  'invalid_auth',
  'not_authed',
  'team_disabled',
  'token_expired',
  'token_revoked',
  'user_removed_from_team',
]);

/** Slack's own trouble, whatever was asked (docs.slack.dev, errors of every method). */
const passing: ReadonlySet<string> = new Set([
  'fatal_error',
  'internal_error',
  'ratelimited',
  'rate_limited',
  'request_timeout',
  'service_unavailable',
]);
