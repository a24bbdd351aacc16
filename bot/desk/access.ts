import { WebAPIPlatformError } from '@slack/web-api';
import {
  type AccountBar,
  type AccountsClient,
  type HomeWorkspace,
  accountBar,
  barredSentence,
  homeWorkspace,
} from './accounts.ts';
import { slackUntold } from './confirmed.ts';
import { type GroupsClient, groupDoubt, groupMembers } from './group-members.ts';
import type { AccessLists, CloudRights } from './rights.ts';
import {
  type EarlierWord,
  type SlackAnswer,
  type SlackAnswersOptions,
  keptSlackAnswers,
} from './slack-answers.ts';

type Client = GroupsClient & AccountsClient & { readonly auth: GroupsClient['auth'] };

/** Reads groups and accounts from Slack. */
export function openAccessLists(client: Client, options: SlackAnswersOptions = {}): AccessLists {
  const home = keptSlackAnswers<HomeWorkspace>('workspace', () => homeWorkspace(client), options);
  const membersOf = keptSlackAnswers<readonly string[]>(
    'group',
    async (group) => [...(await groupMembers(client, group))],
    options,
  );
  const barOf = keptSlackAnswers<AccountBar | 'none'>(
    'account',
    async (id) => (await accountBar(client, id, (await home('home')).answer)) ?? 'none',
    options,
  );

  async function isIn(user: string, list: readonly string[], findings: Findings): Promise<boolean> {
    if (list.includes(user)) return true;
    const groups = list.filter((id) => id.startsWith('S'));
    const found = await Promise.all(
      groups.map((group) =>
        membersOf(group).then(
          (answer) => findings.heard(answer).includes(user),
          (error: unknown) => findings.missing(error, groupDoubt(group, error)),
        ),
      ),
    );
    return found.includes(true);
  }

  async function whyBarred(user: string, findings: Findings): Promise<string | undefined> {
    try {
      const bar = findings.heard(await barOf(user));
      return bar === 'none' ? undefined : barredSentence(bar);
    } catch (error) {
      findings.missing(error);
      return `Slack did not confirm your account (${reasonOf(error)})`;
    }
  }

  return {
    rightsOf: async (user, { engineers, approvers }) => {
      const findings = new Findings();
      const [isEngineer, isApprover] = await Promise.all([
        isIn(user, engineers, findings),
        isIn(user, approvers, findings),
      ]);
      const barred = isEngineer || isApprover ? await whyBarred(user, findings) : undefined;
      return {
        id: user,
        isEngineer: isEngineer && barred === undefined,
        isApprover: isApprover && barred === undefined,
        ...(barred !== undefined && { barred }),
        ...findings.told(),
      };
    },
  };
}

/** What looking up one person brought to light beside the answer. */
class Findings {
  readonly #doubts = new Set<string>();
  #isUnsure = false;
  #earlier: EarlierWord | undefined;

  heard<T>({ answer, earlier }: SlackAnswer<T>): T {
    const oldest = this.#earlier?.confirmedAt ?? earlier?.confirmedAt ?? '';
    if (earlier !== undefined && oldest >= earlier.confirmedAt) this.#earlier = earlier;
    return answer;
  }

  missing(error: unknown, doubt?: string): void {
    if (doubt !== undefined) this.#doubts.add(doubt);
    if (slackUntold(error) !== undefined) this.#isUnsure = true;
  }

  told(): Pick<CloudRights, 'doubts' | 'isUnsure' | 'earlier'> {
    return {
      doubts: [...this.#doubts],
      ...(this.#isUnsure && { isUnsure: true }),
      ...(this.#earlier !== undefined && { earlier: this.#earlier }),
    };
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof WebAPIPlatformError) return error.data.error;
  return error instanceof Error ? error.message : String(error);
}
