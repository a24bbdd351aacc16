import type { Delivering } from './deliver.ts';

/** Links never change. A message is asked about once by each process; as many as that are kept. */
const known = new Map<string, string>();
const mostKept = 500;

/** A link to a message; undefined where it is not there, or Slack does not say. */
export async function linkTo(
  { slack, log }: Pick<Delivering, 'slack' | 'log'>,
  ts: string | undefined,
  channel: string,
): Promise<string | undefined> {
  if (ts === undefined) return undefined;
  const key = `${channel} ${ts}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  try {
    const { permalink } = await slack.chat.getPermalink({ channel, message_ts: ts });
    if (permalink === undefined) return undefined;
    if (known.size >= mostKept) known.clear();
    known.set(key, permalink);
    return permalink;
  } catch (error) {
    log.info({ channel, err: error }, 'slack did not say where a message is');
    return undefined;
  }
}
