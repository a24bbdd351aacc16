import { describe, expect, it } from '@jest/globals';
import { openServingLogin } from '../../../openstack/serving/login.ts';
import { openApiProbe } from '../../../openstack/serving/probe-api.ts';
import type { AskOnce, ServingAnswer } from '../../../openstack/serving/request.ts';

const login = {
  url: 'http://cloud/v3',
  user: 'probe',
  userDomain: 'Default',
  project: 'p',
  projectDomain: 'Default',
  password: { env: 'PROBE_PASSWORD' },
};

/** What an API answers, one after the other: a status, a token that keystone gives, or the code of an error. */
type Answer = number | string | { readonly token: string };

function world(
  answers: readonly Answer[],
  env: Readonly<Record<string, string | undefined>> = { PROBE_PASSWORD: 'x' },
) {
  const left = [...answers];
  const asked: string[] = [];
  const ask: AskOnce = async ({ url, method = 'GET', headers = {} }) => {
    asked.push(`${method} ${url} ${headers['x-auth-token'] ?? ''}`.trim());
    const answer = left.shift();
    if (typeof answer === 'string') throw new Error(answer);
    const given = (status: number, token?: string): ServingAnswer => ({
      status,
      headers: token === undefined ? {} : { 'x-subject-token': token },
      body: '',
    });
    return typeof answer === 'object' ? given(201, answer.token) : given(answer ?? 0);
  };
  const session = openServingLogin({ login, timeoutSeconds: 5 }, { ask, env });
  const probe = (url: string, isIdentity = false) =>
    openApiProbe({ url, isIdentity }, { login: session, timeoutMs: 5000, ask });
  return { session, probe, asked };
}

describe('a look at an API', () => {
  it('shows a token of keystone, and asking keystone for one is a look at keystone', async () => {
    const { probe, asked } = world([{ token: 'one' }, 200, 300]);
    const [keystone, nova] = [probe('http://cloud/v3', true), probe('http://cloud:8774')];

    expect(await nova()).toBeUndefined();
    expect(await keystone()).toEqual({ is: 'up' });
    expect([await keystone(), await nova()]).toEqual([{ is: 'up' }, { is: 'up' }]);
    expect(asked).toEqual([
      'POST http://cloud/v3/auth/tokens',
      'GET http://cloud/v3 one',
      'GET http://cloud:8774 one',
    ]);
  });

  it.each([
    [503, 'HTTP 503'],
    [404, 'HTTP 404'],
    ['ECONNREFUSED', 'ECONNREFUSED'],
    ['CERT_HAS_EXPIRED', 'CERT_HAS_EXPIRED'],
    ['no answer within 5 s', 'no answer within 5 s'],
  ] as const)('is down by %s', async (answer, why) => {
    const { session, probe } = world([{ token: 'one' }, answer]);
    await session.renew();

    expect(await probe('http://cloud:8774')()).toEqual({ is: 'down', why });
  });

  it('says nothing of an API that refuses a token, until another one is refused as well', async () => {
    const { session, probe } = world([{ token: 'one' }, 200, 401, { token: 'two' }, 401]);
    const nova = probe('http://cloud:8774');
    await session.renew();
    expect(await nova()).toEqual({ is: 'up' });
    expect(await nova()).toBeUndefined();
    expect(session.isDue()).toBe(true);
    await session.renew();

    expect(await nova()).toEqual({ is: 'down', why: 'HTTP 401' });
  });

  it.each([
    [
      'keystone refuses the login',
      [401],
      { PROBE_PASSWORD: 'x' },
      'keystone refuses the login: HTTP 401',
    ],
    ['its password is not there', [], {}, 'PROBE_PASSWORD is not set'],
    ['keystone is down', [503], { PROBE_PASSWORD: 'x' }, 'HTTP 503'],
  ])('is not assumed where %s', async (_what, answers, env, why) => {
    const { session, probe } = world(answers, env);
    const found = await session.renew();

    expect(found.is).toBe(why === 'HTTP 503' ? 'down' : 'notProbed');
    expect(await probe('http://cloud:8774')()).toEqual({
      is: 'notProbed',
      why: `no token: ${why}`,
    });
  });
});
