import { WebAPIPlatformError, type WebClient } from '@slack/web-api';

export interface GroupsClient {
  readonly usergroups: { readonly users: Pick<WebClient['usergroups']['users'], 'list'> };
  readonly auth: { readonly teams: Pick<WebClient['auth']['teams'], 'list'> };
}

/** Why Slack does not say who is in a group, in whole words, where asking again cannot help. */
export class GroupNeedsWorkspace extends Error {
  override readonly name = 'GroupNeedsWorkspace';
}

/**
 * The people of a user group. To an app that is installed for a whole organisation Slack answers for one workspace at a
 * time (docs.slack.dev, usergroups.users.list): then each that the app is in is asked for it.
 */
export async function groupMembers(client: GroupsClient, group: string): Promise<Set<string>> {
  try {
    return await membersOf(client, { usergroup: group });
  } catch (error) {
    if (codeOf(error) !== 'missing_argument') throw error;
    return inWorkspaces(client, group);
  }
}

async function inWorkspaces(client: GroupsClient, group: string): Promise<Set<string>> {
  const teams = await client.auth.teams.list({ limit: 100 }).then(
    (answer) => answer.teams ?? [],
    () => [],
  );
  for (const { id } of teams) {
    if (id === undefined) continue;
    try {
      return await membersOf(client, { usergroup: group, team_id: id });
    } catch (error) {
      // Groups belong to one workspace: in the others there is none of that id.
      if (codeOf(error) !== 'no_such_subteam') throw error;
    }
  }
  throw new GroupNeedsWorkspace(
    'the app is installed for a whole organisation, and Slack tells it no groups: install it to the workspace, or name people by their ids in the cloud file',
  );
}

/** What to tell a person whose rights depend on a group that Slack does not tell. */
export function groupDoubt(group: string, error: unknown): string {
  const reason = codeOf(error) ?? (error instanceof Error ? error.message : String(error));
  return `Slack did not say who is in <!subteam^${group}> (${reason}), so for now nobody is.${adviceOn(error)}`;
}

/** Only some refusals pass by themselves. */
function adviceOn(error: unknown): string {
  if (error instanceof GroupNeedsWorkspace) return '';
  switch (codeOf(error) ?? '') {
    case 'missing_scope':
      return ' Install the app again with the scopes of manifest.json: it lacks usergroups:read.';
    case 'no_such_subteam':
    case 'subteam_not_found':
      return ' Correct the group in the cloud file.';
    case 'plan_upgrade_required':
    case 'paid_teams_only':
      return ' User groups need a paid plan of Slack: name people by their ids in the cloud file.';
    case 'permission_denied':
    case 'access_denied':
      return ' Ask the administrators of the workspace to let the app read user groups.';
    default:
      return ' Try again in a minute.';
  }
}

async function membersOf(
  { usergroups }: GroupsClient,
  what: { readonly usergroup: string; readonly team_id?: string },
): Promise<Set<string>> {
  const { users } = await usergroups.users.list(what);
  if (users === undefined) throw new Error('no list of users');
  return new Set(users);
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof WebAPIPlatformError ? error.data.error : undefined;
