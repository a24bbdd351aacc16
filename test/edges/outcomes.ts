import { WebClient } from '@slack/web-api';
import { openAccessLists } from '../../bot/desk/access.ts';
import {
  isMalformedMessage,
  slackHint,
  slackSetback,
  unchangeableCodes,
} from '../../bot/outbox/slack-errors.ts';
import {
  requestRefusals,
  socketClosureOf,
  tokenRefusalOf,
} from '../../bot/slack/token-refusals.ts';
import { openFakeSlack } from '../support/slack/fake-slack.ts';
import { infoFields, refusalsByInfo } from '../../jobs/redis/reach/info.ts';
import { redisRefusalOf } from '../../jobs/redis/reach/refusals.ts';
import { forwardRefusalOf, sessionRefusalOf } from '../../jobs/ssh/channel-refusals.ts';
import { type SshEnd, hostKeyRefused, keyFileUnusable, refusedBy } from '../../jobs/ssh/errors.ts';
import { readKeyFile } from '../../jobs/ssh/private-key.ts';
import { type Seen, sshRefusalOf } from '../../jobs/ssh/refusals.ts';
import type { RedisRow, SlackRow, SshRow } from './rows.ts';

/** What Hopscotch makes of a refusal. */
export interface Outcome {
  readonly says: string;
  readonly hint: string;
  readonly does: string;
}

/** The host and the key of the table. */
export const documented: SshEnd = {
  host: 'cmp1',
  address: '10.0.0.21',
  port: 22,
  user: 'deploy',
  key: '/keys/deploy',
  knownHosts: '/keys/known_hosts',
};

const shownKey = Buffer.concat([
  Buffer.from([0, 0, 0, 11]),
  Buffer.from('ssh-ed25519'),
  Buffer.alloc(36),
]);

const otherKey = Buffer.concat([shownKey, Buffer.from([1])]);

export function sshOutcome(row: SshRow, end: SshEnd, bastion = 'the bastion'): Outcome {
  const { message, hint, disposition } = sshErrorOf(row, end, bastion);
  return { says: message.slice(message.indexOf('): ') + 3), hint, does: disposition };
}

function sshErrorOf(
  { seen, hostKey, forward, session, file }: SshRow,
  end: SshEnd,
  bastion: string,
) {
  if (seen !== undefined) return refusedBy(end, sshRefusalOf(withoutUnset(seen), end));
  if (forward !== undefined)
    return refusedBy(end, forwardRefusalOf(forward, { host: end.host, bastion }));
  if (session !== undefined) return refusedBy(end, sessionRefusalOf(session, end));
  if (file !== undefined) {
    const held = readKeyFile(file);
    if ('is' in held) return keyFileUnusable(end, held);
    throw new Error('a key that is taken');
  }
  if (hostKey === undefined) throw new Error('a row without an input');
  const known = hostKey.verdict === 'changed' ? [{ type: 'ssh-ed25519', key: otherKey }] : [];
  const { verdict, uncertified } = hostKey;
  return hostKeyRefused(end, {
    verdict,
    key: shownKey,
    known,
    ...(uncertified === undefined ? {} : { uncertified }),
  });
}

const withoutUnset = (seen: NonNullable<SshRow['seen']>): Seen =>
  JSON.parse(JSON.stringify(seen)) as Seen; // the same fields, the unset ones left out

export function redisOutcome({ error, system, info }: RedisRow): Outcome {
  const refusal =
    info === undefined
      ? redisRefusalOf(
          Object.assign(new Error(error), system === undefined ? {} : { code: system }),
        )
      : refusalsByInfo(infoFields(`role:master\n${info}`))[0];
  if (refusal === undefined) throw new Error(`nothing is known of ${error ?? info}`);
  const { says, hint, disposition } = refusal;
  return { says, hint, does: disposition };
}

/** Asks a pretended Slack that answers as the row says, and lets the product judge. */
export async function slackOutcome(row: SlackRow): Promise<Outcome> {
  const { method, error: code = '', closed } = row;
  if (closed !== undefined) {
    const { says, hint = '' } = socketClosureOf(closed);
    return { says, hint, does: 'reconnect' };
  }
  if (method === 'request') {
    const refusal = Object.entries(requestRefusals).find(([name]) => name === code)?.[1];
    if (refusal === undefined) throw new Error(`no refusal named ${code}`);
    return { ...refusal, does: 'stop' };
  }
  const slack = openFakeSlack({ users: { UBEN: {} }, groups: { SENG: ['UBEN'] } });
  const mishap = mishapOf(row);
  slack.next(method, mishap, mishap);
  const client = new WebClient('xoxb-1', {
    fetch: slack.fetch,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
  });
  switch (method) {
    case 'apps.connections.open':
    case 'auth.test': {
      const token = method === 'auth.test' ? 'SLACK_BOT_TOKEN' : 'SLACK_APP_TOKEN';
      const refusal = tokenRefusalOf(token, { code });
      return refusal === undefined
        ? { says: code, hint: 'Nothing: Slack is asked again.', does: 'retry' }
        : { ...refusal, does: 'stop' };
    }
    case 'users.info':
    case 'usergroups.users.list': {
      const lists = { engineers: method === 'users.info' ? ['UBEN'] : ['SENG'], approvers: [] };
      const { barred, doubts } = await openAccessLists(client).rightsOf('UBEN', lists);
      return { says: barred ?? doubts.join(), hint: '', does: 'ask' };
    }
    default:
      return messageOutcome(client, code);
  }
}

function mishapOf({ error, status, retryAfter }: SlackRow) {
  if (error !== undefined) return { error };
  if (status !== undefined) return { status };
  return retryAfter === undefined ? 'never arrives' : { retryAfter };
}

async function messageOutcome({ chat }: WebClient, code: string): Promise<Outcome> {
  const isChange = unchangeableCodes.has(code);
  const asked = isChange
    ? chat.update({ channel: 'C012', ts: '1.2', text: 'x' })
    : chat.postMessage({ channel: 'C012', text: 'x' });
  const setback = slackSetback(
    await asked.then(
      () => undefined,
      (error: unknown) => error,
    ),
  );
  switch (setback.is) {
    case 'limited':
      return {
        says: 'slack asked us to wait',
        hint: `Nothing: it is sent after ${setback.retryAfterMs / 1000} s.`,
        does: 'wait',
      };
    case 'unclear':
      return {
        says: 'a post may or may not have happened',
        hint: 'Nothing: Slack is asked whether it stands there, and only then it is sent again.',
        does: 'look',
      };
    case 'refused': {
      if (isChange)
        return { says: setback.code, hint: 'Nothing: it is posted anew.', does: 'anew' };
      const does = isMalformedMessage(setback.code) ? 'plain' : 'drop';
      return { says: `slack refused a message: ${code}`, hint: slackHint(code, 'C012'), does };
    }
  }
}
