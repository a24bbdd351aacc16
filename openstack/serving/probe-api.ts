import type { Found } from './found.ts';
import type { ServingLogin } from './login.ts';
import { type AskOnce, askOnce, codeOf } from './request.ts';

export interface ProbedApi {
  readonly url: string;
  /** Whether keystone itself answers there: then asking for a token is asking this API. */
  readonly isIdentity: boolean;
}

interface Asking {
  readonly login: ServingLogin;
  readonly ca?: string | undefined;
  readonly timeoutMs: number;
  readonly ask?: AskOnce;
}

/**
 * Asks one API again and again, as a user would: with a token, over a new connection each time. An answer is undefined where
 * it says nothing yet: a token was refused that was good before, and the next look has another one. Never rejects.
 */
export function openApiProbe(
  { url, isIdentity }: ProbedApi,
  { login, ca, timeoutMs, ask = askOnce }: Asking,
): () => Promise<Found | undefined> {
  let refused: string | undefined;

  function foundRefused(token: string): Found | undefined {
    // Two tokens in a row: it is the API.
    if (refused !== undefined && refused !== token) return { is: 'down', why: 'HTTP 401' };
    refused = token;
    login.refused(token);
    return withoutToken();
  }

  function withoutToken(): Found | undefined {
    const problem = login.problem();
    return problem === undefined ? undefined : { is: 'notProbed', why: `no token: ${problem}` };
  }

  return async () => {
    if (isIdentity && login.isDue()) return login.renew();
    const token = login.token();
    if (token === undefined) return withoutToken();
    try {
      const headers = { 'x-auth-token': token };
      const { status } = await ask({ url, headers, timeoutMs, ...(ca !== undefined && { ca }) });
      if (status === 401) return foundRefused(token);
      refused = undefined;
      return status < 400 ? { is: 'up' } : { is: 'down', why: `HTTP ${status}` };
    } catch (error) {
      return { is: 'down', why: codeOf(error) };
    }
  };
}
