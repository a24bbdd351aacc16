import { WebClient } from '@slack/web-api';
import { openAccessLists } from '../../bot/desk/access.ts';
import {
  type SlackSetback,
  isAboutUs,
  isMalformedMessage,
  isShutOut,
  isShutOutOfAll,
  slackHint,
  slackSetback,
  unchangeableCodes,
} from '../../bot/outbox/slack-errors.ts';
import { lookAtThread } from '../../bot/outbox/thread-sight.ts';
import { checkSlackChannel } from '../../bot/slack/channel.ts';
import {
  requestRefusals,
  socketClosureOf,
  tokenRefusalOf,
} from '../../bot/slack/token-refusals.ts';
import { OperatorError } from '../../handlers/contract/errors.ts';
import { openFakeSlack } from '../support/slack/fake-slack.ts';
import { infoFields, refusalsByInfo } from '../../jobs/redis/reach/info.ts';
import { redisRefusalOf } from '../../jobs/redis/reach/refusals.ts';
import { forwardRefusalOf, sessionRefusalOf } from '../../jobs/ssh/channel-refusals.ts';
import { noShell } from '../../jobs/remote/shell.ts';
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
  { seen, hostKey, forward, session, shell, file }: SshRow,
  end: SshEnd,
  bastion: string,
) {
  if (seen !== undefined) return refusedBy(end, sshRefusalOf(withoutUnset(seen), end));
  if (forward !== undefined)
    return refusedBy(end, forwardRefusalOf(forward, { host: end.host, bastion }));
  if (session !== undefined) return refusedBy(end, sessionRefusalOf(session, end));
  if (shell !== undefined) return noShell(end, 'checking', { code: shell.exit, said: shell.said });
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
    case 'files.getUploadURLExternal':
    case 'files.completeUploadExternal':
      return fileOutcome(client, row);
    case 'conversations.replies':
      return threadOutcome(client);
    case 'conversations.info':
      return channelOutcome(client);
    default:
      return messageOutcome(client, row);
  }
}

function mishapOf({ error, status, retryAfter }: SlackRow) {
  if (error !== undefined) return { error };
  if (status !== undefined) return { status };
  return retryAfter === undefined ? 'never arrives' : { retryAfter };
}

async function messageOutcome({ chat }: WebClient, { method, error: code = '' }: SlackRow) {
  const isChange = method === 'chat.update';
  const setback = await setbackOf(
    isChange
      ? chat.update({ channel: 'C012', ts: '1.2', text: 'x' })
      : chat.postMessage({ channel: 'C012', text: 'x' }),
  );
  if (setback.is !== 'refused') return passingOutcome(setback);
  const hint = slackHint(code, 'C012');
  if (isShutOut(code)) return shutOutcome(code);
  if (unchangeableCodes.has(code))
    return { says: code, hint: 'Nothing: it is posted anew.', does: 'anew' };
  const does = isMalformedMessage(code) ? 'plain' : 'drop';
  return { says: `slack refused a message: ${code}`, hint, does };
}

const shutOutcome = (code: string): Outcome => ({
  says: `slack takes no messages ${isAboutUs(code) ? 'from us' : 'in channel C012'}: ${code}`,
  hint: slackHint(code, 'C012'),
  does: 'later',
});

async function fileOutcome(client: WebClient, { error: code = '' }: SlackRow): Promise<Outcome> {
  const setback = await setbackOf(
    client.files.uploadV2({ channel_id: 'C012', filename: 'x.txt', content: 'x' }),
  );
  if (setback.is !== 'refused') return passingOutcome(setback);
  if (isShutOutOfAll(code)) return shutOutcome(code);
  return {
    says: `slack did not take a file: ${code}`,
    hint: 'Nothing: its words are posted as messages.',
    does: 'messages',
  };
}

async function threadOutcome(client: WebClient): Promise<Outcome> {
  const sight = await lookAtThread(client, { channel: 'C012', threadTs: '1.2' });
  if (sight.is === 'seen')
    return { says: 'the thread is gone', hint: 'Nothing: it is posted anew.', does: 'anew' };
  return isShutOutOfAll(sight.why)
    ? shutOutcome(sight.why)
    : { says: sight.why, hint: 'Nothing: Slack is asked again.', does: 'retry' };
}

async function channelOutcome(client: WebClient): Promise<Outcome> {
  const error = await checkSlackChannel(client, 'C012').then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof OperatorError
    ? { says: error.message, hint: error.hint, does: 'stop' }
    : { says: 'nothing', hint: 'Nothing: the posts find out.', does: 'look' };
}

const setbackOf = async (call: Promise<unknown>): Promise<SlackSetback> =>
  slackSetback(
    await call.then(
      () => undefined,
      (error: unknown) => error,
    ),
  );

function passingOutcome(setback: Exclude<SlackSetback, { is: 'refused' }>): Outcome {
  return setback.is === 'limited'
    ? {
        says: 'slack asked us to wait',
        hint: `Nothing: it is sent after ${setback.retryAfterMs / 1000} s.`,
        does: 'wait',
      }
    : {
        says: 'a post may or may not have happened',
        hint: 'Nothing: Slack is asked whether it stands there, and only then it is sent again.',
        does: 'look',
      };
}
