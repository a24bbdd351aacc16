import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fingerprint } from '../../jobs/known-hosts.ts';
import { type Ssh, openSsh } from '../../jobs/ssh.ts';
import { people } from '../../sandbox/people.ts';
import type { Message } from '../../sandbox/slack.ts';
import { type Product, buttons, said, startProduct } from '../support/product.ts';
import { type Sshd, freePort, newKey, publicKey, startSshd } from '../support/sshd.ts';

let product: Product;
let sshd: Sshd;
/** With a disk that can be filled. */
let small: Sshd;
let ssh: Ssh;
let closedPort: number;

const greet = {
  id: 'greet',
  title: 'Say ahoy',
  kind: 'command',
  on: 'all',
  params: { run: ['echo', 'ahoy'], undo: [] },
};

beforeAll(async () => {
  [product, sshd, small, closedPort] = await Promise.all([
    startProduct(),
    startSshd(),
    startSshd({ homeBytes: 16 * 1024 * 1024 }),
    freePort(),
  ]);
  ssh = openSsh();
  const { address } = sshd.target();
  const closed = { address, port: closedPort };
  await Promise.all([
    product.addRunbook('greet', { title: 'Greet', steps: [greet] }),
    product.addCloud('harbour', sshd),
    product.addCloud('adrift', sshd, { hosts: { ctl1: { ...closed, roles: [] } } }),
    product.addCloud('pair', sshd, {
      hosts: { ctl1: { address, roles: [] }, cmp1: { ...closed, roles: [] } },
    }),
  ]);
  // A host gets half a minute to answer; the other tests go on meanwhile.
  for (const cloud of ['adrift', 'pair']) await type(ann, `run ${cloud} greet`);
}, 60_000);

afterAll(async () => {
  await product.stop();
  await ssh.close();
  await Promise.all([sshd.stop(), small.stop()]);
});

const { ann, ben, dan } = people;
type Person = (typeof people)[keyof typeof people];

/** What a person is told in private after typing a line. */
const type = ({ id }: Person, text: string): Promise<string> =>
  answer(id, () => product.workspace.control.command({ user: id, text }));

const press = ({ id }: Person, { ts }: Message, actionId: string, value: string): Promise<string> =>
  answer(id, () => product.workspace.control.click({ user: id, ts, actionId, value }));

async function answer(to: string, act: () => Promise<void>): Promise<string> {
  const { control, waitFor } = product.workspace;
  const before = new Set((await control.messages()).map(({ ts }) => ts));
  await act();
  const isNew = ({ ts, ephemeral_to }: Message) => ephemeral_to === to && !before.has(ts);
  return (await waitFor((all) => all.find(isNew), { what: 'an answer' })).text;
}

const cardOf = (cloud: string, words: string): Promise<Message> =>
  product.workspace.waitFor(
    (all) =>
      all.find(
        (message) => message.text.startsWith(`Greet · ${cloud}:`) && said(message).includes(words),
      ),
    { what: `a card of ${cloud} that says: ${words}`, deadlineMs: 50_000 },
  );

const requestOn = (cloud: string): Promise<Message> =>
  product.workspace.waitFor(
    (all) =>
      all.find(
        (message) => buttons(message).includes('run.approve') && said(message).includes(cloud),
      ),
    { what: `the request for approval on ${cloud}` },
  );

const valueOf = (message: Message, actionId: string): string =>
  message.blocks
    ?.flatMap(({ elements = [] }) => elements)
    .find(({ action_id }) => action_id === actionId)?.value ?? '';

const runIn = (message: Message): string => /Run ([0-9a-f]{6})/.exec(message.text)?.[1] ?? '';

/** Whether any step ever began on a host. */
const executions = async ({ home }: Sshd): Promise<string[]> => {
  const names = await readdir(join(home, '.hopscotch')).catch(() => []);
  // A check leaves and removes a file of its own there.
  return names.filter((name) => !name.startsWith('.'));
};

/** A run on this cloud, if there ever was one, is over without a trace: no lock, not active, nothing on its host. */
async function expectNothingHeld(cloud: string): Promise<void> {
  await product.store(async (store) => {
    expect(await store.lockOf(cloud)).toBeUndefined();
    const last = await store.lastOf(cloud);
    if (last === undefined) return;
    expect(await store.active()).not.toContain(last);
    expect(await store.load(last)).toMatchObject({ ended: { outcome: 'refused' }, apply: {} });
  });
  expect(await executions(sshd)).toEqual([]);
}

