import type { WebClient } from '@slack/web-api';
import { GroupNeedsWorkspace, type GroupsClient, groupMembers } from './group-members.ts';
import type { AccessLists } from './rights.ts';

interface Client extends GroupsClient {
  readonly users: Pick<WebClient['users'], 'info'>;
}

/** Reads groups and accounts from Slack; an answer is good for `ttlMs`, a missing one is asked for again each time. */
export function openAccessLists(
  client: Client,
  { ttlMs = 60_000, now = Date.now } = {},
): AccessLists {
  const membersOf = remembered((group: string) => groupMembers(client, group));
  const whyBarred = remembered(async (id: string) => {
    const { user } = await client.users.info({ user: id });
    if (user?.id !== id) throw new Error('no such account');
    return barredBy(user);
  });

  async function isIn(user: string, list: readonly string[], doubts: Set<string>) {
    if (list.includes(user)) return true;
    const groups = list.filter((id) => id.startsWith('S'));
    const found = await Promise.all(
      groups.map(async (group) => {
        try {
          return (await membersOf(group)).has(user);
        } catch (error) {
          const again = error instanceof GroupNeedsWorkspace ? '' : ' Try again in a minute.';
          doubts.add(
            `Slack did not say who is in <!subteam^${group}> (${reasonOf(error)}), so for now nobody is.${again}`,
          );
          return false;
        }
      }),
    );
    return found.includes(true);
  }

  async function barred(user: string): Promise<string | undefined> {
    try {
      return await whyBarred(user);
    } catch (error) {
      return `Slack did not confirm your account (${reasonOf(error)})`;
    }
  }

  function remembered<T>(ask: (key: string) => Promise<T>): (key: string) => Promise<T> {
    const answers = new Map<string, { readonly at: number; readonly answer: Promise<T> }>();
    return (key) => {
      const known = answers.get(key);
      if (known !== undefined && now() - known.at < ttlMs) return known.answer;
      const answer = ask(key);
      answers.set(key, { at: now(), answer });
      answer.catch(() => answers.delete(key));
      return answer;
    };
  }

  return {
    rightsOf: async (user, { engineers, approvers }) => {
      const doubts = new Set<string>();
      const [isEngineer, isApprover] = await Promise.all([
        isIn(user, engineers, doubts),
        isIn(user, approvers, doubts),
      ]);
      const reason = isEngineer || isApprover ? await barred(user) : undefined;
      return {
        id: user,
        isEngineer: isEngineer && reason === undefined,
        isApprover: isApprover && reason === undefined,
        doubts: [...doubts],
        ...(reason === undefined ? {} : { barred: reason }),
      };
    },
  };
}

type Account = NonNullable<Awaited<ReturnType<Client['users']['info']>>['user']>;

function barredBy(user: Account): string | undefined {
  if (user.deleted) return 'your account is deactivated';
  if (user.is_bot) return 'bots cannot do that';
  if (user.is_restricted || user.is_ultra_restricted) return 'guests cannot do that';
  if (user.is_stranger) return 'people from other workspaces cannot do that';
  return undefined;
}

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message.replace(/^An API error occurred: /, '') : String(error);
