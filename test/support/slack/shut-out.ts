/** Why Slack lets nothing of ours in. */
export type ShutOutCode =
  'is_archived' | 'not_in_channel' | 'channel_not_found' | 'token_revoked' | 'account_inactive';

/**
 * What a method answers meanwhile; undefined where it works all the same. By the error lists of the method pages on
 * docs.slack.dev: an archived channel can be read, and chat.update calls it `is_inactive`; out of a public channel that it left
 * a bot reads nothing; a private one that it left is not there for it.
 */
export function refusalWhileShut(code: ShutOutCode, method: string): string | undefined {
  const isRead = method.startsWith('conversations.');
  const isWrite = method.startsWith('chat.') || method === 'files.completeUploadExternal';
  switch (code) {
    case 'is_archived':
      if (!isWrite) return undefined;
      return method === 'chat.update' ? 'is_inactive' : code;
    case 'not_in_channel':
    case 'channel_not_found':
      return isRead || isWrite ? code : undefined;
    case 'token_revoked':
    case 'account_inactive':
      return method === 'response_url' ? undefined : code;
  }
}