describe('a line that means nothing', () => {
  it.each([
    ['explode harbour', `I don't know the word "explode".`, 'The words are help, inspect, plan'],
    ['stauts', 'Did you mean status?', 'What they do: /upgrade help'],
    ['run harbour', 'RUNBOOK is missing.', '`/upgrade run CLOUD RUNBOOK`'],
    ['run harbor greet', 'there is no cloud "harbor" in', 'Did you mean harbour?'],
    ['run harbour gret', 'there is no runbook "gret" in', 'there is greet\nDid you mean greet?'],
    ['status 7f3a12', 'there is no run 7f3a12', '/upgrade status'],
    ['approve 7f3a12', 'there is no run 7f3a12', '/upgrade status'],
    ['abort no!', '"no!" is not the id of a run', '/upgrade status lists them'],
  ])('%s', async (line, what, next) => {
    const told = await type(ann, line);

    expect(told).toContain(what);
    expect(told).toContain(next);
    await expectNothingHeld('harbour');
  });
});

/** `2:14` for where the text stands in a file. */
async function placeOf(file: string, text: string): Promise<string> {
  const before = (await readFile(file, 'utf8')).split(text)[0] ?? '';
  const lines = before.split('\n');
  return `${lines.length}:${(lines.at(-1) ?? '').length + 1}`;
}

describe('a file with mistakes', () => {
  it('of a cloud is named by line and column, each mistake with what was expected', async () => {
    await product.addCloud('typo', sshd, { environment: 'prod', chanel: 'C0X' });
    const file = join(product.dir, 'clouds/typo.yaml');

    const told = await type(ann, 'run typo greet');

    expect(told).toContain(`Nothing was done: reading ${file}: 2 problems`);
    expect(told).toContain(
      `${file}:${await placeOf(file, 'prod\n')}: environment: found "prod" (string), expected one of production, verification`,
    );
    expect(told).toContain(
      `${file}:${await placeOf(file, 'chanel')}: chanel: found chanel (unknown key), did you mean channel?`,
    );
    await expectNothingHeld('typo');
  });

  it('of a runbook is, too', async () => {
    const wrong = { ...greet, titel: 'Ahoy', params: { run: 'echo ahoy', undo: [] } };
    await product.addRunbook('typo', { title: 'Typo', steps: [wrong] });
    const file = join(product.dir, 'runbooks/typo.yaml');

    const told = await type(ann, 'run harbour typo');

    expect(told).toContain(
      `${file}:${await placeOf(file, 'titel')}: steps[0].titel: found titel (unknown key), did you mean title?`,
    );
    expect(told).toContain(
      `${file}:${await placeOf(file, 'echo ahoy')}: steps[0].params.run: found "echo ahoy" (string), expected a list`,
    );
    await expectNothingHeld('harbour');
  });
});

describe('a host that must not be touched', () => {
  const [shown, other] = ['shown', 'other'] as const;
  const print = (line: string): string =>
    fingerprint(Buffer.from(line.split(' ')[1] ?? '', 'base64'));

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
    const { user, port, keyPath: key, knownHostsPath: knownHosts, dir, hostKeys } = sshd;
    const at = (name: string): string => join(dir, `${cloud}.${name}`);
    const old = publicKey(newKey(at('old'), 'ed25519'));
    newKey(at(other), 'ed25519');
    await writeFile(at('empty'), '');
    await writeFile(at('changed'), `[127.0.0.1]:${port} ${old}\n`);
    const paths = Object.fromEntries(
      Object.entries(changes).map(([name, file]) => [name, at(file)]),
    );
    await product.addCloud(cloud, sshd, { ssh: { user, port, key, knownHosts, ...paths } });

    await type(ann, `run ${cloud} greet`);

    const card = await cardOf(cloud, 'not started, because a host was not ready');
    const prints = { shown: print(hostKeys[0] ?? ''), old: print(old) };
    for (const words of says) {
      const filled = words.replaceAll(/\{(\w+)\}/g, (_all, name: string) =>
        Object.hasOwn(prints, name) ? prints[name as keyof typeof prints] : at(name),
      );
      expect(said(card)).toContain(filled);
    }
    expect(said(card)).toContain(`connecting to ctl1 (127.0.0.1:${port}): `);
    expect(said(card)).toContain(`start anew: \`/upgrade run ${cloud} greet\``);
    expect(buttons(card)).toEqual([]);
    await expectNothingHeld(cloud);
  });
});

