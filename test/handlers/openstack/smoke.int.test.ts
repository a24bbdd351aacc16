import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { FakeOpenStack } from '../../support/openstack/fake-openstack.ts';
import { agent, network, server } from '../../support/openstack/openstack-things.ts';
import { StepUnderTest, type StepResult } from '../../support/steps/step.ts';

let cloud: FakeOpenStack;
beforeEach(async () => {
  cloud = await new FakeOpenStack().start();
});
afterEach(async () => cloud.stop());

const building = { status: 'BUILD', 'OS-EXT-STS:task_state': 'networking' };
const active = { status: 'ACTIVE', 'OS-EXT-SRV-ATTR:host': 'cmp1', 'OS-EXT-STS:task_state': null };

describe('smoke', () => {
  it('makes a server, a port and a volume, waits for them, and deletes them', async () => {
    cloud.networks = [
      network('public', { 'router:external': true }),
      network('net1'),
      network('of-others', { project_id: 'p2' }),
    ];
    cloud.agents = [agent('Open vSwitch agent', 'cmp1'), agent('L3 agent', 'ctl1')];
    cloud.servers = [server('vm1'), server('vm2', { status: 'SHUTOFF' })];
    cloud.becomes = [building, active];
    const step = smoke({ volume: true, survivors: ['vm1'] });

    const ran = await applied(step);

    expect(ran).toMatchObject({ isOk: true, stderr: '' });
    expect(readable(ran.stdout)).toEqual([
      'token from URL/v3',
      'servers: 1 ACTIVE, 1 SHUTOFF',
      'survivor vm1: ACTIVE',
      'image cirros, flavor m1.tiny',
      'port MARK on net1: 10.1.0.7',
      'server MARK: BUILD',
      'server MARK: BUILD -> ACTIVE after N s',
      'server MARK: ACTIVE on cmp1',
      'volume MARK: available',
      'server MARK: deleted',
      'port MARK: deleted',
      'volume MARK: deleted',
      '',
    ]);
    const [made] = cloud.said('POST', /servers$/);
    expect(made?.body['server']).toMatchObject({
      name: expect.stringMatching(/^hopscotch-smoke-[0-9a-f]{8}$/),
      imageRef: 'id-of-cirros',
      flavorRef: 'id-of-m1.tiny',
      networks: [{ port: 'port-1' }],
    });
    const words = step.bound.apply.map((one) => one.words.join(' ')).join(' ');
    expect(words + ran.stdout).not.toMatch(/it's secret|token-0/);
    expect([cloud.servers.length, cloud.ports, cloud.volumes]).toEqual([2, [], []]);
    expect(await step.after()).toEqual({ isDone: true, undo: [], isRestored: true });
  });

  it('gives the server no network where no agent would bind its port', async () => {
    cloud.networks = [network('net1')];
    cloud.agents = [agent('Open vSwitch agent', 'cmp1', { alive: false })];

    const ran = await applied(smoke());

    expect(ran).toMatchObject({ isOk: true });
    expect(ran.stdout).toContain('no agent would bind a port of net1 to a host');
    expect(cloud.said('POST', /servers$/)[0]?.body).toMatchObject({ server: { networks: 'none' } });
    expect(cloud.said('POST', /ports$/)).toHaveLength(1);
  });

  it('takes what it is told to, on a host of its own', async () => {
    cloud.networks = [network('net1')];
    const step = smoke({ image: 'debian', flavor: 'm1.big', network: 'none', zone: 'az1:cmp7' });

    expect(await applied(step)).toMatchObject({ isOk: true });
    expect(cloud.said('POST', /servers$/)[0]?.body).toMatchObject({
      server: {
        imageRef: 'id-of-debian',
        flavorRef: 'id-of-m1.big',
        networks: 'none',
        availability_zone: 'az1:cmp7',
      },
    });
    expect(cloud.said('POST', /ports$/)).toEqual([]);
  });

  it('tells why a server is in ERROR, and cleans up', async () => {
    cloud.becomes = [
      building,
      { status: 'ERROR', fault: { code: 500, message: 'No valid host was found. \n' } },
    ];
    const step = smoke({ volume: true });

    const ran = await applied(step);

    expect(ran).toMatchObject({
      isOk: false,
      exit: 1,
      stderr: expect.stringMatching(
        /^smoke: server hopscotch-smoke-\w+ is ERROR: No valid host was found\.\n$/,
      ),
    });
    expect(ran.stdout).toMatch(/volume \S+: available/);
    expect([cloud.servers, cloud.volumes]).toEqual([[], []]);
    expect(await step.after()).toMatchObject({ isDone: true });
  });

  it('waits no longer than it may, and says for what', async () => {
    cloud.becomes = [building];

    expect(await applied(smoke({ timeout: 1 }))).toMatchObject({
      isOk: false,
      stderr: expect.stringMatching(
        /after 1 s it still waits for server \S+ to be ACTIVE: it is BUILD \(networking\)\n$/,
      ),
    });
    expect(cloud.servers).toEqual([]);
  });

  it('names survivors that are gone or not ACTIVE', async () => {
    cloud.servers = [server('vm1'), server('vm2', { status: 'ERROR' })];
    cloud.pageSize = 1;

    const ran = await applied(smoke({ survivors: ['vm1', 'vm2', 'vm3'] }));

    expect(ran).toMatchObject({
      isOk: false,
      stderr: 'smoke: not all survivors are ACTIVE: vm2 is ERROR; vm3 is gone\n',
    });
    expect(ran.stdout).toMatch(/server \S+: ACTIVE on cmp1/);
  });

  it('keeps what it made where that is asked for, and deletes it on rollback', async () => {
    cloud.servers = [server('hopscotch-smoke-of-another-run')];
    cloud.networks = [network('net1')];
    const step = smoke({ keep: true, volume: true });

    expect(await applied(step)).toMatchObject({ isOk: true });
    expect([cloud.servers.length, cloud.ports.length, cloud.volumes.length]).toEqual([2, 1, 1]);
    expect(await step.isDone()).toBeUndefined();

    expect(await step.undo()).toMatchObject({ isOk: true });
    expect(cloud.servers.map(({ name }) => name)).toEqual(['hopscotch-smoke-of-another-run']);
    expect([cloud.ports, cloud.volumes]).toEqual([[], []]);
    expect(await step.isRestored()).toBe(true);
    expect(await step.undo()).toMatchObject({ isOk: true, stdout: '' });
  });

  it('goes on with a new token once the old one has run out', async () => {
    let left = 6;
    cloud.instead = () => {
      if ((left -= 1) === 0) cloud.expireTokens();
      return undefined;
    };

    expect(await applied(smoke())).toMatchObject({ isOk: true });
    expect(cloud.said('POST', /tokens$/).length).toBe(3);
  });

  it('waits for an API that answers with 503 for a while, and says so when it does for good', async () => {
    let times = 2;
    cloud.instead = ({ path }) =>
      /flavors/.test(path) && (times -= 1) >= 0 ? { status: 503 } : undefined;
    expect(await applied(smoke())).toMatchObject({ isOk: true });

    cloud.instead = ({ path }) => (/flavors/.test(path) ? { status: 503 } : undefined);
    expect(await applied(smoke({ timeout: 1 }))).toMatchObject({
      isOk: false,
      stderr: expect.stringMatching(
        /^smoke: asking for compute: GET http\S+\/flavors\/detail: HTTP 503, for 1 s\n$/,
      ),
    });
  });

  it('cleans up a server that it was never told of', async () => {
    cloud.instead = ({ method, path, body }) => {
      if (method !== 'POST' || !path.endsWith('/servers')) return undefined;
      cloud.servers.push({ ...server('x'), ...Object(body['server']), id: 'lost' });
      return { status: 504 };
    };

    expect(await applied(smoke())).toMatchObject({
      isOk: false,
      stderr: expect.stringMatching(/POST compute \/servers: HTTP 504/),
    });
    expect(cloud.servers).toEqual([]);
  });

  it('says what stays when it cannot be deleted', async () => {
    cloud.instead = ({ method, path }) =>
      method === 'DELETE' && path.includes('/servers/')
        ? { status: 500, body: { computeFault: { code: 500, message: 'Unexpected API Error.' } } }
        : undefined;
    const step = smoke();

    expect(await applied(step)).toMatchObject({
      isOk: false,
      stderr: expect.stringMatching(
        /DELETE compute \/servers\/\S+ HTTP 500 Unexpected API Error\./,
      ),
    });
    expect(await step.isDone()).toBe(false);
    cloud.instead = () => undefined;
    expect(await step.undo()).toMatchObject({
      isOk: true,
      stdout: expect.stringMatching(/deleted/),
    });
  });

  it.each([
    [
      'sets another password',
      'OS_PASSWORD=wrong\n',
      /asking for a token at http.*: HTTP 401 The request you have made/,
    ],
    ['sets no password', 'unset OS_PASSWORD\n', /openrc sets no OS_PASSWORD/],
    [
      'names an API that is not there',
      'OS_AUTH_URL=http://127.0.0.1:1\n',
      /127\.0\.0\.1:1\/v3\/auth\/tokens: Connection refused/,
    ],
    ['is no shell script', 'if\n', /bash cannot read .*openrc: exit \d/],
  ])('refuses to begin when its openrc %s', async (_what, more, reason) => {
    writeFileSync(cloud.openrc, more, { flag: 'a' });
    const step = smoke({ timeout: 1 });
    const found = await step.probe();

    expect(() => step.bound.isDone(found)).toThrow(reason);
    expect(JSON.stringify(found)).not.toMatch(/secret|wrong/);
  });
});

const smoke = (rest: object = {}): StepUnderTest =>
  new StepUnderTest('smoke', { openrc: cloud.openrc, ...rest });

async function applied(step: StepUnderTest): Promise<StepResult> {
  const ran = await step.apply();
  if (ran === 'unchanged') throw new Error('it did nothing');
  return ran;
}

const readable = (text: string): string[] =>
  text
    .replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, 'URL')
    .replaceAll(/hopscotch-smoke-\w+/g, 'MARK')
    .replaceAll(/after \d+ s/g, 'after N s')
    .split('\n');
