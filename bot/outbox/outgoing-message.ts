import type { types } from '@slack/bolt';

/** A message that should stand in Slack. */
export interface OutgoingMessage {
  /** Names the message within its run, for good. */
  readonly key: string;
  readonly channel: string;
  readonly text: string;
  readonly blocks: types.KnownBlock[];
  /** Said instead when Slack does not take the blocks. */
  readonly plain: string;
  readonly threadTs?: string;
  /** Shows a reply in the channel too. */
  readonly broadcast?: boolean;
  /** Posted once and never changed. */
  readonly fixed?: boolean;
  /** Between two changes of it, where that is longer than usual. */
  readonly spacingMs?: number;
  /** Changed as soon as Slack lets us: people wait for it. */
  readonly urgent?: boolean;
  /** Goes ahead of every other post of every run. */
  readonly isAlarm?: boolean;
}

/** With a mark of what it says. */
export type DigestedMessage = OutgoingMessage & { readonly digest: string };

/**
 * `ts` is there once the message stands in Slack; `againInMs` when there is more to do for it later; `shutOut` is why Slack
 * takes nothing until then.
 */
export interface MessageDelivery {
  readonly ts?: string;
  readonly againInMs?: number;
  readonly shutOut?: string;
}