describe('a run on a cloud that another one holds', () => {
  it('is refused with who, since when and why; and an old button does nothing', async () => {
    expect(await type(dan, 'run harbour greet')).toBe(
      `Nothing was done: only engineers of harbour start runs on it\nThese may: <@${ann.id}>`,
    );
    await expectNothingHeld('harbour');
    await type(ann, 'run harbour greet');
    const request = await requestOn('harbour');
    const run = runIn(await cardOf('harbour', 'waits for approval'));

    expect(await type(ann, 'run harbour greet')).toMatch(
      new RegExp(
        `^Nothing was done: harbour is held by run ${run} \\(Greet\\), which <@${ann.id}> started at .*UTC>?\nWait for it to end, or look at it with: /upgrade status ${run}$`,
      ),
    );
    for (const word of ['status', 'pause', 'abort']) {
      expect(await type(dan, `${word} ${run}`)).toContain('only engineers and approvers of');
    }
    const approve = valueOf(request, 'run.approve');
    expect(await press(dan, request, 'run.approve', approve)).toContain(
      `only approvers of this cloud may\nThese may: <@${ben.id}>, <@${people.chie.id}>`,
    );
    expect(await executions(sshd)).toEqual([]);

    const abort = valueOf(await cardOf('harbour', 'waits for approval'), 'run.abort');
    await type(ben, `reject ${run} not today`);
    const card = await cardOf('harbour', 'rejected, nothing was run');
    for (const [message, button, value] of [
      [request, 'run.approve', approve],
      [card, 'run.abort', abort],
    ] as const) {
      expect(await press(ben, message, button, value)).toBe(
        `Nothing was done: Run ${run} ended: rejected, nothing was run.`,
      );
    }
    expect(await press(ben, card, 'run.explode', approve)).toContain('another version');
    expect(await executions(sshd)).toEqual([]);
    expect(await product.store((store) => store.lockOf('harbour'))).toBeUndefined();
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
    await product.addCloud('full', small);
    await type(ann, 'run full greet');
    const request = await requestOn('full');
    await inSession('cat /dev/zero >~/zero');
    await press(ben, request, 'run.approve', valueOf(request, 'run.approve'));

    const failed = await cardOf('full', 'the disk is full: writing to');
    expect(said(failed)).toContain('✗ Failed: Say ahoy, on ctl1');
    expect(said(failed)).toContain('Put ctl1 right, then try again. Nothing began.');
    expect(said(failed)).toContain('*Way out*  nothing to undo yet');
    expect(buttons(failed)).not.toContain('run.rollback');
    expect(await inSession('find ~/.hopscotch -name begun')).toBe('');
    await type(ann, `abort ${runIn(failed)}`);
    await cardOf('full', 'aborted');

    await type(ann, 'run full greet');
    const refused = await cardOf('full', 'not started, because a host was not ready');
    expect(said(refused)).toMatch(/the disk is full: writing to .*, with 0 KiB of room there/);
    expect(await product.store((store) => store.lockOf('full'))).toBeUndefined();
    expect(await inSession('find ~/.hopscotch -name begun')).toBe('');

    await inSession('rm ~/zero');
    await type(ann, 'run full greet');
    const again = await requestOn('full');
    await press(ben, again, 'run.approve', valueOf(again, 'run.approve'));
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

      expect(said(card)).toContain(
        `✗ Not ready: ${host}*  ·  connecting to ${host} (127.0.0.1:${closedPort}): nothing listens on that port (ECONNREFUSED)`,
      );
      expect(said(card)).toContain(`Check that ${host} is up, that address and port`);
      expect(said(card)).not.toContain('Approval needed');
      await expectNothingHeld(cloud);
    },
    60_000,
  );
});
