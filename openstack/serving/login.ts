import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { CloudServing } from '../../jobs/files/serving.ts';
import type { Found } from './found.ts';
import { type AskOnce, askOnce, codeOf } from './request.ts';

/** A login to keystone, kept while its token is good. */
export interface ServingLogin {
  /** Undefined while there is none. */
  readonly token: () => string | undefined;
  /** Whether a token has to be asked for: there is none, its time is nearly over, or an API refused it. */
  readonly isDue: () => boolean;
  /** Asks keystone for a token, and says how keystone is by that. Never rejects. */
  readonly renew: () => Promise<Found>;
  /** Why the last attempt to get one failed; undefined where it did not. */
  readonly problem: () => string | undefined;
  /** An API did not take this token. */
  readonly refused: (token: string) => void;
}

export interface LoginTools {
  readonly ask?: AskOnce;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Ms since the epoch. */
  readonly now?: () => number;
  readonly ca?: string;
}

interface HeldToken {
  readonly token: string;
  readonly untilMs: number;
  readonly isRefused?: true;
}

const renewBeforeMs = 300_000;

export function openServingLogin(
  { login, timeoutSeconds }: Pick<CloudServing, 'login' | 'timeoutSeconds'>,
  { ask = askOnce, env = process.env, now = Date.now, ca }: LoginTools = {},
): ServingLogin {
  let held: HeldToken | undefined;
  let problem: string | undefined;

  async function issue(): Promise<Found> {
    const password = await passwordOf(login.password, env);
    if (typeof password !== 'string') return { is: 'notProbed', ...password };
    const { status, headers, body } = await ask({
      url: `${login.url.replace(/\/$/, '')}/auth/tokens`,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(asked(login, password)),
      ...(ca !== undefined && { ca }),
      timeoutMs: timeoutSeconds * 1000,
    });
    const token = headers['x-subject-token'];
    if (status === 201 && typeof token === 'string') {
      held = { token, untilMs: expiryOf(body) ?? now() + 2 * renewBeforeMs };
      return { is: 'up' };
    }
    // It answers, but not with a token: nobody knows how the APIs are.
    const isRefusal = status >= 400 && status < 500;
    return isRefusal
      ? { is: 'notProbed', why: `keystone refuses the login: HTTP ${status}` }
      : { is: 'down', why: `HTTP ${status}` };
  }

  return {
    token: () => held?.token,
    isDue: () =>
      held === undefined || held.isRefused === true || now() > held.untilMs - renewBeforeMs,
    renew: async () => {
      const found = await issue().catch((error: unknown): Found => ({
        is: 'down',
        why: codeOf(error),
      }));
      problem = found.is === 'up' ? undefined : found.why;
      return found;
    },
    problem: () => problem,
    refused: (token) => {
      if (held?.token === token) held = { ...held, isRefused: true };
    },
  };
}

/** Read anew each time: whoever changes it need not restart anything. */
async function passwordOf(
  place: CloudServing['login']['password'],
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | { readonly why: string }> {
  if ('env' in place) {
    const value = env[place.env];
    return value === undefined || value === '' ? { why: `${place.env} is not set` } : value;
  }
  return readFile(place.file, 'utf8').then(
    (text) => text.replace(/\r?\n$/, ''),
    (error: unknown) => ({ why: `reading the password in ${place.file}: ${codeOf(error)}` }),
  );
}

/** Keystone v3, docs.openstack.org/api-ref/identity/v3, "Password authentication with scoped authorization". */
const asked = (login: CloudServing['login'], password: string): object => ({
  auth: {
    identity: {
      methods: ['password'],
      password: { user: { name: login.user, domain: { name: login.userDomain }, password } },
    },
    scope: { project: { name: login.project, domain: { name: login.projectDomain } } },
  },
});

const Issued = z.object({ token: z.object({ expires_at: z.string() }) });

function expiryOf(body: string): number | undefined {
  try {
    const ms = Date.parse(Issued.parse(JSON.parse(body)).token.expires_at);
    return Number.isNaN(ms) ? undefined : ms;
  } catch {
    return undefined;
  }
}
