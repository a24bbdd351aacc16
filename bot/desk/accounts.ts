import type { WebClient } from '@slack/web-api';

export interface AccountsClient {
  readonly users: Pick<WebClient['users'], 'info'>;
  readonly auth: Pick<WebClient['auth'], 'test'>;
}

/** The workspace that the bot is in, and its organisation where it has one. */
export interface HomeWorkspace {
  readonly team?: string;
  readonly organisation?: string;
}

/** Slack's `auth.test` says where the bot itself is. */
export async function homeWorkspace({ auth }: AccountsClient): Promise<HomeWorkspace> {
  const { team_id: team, enterprise_id: organisation } = await auth.test();
  if (team === undefined && organisation === undefined) throw new Error('no workspace');
  return { ...(team && { team }), ...(organisation && { organisation }) };
}

/** Why an account may do nothing on any cloud, as a code. */
export type AccountBar = 'deleted' | 'bot' | 'guest' | 'invited' | 'unconfirmed' | 'elsewhere';

/** Why this account is barred, by its own fields alone: never by a name that people choose. Undefined for who is not. */
export async function accountBar(
  { users }: AccountsClient,
  id: string,
  home: HomeWorkspace,
): Promise<AccountBar | undefined> {
  const { user } = await users.info({ user: id });
  if (user?.id !== id) throw new Error('no such account');
  if (user.deleted === true) return 'deleted';
  if (user.is_bot === true || id === 'USLACKBOT') return 'bot';
  if (user.is_restricted === true || user.is_ultra_restricted === true) return 'guest';
  if (user.is_stranger === true || !isAtHome(user, home)) return 'elsewhere';
  if (user.is_invited_user === true) return 'invited';
  return user.is_email_confirmed === false ? 'unconfirmed' : undefined;
}

type Account = NonNullable<Awaited<ReturnType<AccountsClient['users']['info']>>['user']>;

/** Of the bot's own workspace, or of its organisation. An account that does not say where it belongs is of neither. */
const isAtHome = (
  { team_id: team, enterprise_user: inOrganisation }: Account,
  home: HomeWorkspace,
): boolean =>
  (team !== undefined && (team === home.team || team === home.organisation)) ||
  (home.organisation !== undefined && inOrganisation?.enterprise_id === home.organisation);

/** The same in a sentence to the person whose account it is. */
export const barredSentence = (bar: AccountBar): string => BARRED[bar];

const BARRED: Readonly<Record<AccountBar, string>> = {
  deleted: 'your account is deactivated',
  bot: 'bots cannot do that',
  guest: 'guests cannot do that',
  invited: 'your account is only invited: accept the invitation first',
  unconfirmed: 'the e-mail address of your account is not confirmed',
  elsewhere: 'people from other workspaces cannot do that',
};
