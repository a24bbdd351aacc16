import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../jobs/redis/free-port.ts';
import { keyFingerprint } from '../../jobs/ssh/known-hosts.ts';
import { type Ssh, openSsh } from '../../jobs/ssh/ssh.ts';
import type { WorkspaceMessage } from '../../sandbox/slack/slack.ts';
import {
  expectNothingHeld,
  onProduct,
  runOfText,
  programStep,
} from '../support/processes/on-product.ts';
import { actionIds, messageText } from '../support/processes/product.ts';
import { type TestSshd, newKey, publicKey, startTestSshd } from '../support/servers/sshd.ts';

const world = onProduct();
/** With a disk that can be filled. */
let small: TestSshd;
let ssh: Ssh;
/** No host of two runs at once is the same machine. */
let partner: TestSshd;
let closedPorts: Readonly<Record<string, number>>;

beforeAll(async () => {
  [small, partner] = await Promise.all([
    startTestSshd({ homeBytes: 16 * 1024 * 1024 }),
    startTestSshd(),
  ]);
  closedPorts = { adrift: await freePort(), pair: await freePort() };
  ssh = openSsh();
  const { product, sshd } = world;
  const { address } = sshd.target();
  const closed = (cloud: string) => ({ address, port: closedPorts[cloud], roles: [] });
  const greet = programStep('greet', 'echo', 'ahoy');
  await Promise.all([
    product.addRunbook('greet', { title: 'Greet', steps: [{ ...greet, title: 'Say ahoy' }] }),
    product.addCloud('adrift', sshd, { hosts: { ctl1: closed('adrift') } }),
    product.addCloud('pair', partner, {
      hosts: { ctl1: { address, roles: [] }, cmp1: closed('pair') },
    }),
  ]);
  // A host gets half a minute to answer; the other tests go on meanwhile.
  for (const cloud of ['adrift', 'pair']) await world.type(`run ${cloud} greet`);
}, 60_000);

afterAll(async () => {
  await ssh.close();
  await Promise.all([small.stop(), partner.stop()]);
});

const cardOf = (cloud: string, words: string): Promise<WorkspaceMessage> =>
  world.cardOf(`Greet · ${cloud}`, words);

describe('a host that must not be touched', () => {
  const [shown, other] = ['shown', 'other'] as const;
  const print = (line: string): string =>
    keyFingerprint(Buffer.from(line.split(' ')[1] ?? '', 'base64'));

  it.each([
    {
      cloud: 'keyless',
      ssh: { key: 'missing' },
      says: ['reading the key {missing}: there is no such file', 'correct ssh.key in the cloud'],
    },
    {
      cloud: 'locked-out',
      ssh: { key: other },
      says: ['it refused the key {other} for user', 'to the authorized keys of'],
    },
    {
      cloud: 'stranger',
      ssh: { knownHosts: 'empty' },
      says: [`it shows ssh-ed25519 {${shown}}, and {empty} holds no key for it`, 'ssh-keyscan -p'],
    },
    {
      cloud: 'changed',
      ssh: { knownHosts: 'changed' },
      says: [
        `its host key changed: it shows ssh-ed25519 {${shown}}, {changed} has ssh-ed25519 {old}`,
        'compare the fingerprint on the console of the host',
      ],
    },
  ])('$cloud', async ({ cloud, ssh: changes, says }) => {
    const { user, port, keyPath: key, knownHostsPath: knownHosts, dir, hostKeys } = world.sshd;
    const path = (name: string): string => join(dir, `${cloud}.${name}`);
    const old = publicKey(newKey(path('old'), 'ed25519'));
    newKey(path(other), 'ed25519');
    await writeFile(path('empty'), '');
    await writeFile(path('changed'), `[127.0.0.1]:${port} ${old}\n`);
    const paths = Object.fromEntries(
      Object.entries(changes).map(([name, file]) => [name, path(file)]),
    );
    await world.product.addCloud(cloud, world.sshd, {
      ssh: { user, port, key, knownHosts, ...paths },
    });

    await world.type(`run ${cloud} greet`);

    const card = await cardOf(cloud, 'not started, because a host was not ready');
    const prints = { shown: print(hostKeys[0] ?? ''), old: print(old) };
    for (const words of says) {
      const filled = words.replaceAll(/\{(\w+)\}/g, (_all, name: string) =>
        Object.hasOwn(prints, name) ? prints[name as keyof typeof prints] : path(name),
      );
      expect(messageText(card)).toContain(filled);
    }
    expect(messageText(card)).toContain(`connecting to ctl1 (127.0.0.1:${port}): `);
    expect(messageText(card)).toContain(`start again: \`/upgrade run ${cloud} greet\``);
    expect(actionIds(card)).toEqual([]);
    await expectNothingHeld(world, cloud);
  });
});

describe('a host whose disk is full', () => {
  const inSession = async (command: string): Promise<string> => {
    let printed = '';
    const onStdout = (chunk: Buffer): void => {
      printed += chunk.toString();
    };
    await ssh.exec(small.target(), { command, onStdout });
    return printed;
  };

  it('starts nothing, says so, and goes on once there is room', async () => {
    await world.product.addCloud('full', small);
    await world.type('run full greet');
    const request = await world.requestOn('full');
    await inSession('cat /dev/zero >~/zero');
    await world.press(request, 'run.approve');

    const failed = await cardOf('full', 'the disk is full: writing to');
    expect(messageText(failed)).toContain('✗ Failed: Say ahoy, on ctl1');
    expect(messageText(failed)).toContain('Put ctl1 right, then try again. Nothing began.');
    expect(messageText(failed)).toContain('*Rollback*  nothing to undo yet');
    expect(actionIds(failed)).not.toContain('run.rollback');
    expect(await inSession('find ~/.hopscotch -name begun')).toBe('');
    await world.type(`abort ${runOfText(failed)}`);
    await cardOf('full', 'aborted');

    await world.type('run full greet');
    const refused = await cardOf('full', 'not started, because a host was not ready');
    expect(messageText(refused)).toMatch(
      /the disk is full: writing to .*, with 0 KiB of room there/,
    );
    expect(await world.product.store((store) => store.lockOf('full'))).toBeUndefined();
    expect(await inSession('find ~/.hopscotch -name begun')).toBe('');

    await inSession('rm ~/zero');
    await world.type('run full greet');
    const again = await world.requestOn('full');
    await world.press(again, 'run.approve');
    await cardOf('full', 'succeeded');
  }, 60_000);
});

describe('a host that does not answer', () => {
  it.each([
    ['adrift', 'ctl1'],
    ['pair', 'cmp1'],
  ])(
    'on %s ends the run before anything begins on any host',
    async (cloud, host) => {
      const card = await cardOf(cloud, 'not started, because a host was not ready');

      expect(messageText(card)).toContain(
        `✗ Not ready: ${host}*  ·  connecting to ${host} (127.0.0.1:${closedPorts[cloud]}): nothing listens on that port (ECONNREFUSED)`,
      );
      expect(messageText(card)).toContain(`Check that ${host} is up, that address and port`);
      expect(messageText(card)).not.toContain('Approval needed:');
      await expectNothingHeld(world, cloud);
    },
    60_000,
  );
});
